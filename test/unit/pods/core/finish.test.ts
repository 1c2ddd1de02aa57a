import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Finish, finishOfJob, finishOfPod } from '../../../../src/pods/core/finish.ts';
import type { Pod } from '../../../../src/pods/core/pod.ts';
import { makeContainer, makePod, makeStatus } from '../../pod-maker.ts';

const show = (finish: Finish | undefined) =>
  finish === undefined ? 'goes on' : finish.kind === 'succeeded' ? finish.message : `Error: ${finish.error.message}`;

const exit = (exitCode: number) =>
  makeStatus({ state: { kind: 'terminated', exitCode, reason: undefined, containerId: undefined } });
const succeeded = makePod({
  ready: false,
  phase: 'Succeeded',
  containers: [makeContainer('go', [], { status: exit(0) })],
});
const failed = makePod({ ready: false, phase: 'Failed', containers: [makeContainer('go', [], { status: exit(3) })] });
const FAILURE = 'pod web-1 has ended (Failed): container go ended with exit code 3';

const PODS: readonly (readonly [title: string, pod: Pod, finish: string])[] = [
  ['that runs', makePod(), 'goes on'],
  ['that has succeeded', succeeded, 'pod web-1 has ended (Succeeded)'],
  ['that has failed', failed, `Error: ${FAILURE}`],
  ['that is terminating', { ...succeeded, terminating: true }, 'goes on'],
  ['that a StatefulSet makes again', { ...failed, owner: { kind: 'StatefulSet', name: 'web' } }, 'goes on'],
];
for (const [title, pod, finish] of PODS) {
  test(`a pod ${title}: ${finish}`, () => assert.equal(show(finishOfPod(pod)), finish));
}

const condition = (type: string, status = 'True', reason?: string) => ({
  status: { conditions: [{ type, status, reason }] },
});
const JOBS: readonly (readonly [title: string, job: unknown, pod: Pod | undefined, finish: string])[] = [
  ['without a status', {}, succeeded, 'goes on'],
  ['without conditions', { status: { active: 1 } }, succeeded, 'goes on'],
  ['of which a condition is not met', condition('Complete', 'False'), succeeded, 'goes on'],
  ['that is suspended', condition('Suspended'), undefined, 'goes on'],
  ['that is complete', condition('Complete'), succeeded, 'job import is complete'],
  [
    'that has failed',
    condition('Failed', 'True', 'BackoffLimitExceeded'),
    failed,
    `Error: job import has failed (BackoffLimitExceeded): ${FAILURE}`,
  ],
  [
    'that has failed although its pod has not',
    condition('Failed', 'True', 'DeadlineExceeded'),
    succeeded,
    'Error: job import has failed (DeadlineExceeded)',
  ],
  ['that has failed without a word', condition('Failed'), undefined, 'Error: job import has failed'],
];
const PLACE = { context: 'test', namespace: 'data' };
for (const [title, job, pod, finish] of JOBS) {
  test(`a Job ${title}: ${finish}`, () => assert.equal(show(finishOfJob(job, 'import', pod, PLACE)), finish));
}

test('the hint about a Job that has failed names its place', () => {
  const finish = finishOfJob(condition('Failed'), 'import', undefined, PLACE);
  assert.equal(
    finish?.kind === 'failed' && finish.error.hint,
    'look at it with: kubectl describe job/import -n data --context test',
  );
});
