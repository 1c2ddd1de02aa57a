import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodePod, decodePodList, decodeWatchEvent } from '../../../src/pods/core/pod.ts';
import { selectorOfWorkload } from '../../../src/request/core/target.ts';
import { boolean, integer, list, object, optional, string, stringMap } from '../../../src/values/decode.ts';
import { UserError } from '../../../src/values/errors.ts';

const nested = object((field) => field('items', list(object((item) => item('name', string)))));

test('values of the expected form pass', () => {
  assert.deepEqual(nested({ items: [{ name: 'a', more: 1 }] }, ''), ['a']);
  assert.equal(integer(7, ''), 7);
  assert.equal(boolean(false, ''), false);
  assert.deepEqual(stringMap({ a: 'b' }, ''), { a: 'b' });
});

test('absent and null are the same', () => {
  assert.equal(optional(string)(null, ''), undefined);
  assert.deepEqual(list(string)(null, ''), []);
  assert.deepEqual(stringMap(null, ''), {});
  assert.deepEqual(nested({ items: null }, ''), []);
});

test('a member of a member is read, and where ? says so its owner may be absent', () => {
  const inner = object((field) => [
    field('a.b', integer),
    field('c?.d', optional(integer)),
    field('e?.f.g', list(integer)),
  ]);
  assert.deepEqual(inner({ a: { b: 1 } }, ''), [1, undefined, []]);
  assert.deepEqual(inner({ a: { b: 1 }, c: { d: 2 }, e: { f: { g: [3] } } }, ''), [1, 2, [3]]);
});

test('inherited members are not there', () => {
  const read = object((field) => field('toString', optional(string)));
  assert.equal(read({}, ''), undefined);
});

const FAILURES: readonly (readonly [decode: () => unknown, message: string])[] = [
  [() => nested({ items: [{ name: 'a' }, { name: 7 }] }, ''), 'items[1].name: expected a string, got a number'],
  [() => nested({ items: [[]] }, ''), 'items[0]: expected an object, got a list'],
  [() => nested(undefined, ''), 'expected an object, got nothing'],
  [() => object((field) => field('a.b', string))({}, 'x'), 'x.a: expected an object, got nothing'],
  [() => object((field) => field('a?.b', optional(string)))({ a: 1 }, ''), 'a: expected an object, got a number'],
  [() => object((field) => field('a.b', string))({ a: { b: 1 } }, ''), 'a.b: expected a string, got a number'],
  [() => integer(1.5, 'a'), 'a: expected a whole number, got a number'],
  [() => integer('1', 'a'), 'a: expected a number, got a string'],
  [() => boolean(0, 'a'), 'a: expected true or false, got a number'],
  [() => stringMap({ 'a b': true }, 'a'), 'a["a b"]: expected a string, got a boolean'],
];

for (const [decode, message] of FAILURES) {
  test(`a failure names its place: ${message}`, () => {
    assert.throws(decode, (error) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.message, `kubectl printed something unexpected: ${message}`);
      assert.match(error.hint ?? '', /--kubectl/);
      return true;
    });
  });
}

const WORDS = [
  'metadata',
  'name',
  'spec',
  'status',
  'containers',
  'initContainers',
  'containerStatuses',
  'ports',
  'state',
];
const junk = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, 0, -1, 8080, 1e300, '', 'a', '__proto__', 'Always', '2026-01-02T03:04:05Z'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(...WORDS, 'kind', 'items', 'type', 'object', 'conditions', 'selector', '__proto__'),
      tie('value'),
    ),
  ),
})).value;

/** A pod with one of its members replaced by anything. */
const damagedPod = fc
  .tuple(fc.constantFrom('metadata', 'spec', 'status', 'kind'), junk)
  .map(([key, value]) => ({ metadata: { name: 'a' }, spec: { containers: [{ name: 'go' }] }, [key]: value }));

for (const [title, decode] of [
  ['a pod', decodePod],
  ['a list of pods', decodePodList],
  ['a list with a damaged pod', (value: unknown) => decodePodList({ kind: 'List', items: [value] })],
  ['a watch event', (value: unknown) => decodeWatchEvent({ type: 'ADDED', object: value })],
  ['a workload', (value: unknown) => selectorOfWorkload(value, 'deployment')],
] as const) {
  test(`whatever JSON comes for ${title}, it is decoded or a clear error`, () => {
    fc.assert(
      fc.property(fc.oneof(junk, damagedPod), (value) => {
        try {
          decode(value);
        } catch (error) {
          assert.ok(error instanceof UserError, String(error));
        }
      }),
      { numRuns: 300 },
    );
  });
}
