import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ChildEvent,
  type ChildState,
  nextChildState,
  PAUSES,
  pauseMs,
} from '../../../../src/processes/core/supervision.ts';

const MIDDLE = 0.5;

const PAUSE_CASES: readonly (readonly [failures: number, random: number, ms: number])[] = [
  [0, MIDDLE, 0],
  [1, MIDDLE, 100],
  [2, MIDDLE, 200],
  [3, MIDDLE, 400],
  [20, MIDDLE, 3_000],
  [1, 0, 75],
  [1, 1, 125],
];
for (const [failures, random, ms] of PAUSE_CASES) {
  test(`the pause after ${failures} failures with jitter ${random} is ${ms} ms`, () => {
    assert.equal(pauseMs(failures, random), ms);
  });
}

const starting = (failures: number): ChildState => ({ kind: 'starting', failures });
const running = (sinceMs: number, failures: number): ChildState => ({ kind: 'running', sinceMs, failures });
const pausing = (untilMs: number, failures: number): ChildState => ({ kind: 'pausing', untilMs, failures });
const ended: ChildEvent = { kind: 'ended', causedByApp: false };

const STEPS: readonly (readonly [title: string, from: ChildState, event: ChildEvent, to: ChildState])[] = [
  ['works', starting(2), { kind: 'ready' }, running(1_000, 2)],
  ['is started again at once after its first end', starting(0), ended, pausing(1_000, 1)],
  ['waits longer each time it fails', starting(3), ended, pausing(1_400, 4)],
  ['counts on when it was ready for a moment only', running(1_000 - PAUSES.provenMs + 1, 2), ended, pausing(1_200, 3)],
  ['counts anew when it had proved itself', running(1_000 - PAUSES.provenMs, 7), ended, pausing(1_000, 1)],
  ['counts anew when it was not its fault', running(999, 7), { kind: 'ended', causedByApp: true }, pausing(1_000, 1)],
  ['starts when its pause is over', pausing(1_000, 4), { kind: 'timer' }, starting(4)],
  ['stays in its pause when the timer comes early', pausing(1_001, 4), { kind: 'timer' }, pausing(1_001, 4)],
  ['starts at once when it is retried', pausing(9_000, 4), { kind: 'retried' }, starting(0)],
  ['is not disturbed by a retry while it works', running(0, 1), { kind: 'retried' }, running(0, 1)],
  ['stops from work', running(0, 1), { kind: 'stopped' }, { kind: 'stopped' }],
  ['stays stopped when it ends', { kind: 'stopped' }, ended, { kind: 'stopped' }],
  ['stays stopped when it is retried', { kind: 'stopped' }, { kind: 'retried' }, { kind: 'stopped' }],
  ['ends once only', pausing(5_000, 2), ended, pausing(5_000, 2)],
];
for (const [title, from, event, to] of STEPS) {
  test(`a child ${title}`, () => assert.deepEqual(nextChildState(from, event, 1_000, MIDDLE), to));
}
