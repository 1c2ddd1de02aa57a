import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { watchForGaps } from '../../../src/processes/heartbeat.ts';

test('a gap of the wall clock between two ticks is noticed, once', () => {
  mock.timers.enable({ apis: ['setInterval'] });
  let nowMs = 0;
  const gaps: number[] = [];
  const stop = watchForGaps(
    (gapMs) => gaps.push(gapMs),
    () => nowMs,
  );
  const tick = (ms: number) => {
    nowMs += ms;
    mock.timers.tick(1_000);
  };
  tick(1_000);
  tick(5_999);
  assert.deepEqual(gaps, []);
  tick(6_000);
  tick(1_000);
  // Somebody has set the clock.
  tick(-3_600_000);
  assert.deepEqual(gaps, [5_000]);
  stop();
  tick(60_000);
  assert.deepEqual(gaps, [5_000]);
  mock.timers.reset();
});
