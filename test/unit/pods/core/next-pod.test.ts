import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endedForGood, logGoesOn, namedPodLoss, nextPod, UNREADY_MS } from '../../../../src/pods/core/next-pod.ts';
import type { Pod } from '../../../../src/pods/core/pod.ts';
import { makeContainer, makePod, makeStatus } from '../../pod-maker.ts';

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
    'prepares a newer revision that is pending: its init containers have logs',
    [current, other({ ...owned('b'), ready: false, phase: 'Pending' })],
    'prepare',
    'next',
  ],
  [
    'stays when a newer revision has failed',
    [current, other({ ...owned('b'), ready: false, phase: 'Failed' })],
    'stay',
  ],
  ['moves when its pod ends and another is ready', [{ ...current, terminating: true }, other({})], 'move', 'next'],
  ['moves when its pod is gone and another is ready', [other({})], 'move', 'next'],
  ['waits for what comes next when its pod is gone', [other({ ready: false })], 'wait', 'next'],
  [
    'waits for what comes next when its pod is gone and that is pending',
    [other({ ready: false, phase: 'Pending' })],
    'wait',
    'next',
  ],
  ['waits when its pod is gone and there is no other', [], 'wait'],
  ['waits when its pod has ended', [{ ...current, phase: 'Failed' }], 'wait'],
  ['waits when every pod is terminating', [{ ...current, terminating: true }, other({ terminating: true })], 'wait'],
  ['moves to the pod of the same name that came back', [other({ name: 'now' })], 'move', 'now'],
];

const unready = { ...current, ready: false };
const backOff = { state: { kind: 'waiting', reason: 'CrashLoopBackOff', message: undefined } } as const;
const down = { ...unready, containers: [makeContainer('go', [8080], { status: makeStatus(backOff) })] };
const FALTERING: readonly (readonly [
  title: string,
  pods: readonly Pod[],
  unreadyForMs: number,
  outcome: string,
  pod?: string,
])[] = [
  ['stays on a pod that has been unready for a moment', [unready, other({})], UNREADY_MS - 1, 'stay'],
  ['leaves a pod that stays unready for one that is ready', [unready, other({})], UNREADY_MS, 'move', 'next'],
  ['leaves a pod whose container is down at once', [down, other({})], 0, 'move', 'next'],
  ['stays on such a pod while no other is ready', [down, other({ ready: false })], UNREADY_MS, 'stay'],
  ['goes back to the revision that still serves', [down, other({ ...owned('0'), createdMs: 5 })], 0, 'move', 'next'],
  ['leaves it for a pod of another workload, too', [down, other(owned('b', 'canary'))], 0, 'move', 'next'],
  ['does not leave it for one that ends', [down, other({ terminating: true })], UNREADY_MS, 'stay'],
];
const ALL = [...CASES.map(([title, pods, ...rest]) => [title, pods, 0, ...rest] as const), ...FALTERING];
for (const [title, pods, unreadyForMs, outcome, name] of ALL) {
  test(`a session ${title}`, () => {
    const next = nextPod(current, pods, { unreadyForMs });
    const pod = next.kind === 'wait' ? next.candidate : next.kind === 'stay' ? undefined : next.pod;
    assert.deepEqual([next.kind, pod?.name], [outcome, name]);
  });
}

const UNREADY: readonly (readonly [title: string, pods: readonly Pod[], outcome: string, pod?: string])[] = [
  ['moves to one that runs when its pod is gone', [other({ ready: false })], 'move', 'next'],
  ['stays on an unready pod beside another unready one', [unready, other({ ready: false })], 'stay'],
  ['leaves an unready pod for a ready one', [unready, other({})], 'move', 'next'],
  [
    'leaves it for an unready one of a newer revision',
    [unready, other({ ...owned('b'), ready: false })],
    'move',
    'next',
  ],
  [
    'stays on a ready pod beside one of a newer revision',
    [current, other({ ...owned('b'), ready: false })],
    'prepare',
    'next',
  ],
  ['waits for one that is pending', [other({ ready: false, phase: 'Pending' })], 'wait', 'next'],
];
for (const [title, pods, outcome, name] of UNREADY) {
  test(`a session for which a pod that is not ready will do ${title}`, () => {
    const next = nextPod(current, pods, { unready: true, unreadyForMs: UNREADY_MS });
    const pod = next.kind === 'wait' ? next.candidate : next.kind === 'stay' ? undefined : next.pod;
    assert.deepEqual([next.kind, pod?.name], [outcome, name]);
  });
}

const LEFT: readonly (readonly [title: string, left: Partial<Pod>, next: Partial<Pod>, goesOn: boolean])[] = [
  ['that is not ready goes on', { ready: false }, {}, true],
  ['goes on when the revision before is gone back to', owned('b'), owned('a'), true],
  ['that is being replaced ends with it', {}, owned('b'), false],
  ['that is terminating ends with it', { terminating: true }, {}, false],
  ['that has ended is at its end', { phase: 'Failed' }, {}, false],
];
for (const [title, left, next, goesOn] of LEFT) {
  test(`the log of a pod that was left ${title}`, () => {
    const from = { ...current, ...left };
    const to = other({ createdMs: current.createdMs - (left.labels === undefined ? -1 : 1), ...next });
    assert.equal(logGoesOn(from, to, [from, to]), goesOn);
    assert.equal(logGoesOn(from, to, [to]), false);
  });
}

test('a session does not go back to a pod of the same second that it has left', () => {
  const same = other({ ...owned('b'), createdMs: current.createdMs });
  assert.equal(nextPod(current, [current, same]).kind, 'move');
  const left = new Set([current.uid]);
  assert.equal(nextPod(same, [current, same], { left }).kind, 'stay');
  // but for what is left when nothing else serves
  assert.equal(nextPod(same, [current, { ...same, terminating: true }], { left }).kind, 'move');
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

const REASONS: readonly (readonly [pods: readonly Pod[], reason: string])[] = [
  [[], 'was deleted'],
  [[{ ...current, terminating: true }], 'is being deleted'],
  [[{ ...current, phase: 'Succeeded' }], 'has ended (Succeeded)'],
];
test('a session without a pod says that its labels have changed', () => {
  const next = nextPod(current, [], { runsOn: true });
  assert.equal(next.kind === 'wait' && next.reason, 'does not match the selector any more');
});
for (const [pods, reason] of REASONS) {
  test(`a session without a pod says that it ${reason}`, () => {
    assert.deepEqual(nextPod(current, pods), { kind: 'wait', reason, candidate: undefined });
  });
}

const STATEFUL: Partial<Pod> = { owner: { kind: 'StatefulSet', name: 'web' } };
const byHand: Partial<Pod> = { owner: undefined };
const NAMED: readonly (readonly [
  title: string,
  changes: Partial<Pod>,
  exists: boolean,
  mayReturn?: boolean,
  error?: string,
])[] = [
  ['that is being deleted is not lost yet', { terminating: true }, true],
  ['of a ReplicaSet that was deleted does not return', {}, false, false, 'pod now was deleted'],
  ['of a StatefulSet that was deleted may return', STATEFUL, false, true, 'pod now was deleted'],
  ['made by hand that was deleted may return', byHand, false, true, 'pod now was deleted'],
  ['that has ended does not return', { phase: 'Succeeded' }, true, false, 'pod now has ended (Succeeded)'],
  [
    'of a StatefulSet that has ended does not return',
    { ...STATEFUL, phase: 'Failed' },
    true,
    false,
    'pod now has ended (Failed)',
  ],
];
for (const [title, changes, exists, mayReturn, error] of NAMED) {
  test(`a pod asked for by name ${title}`, () => {
    const pod: Pod = { ...current, ...changes };
    const loss = namedPodLoss(pod, exists ? [pod] : []);
    assert.deepEqual([loss?.mayReturn, loss?.error.message], [mayReturn, error]);
  });
}
