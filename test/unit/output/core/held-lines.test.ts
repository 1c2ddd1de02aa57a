import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldLines } from '../../../../src/output/core/held-lines.ts';

function hold(count: number): readonly string[] {
  const held = new HeldLines();
  for (let n = 1; n <= count; n++) held.add(`line ${n}`);
  return held.lines;
}

const CASES: readonly (readonly [count: number, kept: number, first: string | undefined])[] = [
  [0, 0, undefined],
  [3, 3, 'line 1'],
  [20, 20, 'line 1'],
  [21, 21, '1 earlier lines are left out'],
  [1000, 21, '980 earlier lines are left out'],
];
for (const [count, kept, first] of CASES) {
  test(`of ${count} lines the last 20 are kept, and the others counted`, () => {
    const lines = hold(count);
    assert.equal(lines.length, kept);
    assert.equal(lines[0], first);
    assert.equal(lines.at(-1), count === 0 ? undefined : `line ${count}`);
  });
}
