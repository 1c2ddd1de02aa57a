import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBuildId, makeBuildId } from '../../../../src/up/core/build-id.ts';

const zeros = new Uint8Array(10);
const ones = new Uint8Array(10).fill(255);

test('a build ID holds its millisecond and its random bytes as a ULID does', () => {
  assert.equal(makeBuildId(0, zeros), '00000000000000000000000000');
  assert.equal(makeBuildId(1_469_918_176_385, zeros), '01ARYZ6S410000000000000000');
  assert.equal(makeBuildId(2 ** 48 - 1, ones), '7ZZZZZZZZZZZZZZZZZZZZZZZZZ');
});

const LAST = '01ARYZ6S41ZZZZZZZZZZZZZZZY';
const cases: readonly (readonly [title: string, nowMs: number, expected: string])[] = [
  ['in the same millisecond is the next one', 1_469_918_176_385, '01ARYZ6S41ZZZZZZZZZZZZZZZZ'],
  ['after the clock was set back is the next one', 1_469_918_000_000, '01ARYZ6S41ZZZZZZZZZZZZZZZZ'],
  ['in a later millisecond is of that one', 1_469_918_176_386, '01ARYZ6S420000000000000000'],
];
for (const [title, nowMs, expected] of cases) {
  test(`a build ID that follows another ${title}`, () => assert.equal(makeBuildId(nowMs, zeros, LAST), expected));
}

test('a build ID has no letter that may be mistaken, and nothing else is one', () => {
  assert.ok(isBuildId('01C9HJKRQ7VZ3C4G9KBCS41BFJ'));
  for (const text of [
    '',
    '01c9hjkrq7vz3c4g9kbcs41bfj',
    '81C9HJKRQ7VZ3C4G9KBCS41BFJ',
    '01C9HJKRQ7VZ3C4G9KBCS41BFI',
    '../x',
  ]) {
    assert.equal(isBuildId(text), false, text);
  }
});
