import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBackoff } from '../../../../src/logs/core/read-backoff.ts';

test('pauses start at none and grow to two seconds, after a minute to ten', () => {
  const quick = { livedMs: 50, progress: false, cleanEnd: false, silent: false, failure: undefined };
  const pauses: number[] = [];
  for (let failures = 0; failures < 40; failures = readBackoff(failures, quick, 0.5).failures) {
    pauses.push(readBackoff(failures, quick, 0.5).pauseMs);
  }
  assert.deepEqual(pauses.slice(0, 8), [0, 100, 200, 400, 800, 1600, 2000, 2000]);
  assert.equal(pauses.at(-1), 10_000);
});

const kinds: readonly (readonly [name: string, failures: number, end: object, pauseMs: number])[] = [
  ['that had lived', 7, { livedMs: 5000 }, 0],
  ['that had lived for less', 7, { livedMs: 4999 }, 2000],
  ['that is one of many', 31, {}, 2000],
  ['that is one of very many', 32, {}, 10_000],
  ['that ended cleanly with nothing new, for the first time', 0, { cleanEnd: true }, 0],
  ['that brought new lines, for the first time', 0, { progress: true }, 0],
  ['that brought new lines, often', 7, { progress: true }, 100],
  ['that ended cleanly with nothing new, twice', 1, { cleanEnd: true }, 500],
  ['that ended cleanly and had never brought anything', 0, { cleanEnd: true, silent: true }, 2000],
  ['that is forbidden', 30, { failure: { kind: 'lasting', message: 'no' } }, 30_000],
];
for (const [name, failures, end, pauseMs] of kinds) {
  test(`the pause after a read ${name}`, () => {
    const plain = { livedMs: 50, progress: false, cleanEnd: false, silent: false, failure: undefined };
    assert.equal(readBackoff(failures, { ...plain, ...end }, 0.5).pauseMs, pauseMs);
  });
}

test('pauses are spread by a quarter', () => {
  const end = { livedMs: 50, progress: false, cleanEnd: true, silent: false, failure: undefined };
  const spread = (failures: number, reason = end) =>
    [0, 1].map((random) => readBackoff(failures, reason, random).pauseMs);
  assert.deepEqual(spread(1), [375, 625]);
  assert.deepEqual(spread(9), [1500, 2500]);
  assert.deepEqual(spread(0, { ...end, silent: true }), [1500, 2500]);
});
