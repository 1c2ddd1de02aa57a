// One `kubectl logs` child: its bytes through the scanner to the output, at the output's pace.

import { type LogFailure, logFailure } from '../core/log-failure.ts';
import type { LogLines } from '../core/log-lines.ts';
import type { Child } from '../edge/child.ts';
import type { LogWriter } from '../edge/output.ts';

export interface LogReadResult {
  /** It is not the log of the instance that was shown; nothing of it was shown. */
  readonly otherLog: boolean;
  readonly failure: LogFailure | undefined;
  /** Exit status 0. */
  readonly clean: boolean;
  /** Whether the kubelet had opened the log, as far as can be told. */
  readonly opened: boolean;
  readonly livedMs: number;
}

export interface RunningLogRead {
  readonly ended: Promise<LogReadResult>;
  /** When bytes came last, or the start. */
  readonly heardMs: number;
  /** Bytes have come. */
  readonly heard: boolean;
  stop(): Promise<void>;
}

/** What the output has not taken yet of one container; beyond it the child waits. */
const MAX_WAITING_BYTES = 256 * 1024;
const MAX_STDERR_BYTES = 8 * 1024;
/** A child that lived so long has got through to the kubelet. */
const OPENED_MS = 1000;

export function runLogRead(child: Child, lines: LogLines, writer: LogWriter): RunningLogRead {
  const startedMs = performance.now();
  let heardMs = startedMs;
  let heard = false;
  let otherLog = false;
  let stderr = Buffer.alloc(0);
  const { batch } = writer.renderer;
  const taken = () => lines.taken();

  child.stdout.on('data', (chunk: Buffer) => {
    if (otherLog) return;
    heardMs = performance.now();
    heard = true;
    if (!lines.scan(chunk)) {
      otherLog = true;
      void child.stop();
      return;
    }
    const drained = writer.drain(taken);
    // No pauses between reads to make them larger: a pipe holds 64 KiB. Of one millisecond each, they saved a quarter of
    // our CPU and cost a third of the rate (bench log-throughput).
    if (batch.length < MAX_WAITING_BYTES) return;
    child.stdout.pause();
    void drained.then(() => child.stdout.resume());
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-MAX_STDERR_BYTES);
    // kubectl 1.37 tries again for 20 s by itself, and then speaks of a deadline only.
    if (stderr.includes(' is forbidden: ')) void child.stop();
  });

  const ended = child.ended.then(({ exitCode, startError }): LogReadResult => {
    lines.detach();
    const livedMs = performance.now() - startedMs;
    const failure: LogFailure | undefined = startError
      ? { kind: 'lasting', message: startError.message }
      : logFailure(stderr.toString(), lines.messages, exitCode);
    return { otherLog, failure, clean: exitCode === 0, opened: exitCode === 0 || livedMs >= OPENED_MS, livedMs };
  });
  return {
    ended,
    get heardMs() {
      // a child that has to wait for the output is not silent
      return child.stdout.isPaused() ? performance.now() : heardMs;
    },
    get heard() {
      return heard;
    },
    stop: () => child.stop(),
  };
}
