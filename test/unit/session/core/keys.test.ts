import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEY_LINES, type Key, keyOf } from '../../../../src/session/core/keys.ts';

const LINES: readonly (readonly [line: string, key: Key | undefined])[] = [
  ['h', 'help'],
  ['u', 'urls'],
  ['o', 'open'],
  ['c', 'clear'],
  ['q', 'end'],
  [' q ', 'end'],
  ['', undefined],
  ['Q', undefined],
  ['quit', undefined],
  ['x', undefined],
];
for (const [line, key] of LINES) {
  test(`"${line}" is ${key ?? 'no key'}`, () => assert.equal(keyOf(line), key));
}

test('each key has a line that says what it does', () => {
  for (const line of KEY_LINES) assert.ok(keyOf(line[0] ?? ''), line);
  assert.equal(new Set(KEY_LINES).size, 5);
});
