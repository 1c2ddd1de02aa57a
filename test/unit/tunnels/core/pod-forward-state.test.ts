import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  awaitsNews,
  isRenewed,
  NEWS_MS,
  nextPodForwardState,
  type PodForwardEvent,
  type PodForwardState,
  patienceMs,
} from '../../../../src/tunnels/core/pod-forward-state.ts';

const starting = (failures = 0): PodForwardState => ({ kind: 'starting', failures });
const listening: PodForwardState = { kind: 'listening', sinceMs: 5 };
const retiring: PodForwardState = { kind: 'retiring' };
const over: PodForwardState = { kind: 'ended' };
const ended = (causedByApp = false): PodForwardEvent => ({ kind: 'kubectl-ended', causedByApp });

const CASES: readonly (readonly [title: string, PodForwardState, PodForwardEvent, PodForwardState])[] = [
  ['listens', starting(2), { kind: 'listening' }, listening],
  ['starts again', listening, ended(), starting(0)],
  ['counts starts that failed', starting(2), ended(), starting(3)],
  ['does not count one that the application ended', starting(2), ended(true), starting(2)],
  ['retires while it starts', starting(2), { kind: 'retired' }, retiring],
  ['retires while it listens', listening, { kind: 'retired' }, retiring],
  ['may be told to retire again', retiring, { kind: 'retired' }, retiring],
  ['listens no more once it retires', retiring, { kind: 'listening' }, retiring],
  ['retires on when its kubectl ends', retiring, ended(), retiring],
  ['ends with its last connection', retiring, { kind: 'emptied' }, over],
  ['goes on without connections as long as it serves', listening, { kind: 'emptied' }, listening],
  ['is over for good', over, { kind: 'listening' }, over],
];
for (const [title, state, event, expected] of CASES) {
  test(`it ${title}`, () => {
    assert.deepEqual(nextPodForwardState(state, event, 5), expected);
  });
}

test('what may have reached the next container already is waited for longer', () => {
  assert.equal(patienceMs(2_999), 60_000);
  assert.equal(patienceMs(3_000), 5_000);
});

test('a kubectl forwards to the container of the news if it was started after a recent refusal', () => {
  assert.equal(isRenewed(1_100, 1_000, 3_999), true);
  assert.equal(isRenewed(1_100, 1_000, 4_000), false);
  assert.equal(isRenewed(900, 1_000, 2_000), false);
  assert.equal(isRenewed(900, Number.NEGATIVE_INFINITY, 2_000), false);
});

const NEWS_CASES: readonly (readonly [title: string, PodForwardState, number | undefined, number, boolean])[] = [
  ['while the pod is watched', listening, Number.POSITIVE_INFINITY, 6, false],
  ['before the first watch', listening, undefined, 6, false],
  ['when it listened before the watch was lost', listening, 6, 7, false],
  ['when it began to listen without a watch', listening, 4, 6, true],
  ['not for ever', listening, 4, 5 + NEWS_MS, false],
  ['before it listens', starting(), 4, 6, false],
  ['once it retires', retiring, 4, 6, false],
];
for (const [title, state, blindSinceMs, nowMs, awaits] of NEWS_CASES) {
  test(`a forward ${awaits ? 'waits' : 'does not wait'} for news of its pod ${title}`, () =>
    assert.equal(awaitsNews(state, blindSinceMs, nowMs), awaits));
}
