import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneLine, quoted } from '../../../src/values/quote.ts';

const LINES: readonly (readonly [text: string, line: string])[] = [
  ['', ''],
  ['plain words', 'plain words'],
  ['  two\r\n lines\t ', 'two lines'],
  ['red \u001b[31mtext\u0007', 'red [31mtext'],
  ['C1 \u009b31m', 'C1 31m'],
  ['right \u202eto left', 'right to left'],
  ['ħéłłø ⚓ 👍🏽', 'ħéłłø ⚓ 👍🏽'],
];

for (const [text, line] of LINES) {
  test(`${JSON.stringify(text)} on one line`, () => assert.equal(oneLine(text), line));
}

test('a very long text is cut', () => {
  assert.equal(oneLine('a'.repeat(2000)).length, 2000);
  assert.equal(oneLine('a'.repeat(2001)), `${'a'.repeat(2000)}…`);
});

const QUOTES: readonly (readonly [text: string, shown: string])[] = [
  ['', "''"],
  ['a b', "'a b'"],
  ['a\u001b[2J\n', "'a\\u001b[2J\\u000a'"],
  ['\u202e', "'\\u202e'"],
  ['a'.repeat(101), `'${'a'.repeat(100)}…'`],
];

for (const [text, shown] of QUOTES) {
  test(`${JSON.stringify(text)} in quotes`, () => assert.equal(quoted(text), shown));
}
