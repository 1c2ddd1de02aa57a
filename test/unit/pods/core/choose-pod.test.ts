import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { choosePod } from '../../../../src/pods/core/choose-pod.ts';
import type { ContainerStatus } from '../../../../src/pods/core/container.ts';
import { decodePodList, type Pod } from '../../../../src/pods/core/pod.ts';
import { makeContainer, makePod, makeStatus } from '../../pod-maker.ts';

const CHOSEN: readonly (readonly [title: string, pods: readonly Partial<Pod>[], name: string, others: number])[] = [
  ['the only pod', [{ name: 'a' }], 'a', 0],
  [
    'the newest',
    [
      { name: 'a', createdMs: 1 },
      { name: 'b', createdMs: 3 },
      { name: 'c', createdMs: 2 },
    ],
    'b',
    2,
  ],
  ['of the same age the first by name', [{ name: 'b' }, { name: 'a' }, { name: 'c' }], 'a', 2],
  ['a Ready one before a newer one that is not', [{ name: 'a' }, { name: 'b', createdMs: 1, ready: false }], 'a', 0],
  [
    'one that stays before a newer one that ends',
    [{ name: 'a' }, { name: 'b', createdMs: 1, terminating: true }],
    'a',
    0,
  ],
  [
    'one that runs before a newer one that has ended',
    [{ name: 'a' }, { name: 'b', createdMs: 1, phase: 'Succeeded' }],
    'a',
    0,
  ],
];

for (const [title, pods, name, others] of CHOSEN) {
  test(`chosen: ${title}`, () => {
    const choice = choosePod(pods.map(makePod));
    assert.deepEqual(choice.kind === 'chosen' && [choice.pod.name, choice.others], [name, others]);
  });
}

const starting = makeStatus({ state: { kind: 'waiting', reason: undefined, message: undefined } });
const UNREADY: readonly (readonly [title: string, pods: readonly Partial<Pod>[], name: string | undefined])[] = [
  [
    'the newest that runs',
    [
      { name: 'a', ready: false },
      { name: 'b', createdMs: 1, ready: false },
    ],
    'b',
  ],
  ['a Ready one before a newer one that only runs', [{ name: 'a' }, { name: 'b', createdMs: 1, ready: false }], 'a'],
  ['none that is pending', [{ ready: false, phase: 'Pending' }], undefined],
  ['none that has ended', [{ ready: false, phase: 'Failed' }], undefined],
  ['none that is terminating', [{ ready: false, terminating: true }], undefined],
  [
    'none of which nothing runs',
    [{ ready: false, containers: [makeContainer('go', [], { status: starting })] }],
    undefined,
  ],
];
for (const [title, pods, name] of UNREADY) {
  test(`chosen when a pod that is not ready will do: ${title}`, () => {
    const choice = choosePod(pods.map(makePod), { unready: true });
    assert.equal(choice.kind === 'chosen' ? choice.pod.name : undefined, name);
  });
}

const NO_CANDIDATE: readonly (readonly [pods: readonly Partial<Pod>[], reason: string])[] = [
  [[], 'there is no pod'],
  [[{ name: 'a', terminating: true }], 'pod a is terminating'],
  [[{ terminating: true }, { terminating: true }], 'all 2 pods are terminating'],
];

for (const [pods, reason] of NO_CANDIDATE) {
  test(`no candidate: ${reason}`, () => {
    assert.deepEqual(choosePod(pods.map(makePod)), { kind: 'none', reason });
  });
}

test('the newest pod that may still become Ready is told about, before one that has ended', () => {
  const pods = [
    makePod({ name: 'old', ready: false }),
    makePod({ name: 'new', createdMs: 1, ready: false }),
    makePod({ name: 'evicted', createdMs: 2, ready: false, phase: 'Failed' }),
    makePod({ name: 'ends', createdMs: 3, ready: false, terminating: true }),
  ];
  const choice = choosePod(pods);
  assert.equal(choice.kind === 'none' && choice.pod?.name, 'new');
});

/** As a 1.34 cluster had them. */
const REAL: readonly (readonly [name: string, reason: RegExp])[] = [
  [
    'crashing',
    /^container go of pod crashing: CrashLoopBackOff: its last run ended with exit code 3 \(Error\), back-off \d+s$/,
  ],
  [
    'init-fails',
    /^init container migrate of pod init-fails: CrashLoopBackOff: its last run ended with exit code 4 \(Error\), back-off \d+s$/,
  ],
  [
    'never-pulled',
    /^container go of pod never-pulled: ErrImageNeverPull: Container image "test.local\/nope:1" is not present/,
  ],
  ['pull-fails', /^container go of pod pull-fails: ErrImagePull: failed to pull .*connection refused$/],
  ['unready', /^pod unready is not ready: container go has not passed the readiness probe yet$/],
  ['unschedulable', /^pod unschedulable is Pending: Unschedulable: 0\/1 nodes are available: /],
  ['finished', /^pod finished has ended \(Failed\): container go ended with exit code 3$/],
];

const realPods = decodePodList(
  JSON.parse(readFileSync(new URL('../../fixtures/pods-in-trouble.json', import.meta.url), 'utf8')),
);

for (const [name, reason] of REAL) {
  test(`why not, on a real cluster: ${name}`, () => {
    const choice = choosePod(realPods.filter((pod) => pod.name === name));
    assert.ok(choice.kind === 'none');
    assert.match(choice.reason, reason);
    assert.equal(choice.pod?.name, name);
  });
}

test('a pod with a native sidecar and a finished init container is chosen', () => {
  const choice = choosePod(realPods);
  assert.deepEqual(choice.kind === 'chosen' && [choice.pod.name, choice.others], ['sidecar', 0]);
});

const waiting = (reason?: string, message?: string) =>
  makeStatus({ ready: false, state: { kind: 'waiting', reason, message } });
const ended = (exitCode: number, reason?: string): ContainerStatus =>
  makeStatus({ ready: false, state: { kind: 'terminated', exitCode, reason, containerId: undefined } });
const withStatuses = (go: ContainerStatus, other = makeStatus({})) => ({
  containers: [makeContainer('go', [], { status: go }), makeContainer('other', [], { status: other })],
});

const WHY: readonly (readonly [pod: Partial<Pod>, reason: string])[] = [
  [{ phase: 'Pending', containers: [] }, 'pod a is Pending'],
  [{ phase: 'Unknown', reason: 'NodeLost' }, 'pod a is Unknown: NodeLost'],
  [{ phase: 'Pending', ...withStatuses(waiting('ContainerCreating')) }, 'container go of pod a: ContainerCreating'],
  [
    { phase: 'Pending', ...withStatuses(waiting('ContainerCreating'), waiting('ErrImagePull', 'not found')) },
    'container other of pod a: ErrImagePull: not found',
  ],
  [
    { phase: 'Pending', ...withStatuses(waiting('CreateContainerConfigError', 'secret "x" not found')) },
    'container go of pod a: CreateContainerConfigError: secret "x" not found',
  ],
  [
    { phase: 'Pending', ...withStatuses(waiting('ImagePullBackOff', 'Back-off pulling image "a:1"')) },
    'container go of pod a: ImagePullBackOff: Back-off pulling image "a:1"',
  ],
  [
    {
      phase: 'Pending',
      ...withStatuses(waiting('ImagePullBackOff', 'Back-off pulling image "a:1": ErrImagePull: not found')),
    },
    'container go of pod a: ErrImagePull: not found',
  ],
  [withStatuses(waiting('CrashLoopBackOff')), 'container go of pod a: CrashLoopBackOff'],
  [withStatuses(ended(1, 'Error')), 'container go of pod a ended with exit code 1: Error'],
  [withStatuses(ended(0, 'Completed')), 'container go of pod a ended with exit code 0: Completed'],
  [
    withStatuses(makeStatus({ ready: false }), makeStatus({ ready: false })),
    'pod a is not ready: containers go, other have not passed the readiness probe yet',
  ],
  [{}, 'pod a is not ready'],
  [{ phase: 'Succeeded' }, 'pod a has ended (Succeeded)'],
  [
    { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory.' },
    'pod a has ended (Failed): Evicted: The node was low on memory.',
  ],
  [
    {
      phase: 'Pending',
      containers: [
        makeContainer('migrate', [], { role: 'init' }),
        makeContainer('go', [], { status: waiting('PodInitializing') }),
      ],
    },
    'init container migrate of pod a is still running',
  ],
  [
    { phase: 'Pending', containers: [makeContainer('migrate', [], { role: 'init', status: ended(2, 'Error') })] },
    'init container migrate of pod a ended with exit code 2: Error',
  ],
];

for (const [pod, reason] of WHY) {
  test(`why not: ${reason}`, () => {
    const choice = choosePod([makePod({ name: 'a', ready: false, ...pod })]);
    assert.equal(choice.kind === 'none' && choice.reason, reason);
  });
}
