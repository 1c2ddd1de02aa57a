import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  lookForMissing,
  type MissingPods,
  maybeAlive,
  type Whereabouts,
} from '../../../../src/pods/core/missing-pods.ts';
import type { Pod } from '../../../../src/pods/core/pod.ts';
import { makePod } from '../../pod-maker.ts';

const a = makePod({ uid: 'a' });
const b = makePod({ uid: 'b' });
const dying = { ...a, terminating: true };

const CASES: readonly (readonly [
  title: string,
  missing: readonly (readonly [string, Whereabouts])[],
  followed: readonly Pod[],
  pods: readonly Pod[],
  expected: readonly (readonly [string, Whereabouts])[],
  toAsk: readonly Pod[],
])[] = [
  ['one that the watch names is not missing', [], [a], [a, b], [], []],
  ['one that it does not name any more is asked for', [], [a], [b], [['a', 'asked']], [a]],
  ['one that was terminating is gone', [], [dying], [], [], []],
  ['one that was asked for is not asked for again', [['a', 'asked']], [a], [], [['a', 'asked']], []],
  [
    'what was answered stays',
    [
      ['a', 'runs-on'],
      ['b', 'gone'],
    ],
    [a, b],
    [],
    [
      ['a', 'runs-on'],
      ['b', 'gone'],
    ],
    [],
  ],
  ['one that is named again is not missing any more', [['a', 'runs-on']], [a], [a], [], []],
];
for (const [title, missing, followed, pods, expected, toAsk] of CASES) {
  test(`of pods that were followed, ${title}`, () => {
    const next = lookForMissing(new Map(missing), followed, pods);
    assert.deepEqual([[...next.missing], next.toAsk], [expected, toAsk]);
  });
}

test('what was asked for and what runs on may have open connections', () => {
  const missing: MissingPods = new Map([
    ['a', 'asked'],
    ['b', 'runs-on'],
    ['c', 'gone'],
  ]);
  assert.deepEqual(maybeAlive(missing), ['a', 'b']);
});
