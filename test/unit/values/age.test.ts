import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderAge } from '../../../src/values/age.ts';

const CASES: readonly [durationMs: number, text: string][] = [
  [-5, '0s'],
  [0, '0s'],
  [999, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [192_000, '3m12s'],
  [12 * 60_000 + 5000, '12m'],
  [2 * 3_600_000 + 5 * 60_000, '2h5m'],
  [26 * 3_600_000, '1d2h'],
  [40 * 86_400_000, '40d'],
];

for (const [durationMs, text] of CASES) {
  test(`${durationMs} ms are ${text}`, () => assert.equal(renderAge(durationMs), text));
}
