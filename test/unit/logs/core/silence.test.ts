import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Instances, LogRead } from '../../../../src/logs/core/next-read.ts';
import { decideOnSilence, hasEnded, type SilenceDecision } from '../../../../src/logs/core/silence.ts';

const IDLE_MS = 60_000;
const LIMITS = { endedMs: 5000, idleMs: 30_000, maxIdleMs: 600_000 };
const follow: LogRead = { kind: 'read', instance: 'a', previous: false, follow: true, mode: 'fresh', gap: false };
const once: LogRead = { ...follow, follow: false };
const waits = (ms: number): SilenceDecision => ({ kind: 'wait', ms });
const replaced: SilenceDecision = { kind: 'end', idle: true };
const ended: SilenceDecision = { kind: 'end', idle: false };

/** Times are milliseconds before now. */
interface Silence {
  readonly heard?: number;
  readonly started?: number;
  readonly ended?: number;
  readonly read?: LogRead;
}
const cases: readonly (readonly [title: string, silence: Silence, decision: SilenceDecision])[] = [
  ['a follow that speaks is left alone until its limit', { heard: 0 }, waits(60_000)],
  ['a follow that has been silent for a while may be so until the limit', { heard: 50_000 }, waits(10_000)],
  ['just before the limit it is not looked at every millisecond', { heard: 59_999 }, waits(6000)],
  ['a follow that fell silent after a line is replaced', { heard: 60_000 }, replaced],
  ['a follow of a log that was silent from the start is kept', { started: 90_000 }, waits(6000)],
  ['a read that is no follow is ended even if nothing came', { started: 60_000, read: once }, ended],
  ['a follow of what has ended has its own limit', { heard: 70_000, ended: 1000 }, waits(4000)],
  ['what comes after the end starts it anew', { heard: 500, ended: 9000 }, waits(4500)],
  ['a follow that does not end by itself is ended', { started: 6000, ended: 5000 }, ended],
];
for (const [title, { heard, started, ended, read = follow }, decision] of cases) {
  test(title, () => {
    const nowMs = 1_000_000;
    const running = { heard: heard !== undefined, heardMs: nowMs - (heard ?? started ?? 0) };
    const endedMs = ended === undefined ? undefined : nowMs - ended;
    assert.deepEqual(decideOnSilence({ read, running, endedMs }, nowMs, IDLE_MS, LIMITS), decision);
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
