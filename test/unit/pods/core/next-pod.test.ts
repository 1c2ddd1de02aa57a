import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endedForGood, succeed } from '../../../../src/pods/core/next-pod.ts';
import type { Pod } from '../../../../src/pods/core/pod.ts';
import { makePod } from '../../pod-maker.ts';

const owned = (hash: string, deployment = 'web') => ({
  labels: { 'pod-template-hash': hash },
  owner: { kind: 'ReplicaSet', name: `${deployment}-${hash}` },
});
const current = makePod({ name: 'now', uid: 'now', createdMs: 10, ready: true, phase: 'Running', ...owned('a') });
const other = (fields: Partial<Pod>): Pod =>
  makePod({ name: 'next', uid: 'next', createdMs: 20, ready: true, phase: 'Running', ...owned('a'), ...fields });

const CASES: readonly (readonly [title: string, pods: readonly Pod[], outcome: string, pod?: string])[] = [
  ['stays on a pod that serves', [current], 'stay'],
  ['stays while another replica is replaced', [current, other({})], 'stay'],
  ['stays when it is not ready for a while', [{ ...current, ready: false }, other({})], 'stay'],
  ['moves to a ready pod of a newer revision', [current, other(owned('b'))], 'move', 'next'],
  ['stays when the other revision is older', [current, other({ ...owned('b'), createdMs: 5 })], 'stay'],
  ['stays when the other pod is of another workload', [current, other(owned('b', 'canary'))], 'stay'],
  ['prepares a newer revision that runs', [current, other({ ...owned('b'), ready: false })], 'prepare', 'next'],
  [
    'stays while a newer revision is pending',
    [current, other({ ...owned('b'), ready: false, phase: 'Pending' })],
    'stay',
  ],
  ['moves when its pod ends and another is ready', [{ ...current, terminating: true }, other({})], 'move', 'next'],
  ['moves when its pod is gone and another is ready', [other({})], 'move', 'next'],
  ['prepares what comes next when its pod is gone', [other({ ready: false })], 'prepare', 'next'],
  ['waits when its pod is gone and the next is pending', [other({ ready: false, phase: 'Pending' })], 'wait'],
  ['waits when its pod is gone and there is no other', [], 'wait'],
  ['waits when its pod has ended', [{ ...current, phase: 'Failed' }], 'wait'],
  ['waits when every pod is terminating', [{ ...current, terminating: true }, other({ terminating: true })], 'wait'],
  ['moves to the pod of the same name that came back', [other({ name: 'now' })], 'move', 'now'],
];
for (const [title, pods, outcome, name] of CASES) {
  test(`a connection ${title}`, () => {
    const next = succeed(current, pods);
    assert.deepEqual([next.kind, 'pod' in next ? next.pod.name : undefined], [outcome, name]);
  });
}

test('only pods of the wanted build succeed', () => {
  const wrong = other({ annotations: { buildID: 'old' } });
  assert.equal(succeed(current, [wrong], { buildId: 'new' }).kind, 'wait');
  assert.equal(succeed(current, [other({ annotations: { buildID: 'new' } })], { buildId: 'new' }).kind, 'move');
});

test('a connection does not go back to a pod of the same second that it has left', () => {
  const same = other({ ...owned('b'), createdMs: current.createdMs });
  assert.equal(succeed(current, [current, same]).kind, 'move');
  const left = new Set([current.uid]);
  assert.equal(succeed(same, [current, same], { left }).kind, 'stay');
  // but for what is left when nothing else serves
  assert.equal(succeed(same, [current, { ...same, terminating: true }], { left }).kind, 'move');
});

const ENDS: readonly (readonly [title: string, changes: Partial<Pod>, forGood: boolean])[] = [
  ['one that runs has not', {}, false],
  ['one that failed has', { phase: 'Failed' }, true],
  ['one that succeeded has', { phase: 'Succeeded' }, true],
  ["a Job's has", { phase: 'Succeeded', owner: { kind: 'Job', name: 'web' } }, true],
  ["a StatefulSet's comes back", { phase: 'Failed', owner: { kind: 'StatefulSet', name: 'web' } }, false],
  ['one that is being deleted may come back', { phase: 'Failed', terminating: true }, false],
];
for (const [title, changes, forGood] of ENDS) {
  test(`which pod has ended for good: ${title}`, () => assert.equal(endedForGood(makePod(changes)), forGood));
}
