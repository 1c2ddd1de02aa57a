import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterRead, type EndedRead, type StreamState } from '../../../../src/logs/core/after-read.ts';
import {
  type Instances,
  instancesOf,
  isOver,
  type NextRead,
  NOTHING_READ,
  nextRead,
  openingOptions,
} from '../../../../src/logs/core/next-read.ts';
import { SILENCE_LIMITS } from '../../../../src/logs/core/silence.ts';
import type { Container, ContainerStatus } from '../../../../src/pods/core/container.ts';

const none: Instances = { latest: undefined, alive: false, previous: undefined };
const a: Instances = { latest: 'a', alive: true, previous: undefined };
const aEnded: Instances = { ...a, alive: false };
const b: Instances = { latest: 'b', alive: true, previous: 'a' };
const c: Instances = { latest: 'c', alive: true, previous: 'b' };

const shortly = (next: NextRead): string =>
  next.kind === 'wait'
    ? 'wait'
    : `${next.follow ? 'follow' : 'read'} ${next.instance}${next.previous ? ' --previous' : ''} ${next.mode}${next.gap ? ' after a gap' : ''}`;

type Told = Partial<EndedRead>;
const again: Told = { resumed: true, confirmed: true, heard: true };
const nothing: Told = { resumed: true };
const other: Told = { resumed: true, heard: true, otherLog: true, clean: false };
const noLog: Told = { resumed: true, failure: { kind: 'no-log', message: 'unable to retrieve container logs' } };
const failed: Told = { resumed: true, clean: false };
const lines = (newLines: number): Told => ({ ...again, newLines });

/** Each row: how the container stands, the read that comes next, and how it ends. */
type Row = readonly [now: Instances, step: string, told?: Told];
const courses: readonly (readonly [name: string, rows: readonly Row[]])[] = [
  ['a container that has not started is waited for', [[none, 'wait']]],
  [
    'a follow that ends while the container lives is taken up again',
    [
      [a, 'follow a fresh', { heard: true, newLines: 3 }],
      [a, 'follow a resume', lines(2)],
      [a, 'follow a resume', failed],
      [a, 'follow a resume'],
    ],
  ],
  [
    'a log that came to its end and is gone with its pod had no gap, whatever the pod still says',
    [
      [a, 'follow a fresh', { heard: true, newLines: 3 }],
      [a, 'follow a resume', noLog],
      [a, 'read a --previous resume', noLog],
      [a, 'follow a accept', noLog],
    ],
  ],
  [
    'a log that was cut and is gone may have a gap',
    [
      [a, 'follow a fresh', { heard: true, newLines: 3 }],
      [a, 'follow a resume', failed],
      [a, 'follow a resume', noLog],
      [a, 'read a --previous resume', noLog],
      [a, 'follow a accept after a gap', noLog],
    ],
  ],
  [
    'an ended instance is read until nothing new comes, then the next one from its first line',
    [
      [a, 'follow a fresh', { heard: true, newLines: 3 }],
      [aEnded, 'read a resume', lines(2)],
      [aEnded, 'read a resume', again],
      [aEnded, 'wait'],
      [b, 'follow b fresh'],
    ],
  ],
  [
    'an instance that has been replaced meanwhile is read to its end with --previous',
    [
      [a, 'follow a fresh', { heard: true, newLines: 3 }],
      [b, 'read a --previous resume', lines(1)],
      [b, 'read a --previous resume', again],
      [b, 'follow b fresh'],
    ],
  ],
  [
    'a replacement is recognised by its log before the pod tells of it',
    [
      [a, 'follow a fresh', { heard: true, newLines: 3 }],
      [a, 'follow a resume', other],
      [a, 'read a --previous resume', lines(1)],
      [a, 'read a --previous resume', again],
      [a, 'wait'],
      [b, 'follow b fresh'],
    ],
  ],
  [
    'a rotated log goes on after a gap',
    [
      [a, 'follow a fresh', { heard: true, newLines: 3 }],
      [a, 'follow a resume', other],
      [a, 'read a --previous resume', noLog],
      [a, 'follow a accept after a gap', { heard: true, newLines: 5 }],
      [a, 'follow a resume'],
    ],
  ],
  [
    'a --previous that is silent about the line shown last does not have it',
    [
      [a, 'follow a fresh', { heard: true, newLines: 3 }],
      [a, 'follow a resume', other],
      [a, 'read a --previous resume', nothing],
      [a, 'follow a accept after a gap'],
    ],
  ],
  [
    'two restarts at once: the one before the latest is shown after a gap',
    [
      [a, 'follow a fresh', { heard: true, newLines: 3 }],
      [c, 'read c resume', other],
      [c, 'read b --previous fresh after a gap', { heard: true, newLines: 2 }],
      [c, 'read b --previous resume', again],
      [c, 'follow c fresh'],
    ],
  ],
  [
    'a log that was opened on a later instance than the pod told of is kept',
    [
      [a, 'follow a fresh', { heard: true, newLines: 3 }],
      [b, 'read a --previous resume', other],
      [b, 'read b resume', again],
      [b, 'follow b resume'],
    ],
  ],
  [
    'a failed read is repeated and concludes nothing',
    [
      [aEnded, 'read a fresh', { ...failed, resumed: false }],
      [aEnded, 'read a fresh', { heard: true, newLines: 1 }],
      [aEnded, 'read a resume', failed],
      [aEnded, 'read a resume', again],
      [aEnded, 'wait'],
    ],
  ],
  [
    'a container that could not even be started has no log',
    [
      [aEnded, 'read a fresh', { ...noLog, resumed: false }],
      [aEnded, 'wait'],
      [b, 'follow b fresh'],
    ],
  ],
  [
    'an unfinished last line is believed when it comes twice',
    [
      [aEnded, 'read a fresh', { heard: true, newLines: 2, unfinishedBytes: 4 }],
      [aEnded, 'read a resume', { ...again, unfinishedBytes: 9 }],
      [aEnded, 'read a resume', { ...again, unfinishedBytes: 9 }],
      [aEnded, 'wait'],
    ],
  ],
];
for (const [name, rows] of courses) {
  test(name, () => {
    let state: StreamState = { position: NOTHING_READ, failures: 0, idleMs: 0, toldFailure: undefined };
    for (const [index, [now, expected, told]] of rows.entries()) {
      const next = nextRead(state.position, now);
      assert.equal(shortly(next), expected, `step ${index + 1}`);
      if (next.kind === 'wait' || told === undefined) continue;
      const end: EndedRead = {
        read: next,
        before: now,
        resumed: false,
        confirmed: false,
        heard: false,
        nothingShown: false,
        newLines: 0,
        unfinishedBytes: -1,
        idle: false,
        otherLog: false,
        failure: undefined,
        clean: true,
        opened: true,
        livedMs: 50,
        ...told,
      };
      ({ state } = afterRead(state, end, SILENCE_LIMITS, 0.5));
    }
  });
}

const ended = (containerId: string) => ({ kind: 'terminated', exitCode: 1, reason: 'Error', containerId }) as const;
const waiting = { kind: 'waiting', reason: 'CrashLoopBackOff', message: undefined } as const;
const statuses: readonly (readonly [name: string, status: Partial<ContainerStatus> | undefined, Instances])[] = [
  ['without a status', undefined, none],
  ['waiting for its image', { state: waiting }, none],
  ['running', { state: { kind: 'running' }, containerId: 'a' }, a],
  ['ended', { state: ended('a'), containerId: 'a' }, aEnded],
  ['restarted', { state: { kind: 'running' }, containerId: 'b', lastTermination: ended('a') }, b],
  ['in back-off', { state: waiting, containerId: 'a', lastTermination: ended('a') }, aEnded],
  ['in back-off without an id', { state: waiting, lastTermination: ended('a') }, aEnded],
];
for (const [name, status, expected] of statuses) {
  test(`the instances of a container ${name}`, () => {
    const full = status && {
      lastTermination: undefined,
      restartCount: 0,
      containerId: undefined,
      ready: false,
      state: waiting,
      ...status,
    };
    const container: Container = { name: 'go', role: 'main', ports: [], status: full };
    assert.deepEqual(instancesOf(container), expected);
  });
}

const openings: readonly (readonly [
  name: string,
  args: Parameters<typeof openingOptions>,
  expected: ReturnType<typeof openingOptions>,
])[] = [
  ['from the first line', [undefined, undefined], {}],
  ['all lines', [{ tail: -1, since: undefined }, undefined], {}],
  ['all lines, again', [{ tail: -1, since: undefined }, 5000], {}],
  ['a few', [{ tail: 5, since: undefined }, undefined], { tail: 5, since: undefined }],
  ['a few of a time', [{ tail: 5, since: '1m' }, undefined], { tail: 5, since: '1m' }],
  ['none before now, again', [{ tail: 0, since: undefined }, 2300], { since: '3s' }],
  ['a time, again', [{ tail: -1, since: '1m' }, 2300], { since: '63s' }],
];
for (const [name, args, expected] of openings) {
  test(`a log of which nothing was shown is asked for ${name}`, () => {
    assert.deepEqual(openingOptions(...args), expected);
  });
}

const read = nextRead(NOTHING_READ, aEnded);
const wait = nextRead(NOTHING_READ, none);
const ends: readonly (readonly [title: string, phase: string, next: NextRead, failures: number, over: boolean])[] = [
  ['goes on while its pod runs', 'Running', wait, 9, false],
  ['goes on while something of an ended pod is to be read', 'Succeeded', read, 4, false],
  ['is over when nothing of an ended pod is to be read', 'Succeeded', wait, 0, true],
  ['is over when an ended pod cannot be read', 'Failed', read, 5, true],
];
for (const [title, phase, next, failures, over] of ends) {
  test(`a log ${title}`, () => assert.equal(isOver(next, failures, { phase }), over));
}
