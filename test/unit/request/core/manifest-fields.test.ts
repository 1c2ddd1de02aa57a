import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asTable, Fields } from '../../../../src/request/core/manifest-fields.ts';
import { UserError } from '../../../../src/values/errors.ts';

const CASES: readonly [
  title: string,
  value: unknown,
  read: (fields: Fields) => unknown,
  expected: unknown,
  problems: string[],
][] = [
  ['a text', 'web', (fields) => fields.text('key'), 'web', []],
  ['an empty text', '', (fields) => fields.text('key'), undefined, []],
  ['a missing text', undefined, (fields) => fields.text('key'), undefined, []],
  [
    'a text that looks like a flag',
    '--all',
    (fields) => fields.text('key'),
    undefined,
    ["key: expected one line that doesn't start with '-', got '--all'"],
  ],
  ['a number for a text', 1, (fields) => fields.text('key'), undefined, ['key: expected a text, got 1']],
  [
    'a text that fails its test',
    'UP',
    (fields) => fields.text('key', (text) => text === 'down', 'down'),
    undefined,
    ["key: expected down, got 'UP'"],
  ],
  ['a switch', true, (fields) => fields.flag('key'), true, []],
  ['a missing switch', undefined, (fields) => fields.flag('key'), false, []],
  ['a word for a switch', 'yes', (fields) => fields.flag('key'), false, ["key: expected true or false, got 'yes'"]],
  ['a number', 3, (fields) => fields.count('key', 5, 9), 3, []],
  ['a missing number', undefined, (fields) => fields.count('key', 5, 9), 5, []],
  [
    'a number that is too large',
    10,
    (fields) => fields.count('key', 5, 9),
    5,
    ['key: expected a whole number from 0 to 9, got 10'],
  ],
  ['a fraction', 1.5, (fields) => fields.count('key', 5, 9), 5, ['key: expected a whole number from 0 to 9, got 1.5']],
  ['a list', ['a', 'b'], (fields) => fields.list('key'), ['a', 'b'], []],
  ['a missing list', undefined, (fields) => fields.list('key'), [], []],
  ['a text for a list', 'a', (fields) => fields.list('key'), [], ["key: expected a list, got 'a'"]],
  [
    'a list with a table and a flag in it',
    ['a', {}, '-b'],
    (fields) => fields.list('key'),
    ['a'],
    ['key[1]: expected a text, got a table', "key[2]: expected texts that don't start with '-', got '-b'"],
  ],
  ['a table of texts', { a: 'b' }, (fields) => fields.texts('key'), { a: 'b' }, []],
  ['a list for a table', [], (fields) => fields.texts('key'), {}, ['key: expected a table, got a list']],
  [
    'a table with a name and a value that cannot be',
    { '-a': 'b', c: true },
    (fields) => fields.texts('key'),
    { '-a': 'b', c: 'true' },
    ["key: '-a' is not a name that can be passed on", 'key.c: expected a text, got true'],
  ],
  ['what a parser makes of it', 'x', (fields) => fields.parsed('key', () => 7, 0), 7, []],
  [
    'what a parser refuses',
    'x',
    (fields) =>
      fields.parsed(
        'key',
        () => {
          throw new UserError('it is odd');
        },
        0,
      ),
    0,
    ['key: it is odd'],
  ],
];

for (const [title, value, read, expected, problems] of CASES) {
  test(`${title} in draft.toml is read`, () => {
    const fields = new Fields(value === undefined ? {} : { key: value });
    assert.deepEqual(read(fields), expected);
    assert.deepEqual(fields.problems, problems);
  });
}

test('an error that is no mistake of the user is not swallowed', () => {
  const fail = () =>
    new Fields({}).parsed(
      'key',
      () => {
        throw new TypeError('a bug');
      },
      0,
    );
  assert.throws(fail, TypeError);
});

test('every key that was asked for is known, and none is inherited', () => {
  const fields = new Fields({ a: 'x' });
  assert.equal(fields.text('a'), 'x');
  assert.equal(fields.raw('constructor'), undefined);
  assert.deepEqual(fields.known, ['a', 'constructor']);
});

test('only a table is a table', () => {
  assert.deepEqual(
    [{}, [], 'a', 1, new Date(0), null].map((value) => asTable(value) !== undefined),
    [true, false, false, false, false, false],
  );
});
