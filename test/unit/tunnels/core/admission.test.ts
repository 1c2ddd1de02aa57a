import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Allowance, type Pending } from '../../../../src/tunnels/core/admission.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** Lets in at `nowMs` as many as may go, at most `crowd`. */
function letIn(allowance: Allowance, nowMs: number, crowd = 1000): Pending[] {
  const inside: Pending[] = [];
  while (inside.length < crowd && allowance.nextMs(nowMs) <= nowMs) inside.push(allowance.enter(nowMs));
  return inside;
}

/** One that has answered its first connection in `tookMs`, at time 0. */
function trusted(tookMs: number): Allowance {
  const allowance = new Allowance({ silenceProves: true });
  allowance.answered(allowance.enter(-tookMs), 0);
  allowance.drained();
  return allowance;
}

test('one alone feels its way; silence lets a few follow, and then all', () => {
  const allowance = new Allowance({ silenceProves: true });
  const counts = [0, 299, 300, 2_999, 3_000].map((nowMs) => letIn(allowance, nowMs).length);
  assert.deepEqual(counts, [1, 0, 7, 0, 1000]);
});

test('says when the next one may go, if nothing happens before', () => {
  const allowance = new Allowance({ silenceProves: true });
  assert.equal(allowance.nextMs(5), 0);
  letIn(allowance, 5);
  assert.equal(allowance.nextMs(100), 305);
  letIn(allowance, 305);
  assert.equal(allowance.nextMs(400), 3_005);
});

test('where nobody may be listening, silence proves nothing', () => {
  const allowance = new Allowance({ silenceProves: false });
  const [probe] = letIn(allowance, 0);
  assert.equal(allowance.nextMs(10_000), NEVER);
  assert.ok(probe !== undefined);
  allowance.answered(probe, 10_001);
  assert.equal(letIn(allowance, 10_001).length, 64);
  assert.equal(allowance.nextMs(20_000), NEVER);
});

for (const [tookMs, portion] of [
  [1, 16],
  [40, 40],
  [100, 64],
] as const) {
  test(`after a first answer in ${tookMs} ms ${portion} may be without one, and each answer lets another one follow`, () => {
    const allowance = new Allowance({ silenceProves: true });
    const [probe] = letIn(allowance, 0);
    assert.ok(probe !== undefined);
    allowance.answered(probe, tookMs);
    const inside = letIn(allowance, tookMs);
    assert.equal(inside.length, portion);
    assert.equal(allowance.nextMs(tookMs + 1), tookMs + 3_000);
    // That these take longer is no reason for more of them.
    for (const pending of inside.slice(0, 3)) allowance.answered(pending, 3 * tookMs);
    assert.equal(letIn(allowance, 3 * tookMs).length, 3);
  });
}

test('once none waits any more, as many as come may go', () => {
  assert.equal(letIn(trusted(10), 1).length, 1000);
});

test('none waits any more counts only after an answer', () => {
  const allowance = new Allowance({ silenceProves: true });
  letIn(allowance, 0);
  allowance.drained();
  assert.equal(letIn(allowance, 1).length, 0);
});

test('one that left without an answer makes room', () => {
  const allowance = new Allowance({ silenceProves: true });
  const [probe] = letIn(allowance, 0);
  assert.ok(probe !== undefined);
  allowance.left(probe);
  assert.equal(letIn(allowance, 1).length, 1);
});

const overdue: readonly { title: string; usualMs: number; atMs: number; nextMs: number }[] = [
  { title: 'not yet, after twice the usual time less a moment', usualMs: 40, atMs: 79, nextMs: 0 },
  { title: 'after twice the usual time', usualMs: 40, atMs: 90, nextMs: 300 },
  { title: 'after 20 ms at the earliest', usualMs: 1, atMs: 19, nextMs: 0 },
  { title: 'no longer than 3 s', usualMs: 40, atMs: 3_000, nextMs: 0 },
  { title: 'later, where answers take longer', usualMs: 150, atMs: 299, nextMs: 0 },
  { title: 'never, where they take very long', usualMs: 1_500, atMs: 2_999, nextMs: 0 },
];
for (const { title, usualMs, atMs, nextMs } of overdue) {
  test(`while an answer is overdue the next one waits: ${title}`, () => {
    const allowance = trusted(usualMs);
    allowance.enter(0);
    assert.equal(allowance.nextMs(atMs), nextMs);
  });
}

test('while an answer is overdue one goes each 0.3 s, and all after 3 s', () => {
  const allowance = trusted(10);
  allowance.enter(0);
  const counts = [19, 299, 300, 599, 600, 1_500, 2_999, 3_000].map((nowMs) => letIn(allowance, nowMs, 50).length);
  assert.deepEqual(counts, [50, 0, 1, 0, 1, 3, 4, 50]);
});

test('an answer to a later connection shows that the overdue one is only slow', () => {
  const allowance = trusted(10);
  allowance.enter(0);
  const later = allowance.enter(5);
  assert.equal(allowance.nextMs(200), 300);
  allowance.answered(later, 201);
  assert.equal(allowance.nextMs(201), 0);
  assert.equal(allowance.nextMs(290), 0);
});

test('a connection that its client gave up is not overdue', () => {
  const allowance = trusted(10);
  const pending = allowance.enter(0);
  assert.equal(allowance.nextMs(200), 300);
  allowance.left(pending);
  assert.equal(allowance.nextMs(200), 0);
});

test('the slowest of recent answers is what is usual', () => {
  const allowance = trusted(140);
  for (let i = 0; i < 3; i += 1) allowance.answered(allowance.enter(0), 2);
  allowance.enter(0);
  assert.equal(allowance.nextMs(200), 0, 'twice 102 ms are not over');
  assert.equal(allowance.nextMs(210), 300);
});
