// What a log stream does after a read. How the position in the log goes on from read to read is in next-read.test.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AfterRead,
  afterPodNews,
  afterRead,
  type EndedRead,
  type StreamState,
} from '../../../../src/logs/core/after-read.ts';
import type { LogFailure } from '../../../../src/logs/core/log-failure.ts';
import { type LogRead, NOTHING_READ } from '../../../../src/logs/core/next-read.ts';

const LIMITS = { endedMs: 5000, idleMs: 30_000, maxIdleMs: 100_000 };
const alive = { latest: 'a', alive: true, previous: undefined };
const over = { ...alive, alive: false };
const follow: LogRead = { kind: 'read', instance: 'a', previous: false, follow: true, mode: 'resume', gap: false };
const whole: LogRead = { ...follow, follow: false };
const shown = { ...NOTHING_READ, instance: 'a' };
const forbidden: LogFailure = { kind: 'lasting', message: 'pods is forbidden' };
const unreachable: LogFailure = { kind: 'passing', message: 'connection refused' };

const start: StreamState = { position: shown, failures: 0, idleMs: 30_000, toldFailure: undefined };
/** A follow that brought the line shown last again and nothing else, and ended without an error. */
const plain: EndedRead = {
  read: follow,
  before: alive,
  resumed: true,
  confirmed: true,
  heard: true,
  nothingShown: false,
  newLines: 0,
  unfinishedBytes: -1,
  idle: false,
  otherLog: false,
  failure: undefined,
  clean: true,
  livedMs: 50,
};
const failed = { confirmed: false, heard: false, clean: false };

type Expected = Partial<Omit<AfterRead, 'state'>> & Partial<Omit<StreamState, 'position'>>;
const cases: readonly (readonly [
  title: string,
  state: Partial<StreamState>,
  end: Partial<EndedRead>,
  expected: Expected,
])[] = [
  ['the first follow that ends is replaced at once', {}, {}, { failures: 1, pauseMs: 0 }],
  [
    'the second that brings nothing new waits for the status of the pod',
    { failures: 1 },
    {},
    { failures: 2, pauseMs: 500 },
  ],
  ['new lines count as work', { failures: 7 }, { newLines: 3 }, { failures: 2, pauseMs: 100 }],
  ['a follow that had lived counts anew', { failures: 7 }, { livedMs: 6000 }, { failures: 1, pauseMs: 0 }],
  [
    'a follow that ends before anything was shown waits for the status of the pod',
    { position: NOTHING_READ },
    { read: { ...follow, mode: 'fresh' }, heard: false, confirmed: false, nothingShown: true },
    { pauseMs: 2000 },
  ],
  [
    'a log that was read to its end is read again at once',
    { failures: 5 },
    { read: whole, newLines: 2 },
    { pauseMs: 0 },
  ],
  [
    'a read that failed waits although it was no follow',
    { failures: 3 },
    { ...failed, read: whole, failure: unreachable },
    { failures: 4, pauseMs: 400 },
  ],
  [
    'the end of an ended log ends its last line',
    {},
    { read: whole, before: over },
    { lineEnds: true, failures: 1, pauseMs: 0 },
  ],
  ['new lines may be followed by others', {}, { read: whole, before: over, newLines: 1 }, { lineEnds: false }],
  ['a line does not end while its container lives', {}, { read: whole }, { lineEnds: false }],
  [
    'a line ends only once',
    { position: { ...shown, finished: true } },
    { read: whole, before: over },
    { lineEnds: false },
  ],
  [
    'lines that prove to be another instance are told as a gap in the first one',
    { position: { ...shown, instance: 'z' } },
    { read: whole },
    { gapOf: 'z' },
  ],
  [
    'an instance that was shown to its end has no gap',
    { position: { ...shown, instance: 'z', finished: true } },
    { read: whole },
    { gapOf: undefined },
  ],
  [
    'a follow that was ended for its silence is replaced at once, and the next one may be silent twice as long',
    { failures: 4, toldFailure: 'x' },
    { idle: true, clean: false },
    { failures: 4, idleMs: 60_000, pauseMs: 0, toldFailure: 'x' },
  ],
  [
    'silence has an upper limit',
    { idleMs: 60_000 },
    { idle: true, clean: false },
    { idleMs: LIMITS.maxIdleMs, pauseMs: 0 },
  ],
  [
    'lines that a silent follow had missed make the next one suspect as early as at first',
    { idleMs: 60_000 },
    { newLines: 1 },
    { idleMs: LIMITS.idleMs },
  ],
  ['other reads leave that limit', { idleMs: 60_000 }, {}, { idleMs: 60_000 }],
  ['one failure that lasts is not told', {}, { ...failed, failure: forbidden }, { failure: undefined }],
  [
    'the second failure that lasts is told',
    { failures: 1 },
    { ...failed, failure: forbidden },
    { failure: forbidden.message, toldFailure: forbidden.message },
  ],
  [
    'the same one is told once',
    { failures: 2, toldFailure: forbidden.message },
    { ...failed, failure: forbidden },
    { failure: undefined, toldFailure: forbidden.message },
  ],
  [
    'another one is told, too',
    { failures: 2, toldFailure: 'invalid' },
    { ...failed, failure: forbidden },
    { failure: forbidden.message, toldFailure: forbidden.message },
  ],
  [
    'it would be told again once the log could be read',
    { failures: 2, toldFailure: forbidden.message },
    {},
    { failure: undefined, toldFailure: undefined },
  ],
  [
    'a failure that passes is never told',
    { failures: 9 },
    { ...failed, failure: unreachable },
    { failure: undefined, toldFailure: undefined },
  ],
];
for (const [title, state, end, expected] of cases) {
  test(title, () => {
    const { state: next, ...told } = afterRead({ ...start, ...state }, { ...plain, ...end }, LIMITS, 0.5);
    const found: Record<string, unknown> = { ...next, ...told };
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, found[key]])), expected);
  });
}

const news: readonly (readonly [title: string, failures: number, changed: boolean, then: number | undefined])[] = [
  ['a change of the container is a reason to read at once', 4, true, 1],
  ['a change leaves a log without failures as it is', 0, true, 0],
  ['a pod as before is none', 4, false, undefined],
  ['a pod as before shows after many failures that the API server answers', 5, false, 1],
];
for (const [title, failures, changed, then] of news) {
  test(title, () => assert.equal(afterPodNews({ ...start, failures }, changed)?.failures, then));
}
