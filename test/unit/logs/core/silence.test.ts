import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Instances, LogRead } from '../../../../src/logs/core/next-read.ts';
import { decideOnSilence, hasEnded, type Silence, type SilenceDecision } from '../../../../src/logs/core/silence.ts';

const IDLE_MS = 60_000;
const LIMITS = { endedMs: 5000, idleMs: 30_000, maxIdleMs: 600_000 };
const follow: LogRead = { kind: 'read', instance: 'a', previous: false, follow: true, mode: 'fresh', gap: false };
const once: LogRead = { ...follow, follow: false };
const waits = (ms: number): SilenceDecision => ({ kind: 'wait', ms });
const replaced: SilenceDecision = { kind: 'end', idle: true };
const ended: SilenceDecision = { kind: 'end', idle: false };

const cases: readonly (readonly [title: string, silence: Partial<Silence>, decision: SilenceDecision])[] = [
  ['a follow that speaks is left alone until its limit', { silentMs: 0 }, waits(60_000)],
  [
    'a follow that has been silent for a while is looked at when the limit is reached',
    { silentMs: 50_000 },
    waits(10_000),
  ],
  ['just before the limit it is not looked at every millisecond', { silentMs: 59_999 }, waits(6000)],
  ['a follow that fell silent after a line is replaced', { silentMs: 60_000 }, replaced],
  ['a follow of a log that was silent from the start is kept', { silentMs: 90_000, heard: false }, waits(6000)],
  ['a read that is no follow is ended even if nothing came', { silentMs: 60_000, heard: false, read: once }, ended],
  ['a follow of what has ended has its own limit', { silentMs: 70_000, endedForMs: 1000 }, waits(4000)],
  ['what comes after the end starts it anew', { silentMs: 500, endedForMs: 9000 }, waits(4500)],
  ['a follow that does not end by itself is ended', { silentMs: 6000, endedForMs: 5000, heard: false }, ended],
];
for (const [title, silence, decision] of cases) {
  test(title, () => {
    const full: Silence = { read: follow, heard: true, silentMs: 0, endedForMs: undefined, ...silence };
    assert.deepEqual(decideOnSilence(full, IDLE_MS, LIMITS), decision);
  });
}

const alive: Instances = { latest: 'a', alive: true, previous: undefined };
const ends: readonly (readonly [title: string, read: LogRead, now: Instances, podGone: boolean, ended: boolean])[] = [
  ['a living container is followed on', follow, alive, false, false],
  ['a follow ends with its container', follow, { ...alive, alive: false }, false, true],
  ['a follow ends when another instance has started', follow, { ...alive, latest: 'b' }, false, true],
  ['a follow ends with its pod', follow, alive, true, true],
  ['a read that is no follow ends by itself', once, { ...alive, alive: false }, true, false],
];
for (const [title, read, now, podGone, expected] of ends) {
  test(title, () => assert.equal(hasEnded(read, now, podGone), expected));
}
