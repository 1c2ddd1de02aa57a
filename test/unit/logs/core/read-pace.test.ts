// How long a log is left unread: simulated writers of every pace into a pipe of 64 KiB.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ReadPace } from '../../../../src/logs/core/read-pace.ts';

const PIPE_BYTES = 64 * 1024;
const LINE_BYTES = 131;
/** What a read costs its reader. */
const READ_MS = 0.02;

interface Course {
  readonly reads: number;
  /** Time in which the writer found the pipe full. */
  readonly blockedMs: number;
  /** The longest that a byte was in the pipe. */
  readonly latestMs: number;
}

/** Writes lines for `ms`, at `bytesPerMs` on average: evenly, or `factor` times as fast in the first part of each 4 ms. */
function run(bytesPerMs: number, ms: number, timerLateMs = 0.2, factor = 1): Course {
  const pace = new ReadPace();
  const step = 0.005;
  let written = 0;
  let inPipe = 0;
  let oldestMs = 0;
  let readAtMs = 0;
  let reads = 0;
  let blockedMs = 0;
  let latestMs = 0;
  for (let nowMs = 0; nowMs < ms; nowMs += step) {
    const writing = factor === 1 || nowMs % 4 < 4 / factor;
    if (writing) written += bytesPerMs * factor * step;
    if (written >= LINE_BYTES) {
      if (inPipe + written > PIPE_BYTES) blockedMs += step;
      else {
        if (inPipe === 0) oldestMs = nowMs;
        inPipe += written;
        written = 0;
      }
      written = Math.min(written, LINE_BYTES * 8);
    }
    if (inPipe === 0 || nowMs < readAtMs) continue;
    reads += 1;
    latestMs = Math.max(latestMs, nowMs - oldestMs);
    const restMs = pace.restMs(inPipe, nowMs);
    inPipe = 0;
    readAtMs = nowMs + READ_MS + (restMs === 0 ? 0 : restMs + timerLateMs);
  }
  return { reads, blockedMs, latestMs };
}

describe('how long a log is left unread', () => {
  test('not at all when a line comes now and then', () => {
    const pace = new ReadPace();
    for (let nowMs = 0; nowMs < 10_000; nowMs += 10) assert.equal(pace.restMs(LINE_BYTES, nowMs), 0);
  });

  test('a few pieces after a silence are read as they come, those behind them gather', () => {
    const pace = new ReadPace();
    for (const startMs of [0, 100]) {
      const rests = [0, 1, 2, 3, 4, 5].map((at) => pace.restMs(LINE_BYTES, startMs + at * 0.02));
      assert.deepEqual(rests, [0, 0, 0, 0, 2, 2]);
    }
  });

  for (const linesPerMs of [1, 2, 10, 20]) {
    test(`not at all at ${linesPerMs} lines in a millisecond`, () => {
      const { reads, latestMs } = run(linesPerMs * LINE_BYTES, 1000);
      assert.ok(reads >= linesPerMs * 900, `${reads} reads`);
      assert.ok(latestMs < 0.1, `${latestMs} ms`);
    });
  }

  for (const linesPerMs of [50, 100, 150]) {
    test(`${linesPerMs} lines in a millisecond: few reads, nobody waits, no line is late`, () => {
      for (const timerLateMs of [0.1, 1]) {
        const { reads, blockedMs, latestMs } = run(linesPerMs * LINE_BYTES, 1000, timerLateMs);
        assert.ok(reads <= 1_020, `${reads} reads`);
        assert.ok(blockedMs < 5, `${blockedMs} ms`);
        assert.ok(latestMs <= 3.1, `${latestMs} ms`);
      }
    });
  }

  test('a faster one is read as it comes', () => {
    for (const bytesPerMs of [30, 60, 100].map((kib) => kib * 1024)) {
      const { blockedMs } = run(bytesPerMs, 1000);
      assert.ok(blockedMs < 20, `${blockedMs} ms at ${bytesPerMs}`);
    }
  });

  test('one that writes four times as fast for a quarter of the time seldom waits', () => {
    for (const kib of [6, 12]) {
      const { reads, blockedMs } = run(kib * 1024, 1000, 0.2, 4);
      assert.ok(blockedMs < 100, `${blockedMs} ms at ${kib} KiB/ms`);
      assert.ok(reads < 3_000, `${reads} reads at ${kib} KiB/ms`);
    }
  });
});
