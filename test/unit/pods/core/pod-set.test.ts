import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../../../src/pods/core/pod.ts';
import { allNamed, nextPodSet, type PodSetEvent, podSetOf } from '../../../../src/pods/core/pod-set.ts';
import { makePod } from '../../pod-maker.ts';

const KNOWN = Number.POSITIVE_INFINITY;
const pod = (uid: string, changes: Partial<Pod> = {}): Pod => makePod({ uid, name: uid, ...changes });
const a = pod('a');
const b = pod('b');
const unreadyA = pod('a', { ready: false });

interface Case {
  readonly title: string;
  readonly initial: readonly Pod[];
  readonly events: readonly PodSetEvent[];
  readonly pods: readonly Pod[];
  readonly blindSinceMs?: number;
  readonly allNamed?: boolean;
}

const started: PodSetEvent = { kind: 'started' };
const CASES: readonly Case[] = [
  { title: 'are those that were listed first', initial: [a, b], events: [], pods: [a, b], allNamed: false },
  {
    title: 'grow by one that is added',
    initial: [a],
    events: [started, { kind: 'added', pod: b }],
    pods: [a, b],
    allNamed: false,
  },
  {
    title: 'take in what has changed of one',
    initial: [a],
    events: [started, { kind: 'modified', pod: unreadyA }],
    pods: [unreadyA],
  },
  { title: 'lose one that is deleted', initial: [a], events: [started, { kind: 'deleted', pod: a }], pods: [] },
  {
    title: 'keep one that a new watch has not named yet',
    initial: [a, b],
    events: [started, { kind: 'ended', atMs: 5 }, started, { kind: 'added', pod: a }],
    pods: [a, b],
    blindSinceMs: 5,
    allNamed: false,
  },
  {
    title: 'are known for certain when a new watch has named them all',
    initial: [a, b],
    events: [{ kind: 'ended', atMs: 5 }, started, { kind: 'added', pod: a }, { kind: 'added', pod: b }],
    pods: [a, b],
  },
  {
    title: 'are known for certain when the only one not named was deleted',
    initial: [a],
    events: [{ kind: 'ended', atMs: 5 }, started, { kind: 'deleted', pod: a }],
    pods: [],
  },
  {
    title: 'lose what neither the watch nor a list names',
    initial: [a, b],
    events: [{ kind: 'ended', atMs: 5 }, started, { kind: 'added', pod: a }, { kind: 'listed', pods: [a] }],
    pods: [a],
  },
  {
    title: 'are what a list says while there is no watch',
    initial: [a],
    events: [
      { kind: 'ended', atMs: 5 },
      { kind: 'listed', pods: [b] },
    ],
    pods: [b],
    allNamed: false,
  },
  {
    title: 'are uncertain since the first watch that ended',
    initial: [],
    events: [{ kind: 'ended', atMs: 5 }, started, { kind: 'ended', atMs: 9 }],
    pods: [],
    blindSinceMs: 5,
  },
  {
    title: 'believe the watch more than an older list',
    initial: [a, b],
    events: [
      started,
      { kind: 'modified', pod: unreadyA },
      { kind: 'deleted', pod: b },
      { kind: 'listed', pods: [a, b] },
    ],
    pods: [unreadyA],
  },
];
for (const { title, initial, events, pods, blindSinceMs = KNOWN, allNamed: named = true } of CASES) {
  test(`the pods ${title}`, () => {
    const set = events.reduce(nextPodSet, podSetOf(initial));
    assert.deepEqual([[...set.pods.values()], set.blindSinceMs, allNamed(set)], [pods, blindSinceMs, named]);
  });
}
