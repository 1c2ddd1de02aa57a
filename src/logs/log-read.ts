// One `kubectl logs` child: its bytes through the scanner to the output, at the output's pace.

import type { Child } from '../processes/child.ts';
import type { ReadResult } from './core/after-read.ts';
import type { LineScanner } from './core/line-scanner.ts';
import { type LogFailure, logFailure } from './core/log-failure.ts';
import { ReadPace } from './core/read-pace.ts';
import type { LogSink } from './log-sink.ts';
import type { NamedPipe } from './named-pipe.ts';

export type RunningLogRead = ReturnType<typeof runLogRead>;

/** What the output has not taken yet of one container; beyond it the child waits. */
const MAX_WAITING_BYTES = 256 * 1024;
const MAX_STDERR_BYTES = 8 * 1024;
/** A child that lived this long has got through to the kubelet. */
const OPENED_MS = 1000;

/**
 * @param pipe the child's stdout, if it is one
 * @param onScanned called after each piece
 */
export function runLogRead(
  child: Child,
  scanner: LineScanner,
  sink: LogSink,
  pipe: NamedPipe | undefined,
  onScanned: () => void,
) {
  const startedMs = performance.now();
  let heardMs = startedMs;
  let heard = false;
  let otherLog = false;
  let stderr = Buffer.alloc(0);
  const { batch } = sink.lines;
  const taken = () => scanner.taken();
  const pace = new ReadPace();
  const resume = () => void child.stdout.resume();

  const take = (chunk: Buffer) => {
    if (otherLog) return;
    heardMs = performance.now();
    heard = true;
    if (!scanner.scan(chunk)) {
      otherLog = true;
      void child.stop();
      return;
    }
    onScanned();
    const drained = sink.drain(taken);
    if (batch.length >= MAX_WAITING_BYTES) {
      child.stdout.pause();
      void drained.then(resume);
      return;
    }
    const restMs = pipe === undefined ? 0 : pace.restMs(chunk.length, heardMs);
    if (restMs === 0) return;
    child.stdout.pause();
    setTimeout(resume, restMs);
  };
  if (pipe === undefined) child.stdout.on('data', take);
  else pipe.onBytes(take);
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-MAX_STDERR_BYTES);
    // kubectl 1.37 tries again for 20 s by itself, and then speaks of a deadline only.
    if (stderr.includes(' is forbidden: ')) void child.stop();
  });

  const ended = child.ended.then(({ exitCode, startError }): ReadResult => {
    scanner.detach();
    const livedMs = performance.now() - startedMs;
    const failure: LogFailure | undefined = startError
      ? { kind: 'lasting', message: startError.message }
      : logFailure(stderr.toString(), scanner.messages, exitCode);
    return { otherLog, failure, clean: exitCode === 0, opened: exitCode === 0 || livedMs >= OPENED_MS, livedMs };
  });
  return {
    ended,
    /** When bytes came last, or the start. */
    get heardMs(): number {
      // a child that has to wait for the output is not silent
      return child.stdout.isPaused() ? performance.now() : heardMs;
    },
    /** Bytes have come. */
    get heard(): boolean {
      return heard;
    },
    stop: () => child.stop(),
  };
}
