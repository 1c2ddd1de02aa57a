import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Availability, availabilityOf } from '../../../../src/pods/core/availability.ts';
import type { ContainerState } from '../../../../src/pods/core/container.ts';
import type { Pod } from '../../../../src/pods/core/pod.ts';
import { makeContainer, makePod, makeStatus } from '../../pod-maker.ts';

const waiting: ContainerState = { kind: 'waiting', reason: 'CrashLoopBackOff', message: undefined };
const ended: ContainerState = { kind: 'terminated', exitCode: 0, reason: undefined, containerId: 'c' };
const withStatus = (state: ContainerState | undefined): Partial<Pod> => ({
  containers: [
    makeContainer('go', [8080], { status: state && makeStatus({ state, containerId: 'c' }) }),
    makeContainer('other', [80], { status: makeStatus({ state: waiting }) }),
  ],
});

const CASES: readonly (readonly [title: string, pod: Partial<Pod>, availability: Availability, id?: string])[] = [
  ['that runs is open', withStatus({ kind: 'running' }), 'open', 'c'],
  [
    'of a pod that is not ready is open all the same',
    { ...withStatus({ kind: 'running' }), ready: false },
    'open',
    'c',
  ],
  [
    'that runs in a pod being deleted is terminating',
    { ...withStatus({ kind: 'running' }), terminating: true },
    'terminating',
    'c',
  ],
  ['that waits is down', withStatus(waiting), 'down'],
  ['that has ended is down', withStatus(ended), 'down'],
  ['that has ended in a pod being deleted is down', { ...withStatus(ended), terminating: true }, 'down'],
  ['without a status is open', withStatus(undefined), 'open'],
  ['that the pod lacks is open', { containers: [] }, 'open'],
];
for (const [title, pod, availability, containerId] of CASES) {
  test(`a container ${title}`, () => {
    assert.deepEqual(availabilityOf(makePod(pod), 'go'), { availability, containerId });
  });
}
