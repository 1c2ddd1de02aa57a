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
import { type LogPosition, type LogRead, NOTHING_READ } from '../../../../src/logs/core/next-read.ts';

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
  opened: true,
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
    'one that failed does not',
    { position: NOTHING_READ },
    { ...failed, read: { ...follow, mode: 'fresh' }, nothingShown: true },
    { pauseMs: 0 },
  ],
  [
    'nor one that brought something',
    { position: NOTHING_READ },
    { read: { ...follow, mode: 'fresh' }, nothingShown: true },
    { pauseMs: 0 },
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

const noLog: Partial<EndedRead> = {
  ...failed,
  failure: { kind: 'no-log', message: 'unable to retrieve' },
  clean: true,
};
const containerGone: Partial<EndedRead> = { failure: { kind: 'container-gone', message: 'not found' } };
const previous: LogRead = { ...whole, previous: true };
const fresh: LogRead = { ...whole, mode: 'fresh' };
const nowhere = { present: true, previous: true };
const positions: readonly (readonly [
  title: string,
  before: Partial<LogPosition>,
  end: Partial<EndedRead>,
  after: Partial<LogPosition>,
])[] = [
  ['a read that failed was cut', {}, failed, { instance: 'a', cut: true, finished: false }],
  ['a log that the node lacks is marked', {}, noLog, { lacking: { present: true, previous: false } }],
  [
    'so is the previous one',
    {},
    { ...noLog, read: previous },
    { lacking: { present: false, previous: true }, cut: false },
  ],
  ['without a line to look for there is nowhere to look', {}, { ...noLog, resumed: false }, { lacking: nowhere }],
  ['a log that ends with word of no log but had new lines failed', {}, { ...noLog, newLines: 1 }, { cut: true }],
  [
    'another log lacks the line, and there was more',
    {},
    { otherLog: true },
    { lacking: { ...nowhere, previous: false }, cut: true },
  ],
  [
    'a follow without the line shown last concludes nothing',
    {},
    { confirmed: false },
    { lacking: shown.lacking, cut: false },
  ],
  [
    'a whole log without it lacks it',
    {},
    { confirmed: false, read: whole },
    { lacking: { present: true, previous: false }, cut: true },
  ],
  ['the line shown last takes all back', { lacking: nowhere, cut: true }, {}, { lacking: shown.lacking, cut: false }],
  ['a previous log that has the line was replaced', {}, { read: previous }, { replaced: true }],
  [
    'that is no news when the pod says so',
    {},
    { read: previous, before: { latest: 'b', alive: true, previous: 'a' } },
    { replaced: false },
  ],
  ['the present log is not replaced', { replaced: true }, {}, { replaced: false }],
  ['a removed container was read completely', {}, { ...containerGone, read: whole, newLines: 0 }, { finished: true }],
  [
    'unless it was gone before',
    {},
    { ...containerGone, confirmed: false, read: whole },
    { lacking: { present: true, previous: false } },
  ],
  [
    'a removed container with new lines is read again',
    {},
    { ...containerGone, newLines: 2 },
    { cut: false, finished: false },
  ],
  ['an ended log without new lines is finished', {}, { read: whole }, { finished: true }],
  ['with new lines it is not', {}, { read: whole, newLines: 1 }, { finished: false }],
  ['an unfinished line may go on', {}, { read: whole, unfinishedBytes: 0 }, { finished: false, unfinishedBytes: 0 }],
  ['it does not when it comes again', { unfinishedBytes: 4 }, { read: whole, unfinishedBytes: 4 }, { finished: true }],
  [
    'the first read of an instance that failed has begun it if it brought anything',
    { instance: 'z', finished: true },
    { ...failed, heard: true, read: fresh },
    { instance: 'a', cut: true, finished: false },
  ],
  [
    'if it brought nothing the instance has yet to be begun',
    { instance: 'z', finished: true },
    { ...failed, read: fresh },
    { instance: 'z', finished: true },
  ],
  [
    'a container that could not be started has no log',
    {},
    { ...noLog, read: fresh },
    { instance: 'a', finished: true },
  ],
  [
    'a living one may have one soon',
    {},
    { ...noLog, read: { ...fresh, follow: true } },
    { instance: 'a', finished: false },
  ],
  [
    'an earlier instance may have lost its log',
    {},
    { ...noLog, read: { ...fresh, previous: true } },
    { lacking: nowhere },
  ],
];
for (const [title, before, end, after] of positions) {
  test(`position: ${title}`, () => {
    const { state } = afterRead({ ...start, position: { ...shown, ...before } }, { ...plain, ...end }, LIMITS, 0.5);
    const found: Record<string, unknown> = { ...state.position };
    assert.deepEqual(Object.fromEntries(Object.keys(after).map((key) => [key, found[key]])), after);
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
