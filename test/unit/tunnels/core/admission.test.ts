import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Admission,
  afterChange,
  afterEnd,
  afterRefusal,
  afterStart,
  afterTime,
  afterTrouble,
  firstAdmission,
  mayGoAtMs,
  OPEN,
  QUIET_MS,
  refusalsOf,
  TROUBLE,
} from '../../../../src/tunnels/core/admission.ts';
import { makeContainer, makeStatus } from '../../pod-maker.ts';

const speaking = { arrivedMs: 0, saidSomething: true };
const silent = { arrivedMs: 1_000, saidSomething: false };
const [one, other] = [{}, {}];
const wall = 1_000_000;

const FIRST: readonly (readonly [title: string, Parameters<typeof firstAdmission>[0], Admission])[] = [
  ['a ready container with a readiness probe', makeContainer('web', [80], { probed: true }), OPEN],
  [
    'a ready container that has run for ten seconds',
    makeContainer('web', [80], { status: makeStatus({ state: { kind: 'running', startedMs: wall - 10_000 } }) }),
    OPEN,
  ],
  [
    'one that has just started',
    makeContainer('web', [80], { status: makeStatus({ state: { kind: 'running', startedMs: wall - 9_999 } }) }),
    TROUBLE,
  ],
  ['one of which the start is not known', makeContainer('web', [80]), TROUBLE],
  [
    'one that is not ready',
    makeContainer('web', [80], { probed: true, status: makeStatus({ ready: false }) }),
    TROUBLE,
  ],
  ['no container', undefined, TROUBLE],
];
for (const [title, container, expected] of FIRST) {
  test(`before its first connection, ${title} is ${expected.kind}`, () => {
    assert.deepEqual(firstAdmission(container, wall), expected);
  });
}

test('in ordinary times nothing waits', () => {
  assert.equal(mayGoAtMs(OPEN, speaking), 0);
  assert.equal(mayGoAtMs(OPEN, silent), 0);
  assert.equal(afterStart(OPEN, one, true, 5), OPEN);
  assert.equal(afterEnd(OPEN, one), OPEN);
});

test('after trouble one goes first, and the others after 0.15 s without a refusal', () => {
  assert.equal(mayGoAtMs(TROUBLE, speaking), 0);
  const probing = afterStart(TROUBLE, one, true, 100);
  assert.equal(mayGoAtMs(probing, speaking), 100 + QUIET_MS);
  assert.equal(afterTime(probing, 100 + QUIET_MS - 1), probing);
  assert.equal(afterTime(probing, 100 + QUIET_MS), OPEN);
  assert.equal(afterTime(TROUBLE, 1e9), TROUBLE);
});

test('where silence proves nothing, the others wait for an answer', () => {
  const probing = afterStart(TROUBLE, one, true, 100);
  assert.equal(mayGoAtMs(TROUBLE, speaking, true), 0);
  assert.equal(mayGoAtMs(probing, speaking, true), Number.POSITIVE_INFINITY);
  assert.equal(mayGoAtMs(OPEN, speaking, true), 0);
});

test('a client that has said nothing is not counted, once it is certain that it waits', () => {
  const probing = afterStart(TROUBLE, one, true, 1_000);
  assert.equal(mayGoAtMs(probing, silent), 1_050);
  assert.equal(mayGoAtMs(TROUBLE, silent), 0);
  const withSilent = afterStart(TROUBLE, one, false, 1_000);
  assert.equal(mayGoAtMs(withSilent, speaking), 0);
});

test('one that breaks its silence counts from then on', () => {
  const silence = afterStart(TROUBLE, one, false, 1_000);
  const spoken = afterStart(silence, one, true, 1_040);
  assert.equal(mayGoAtMs(spoken, speaking), 1_000 + QUIET_MS);
});

test('the next one goes when the first has left', () => {
  const probing = afterStart(TROUBLE, one, true, 100);
  assert.equal(mayGoAtMs(afterEnd(probing, other), speaking), 100 + QUIET_MS);
  assert.equal(mayGoAtMs(afterEnd(probing, one), speaking), 0);
});

test('each refusal lengthens the pause, up to 0.4 s', () => {
  const waits: number[] = [];
  let admission: Admission = OPEN;
  for (let count = 1; count <= 5; count += 1) {
    admission = afterRefusal(afterStart(admission, one, true, 0), 1_000);
    assert.equal(refusalsOf(admission), count);
    waits.push(mayGoAtMs(admission, speaking) - 1_000);
  }
  assert.deepEqual(waits, [50, 100, 200, 400, 400]);
  // Nor does it prove anything that others were not refused before.
  assert.equal(afterTime(admission, 1e9), admission);
});

test('the end of a kubectl keeps the refusals and begins anew', () => {
  assert.equal(afterTrouble(OPEN), TROUBLE);
  const refused = afterStart(afterRefusal(OPEN, 1_000), one, true, 1_060);
  const ended = afterTrouble(refused);
  assert.equal(refusalsOf(ended), 1);
  assert.equal(mayGoAtMs(ended, speaking), 1_050);
});

test('a change for the better ends the pause', () => {
  assert.equal(mayGoAtMs(afterChange(afterRefusal(OPEN, 1_000)), speaking), 0);
  assert.equal(afterChange(OPEN), OPEN);
});
