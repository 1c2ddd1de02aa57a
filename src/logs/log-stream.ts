// One container's log for as long as its pod lives: every line once and in order, through cut streams, restarts and
// API outages. What is read next is decided in core/next-read.

import { logsArgs } from '../kubectl/core/kubectl-args.ts';
import type { Tell } from '../output/core/events.ts';
import type { Pod } from '../pods/core/pod.ts';
import { startChild } from '../processes/child.ts';
import type { KubectlSettings } from '../request/core/settings.ts';
import { LineScanner } from './core/line-scanner.ts';
import { gapReason } from './core/log-gap.ts';
import {
  afterRead,
  type FirstOptions,
  instancesOf,
  type LogRead,
  type LogReadEnd,
  NOTHING_READ,
  nextRead,
  openingOptions,
} from './core/next-read.ts';
import { readBackoff } from './core/read-backoff.ts';
import type { ReadMode } from './core/repeat-filter.ts';
import { type LogReadResult, outcomeOf, type RunningLogRead, runLogRead } from './log-read.ts';
import type { LogSink } from './log-sink.ts';
import { makeNamedPipe } from './named-pipe.ts';

export interface LogStream {
  update(pod: Pod): void;
  /** The pod object is gone for good: what is still coming is shown, then the stream ends. */
  podGone(): void;
  /** Resolves when everything was handed to the output, or after `stop`. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export interface LogStreamOptions {
  readonly kubectl: KubectlSettings;
  readonly pod: Pod;
  readonly container: string;
  /** Undefined: from the first line. */
  readonly first: FirstOptions | undefined;
  readonly timestamps: boolean;
  readonly sink: LogSink;
  readonly tell: Tell;
  readonly signal: AbortSignal;
  readonly start?: typeof startChild;
  readonly makePipe?: typeof makeNamedPipe;
  readonly timing?: LogTiming;
}

export interface LogTiming {
  /** Silence after which a follow is ended whose container or pod has ended: it should have ended by itself. */
  readonly endedMs: number;
  /** The same while the container lives; doubled each time nothing was missed, up to `maxIdleMs`. */
  readonly idleMs: number;
  readonly maxIdleMs: number;
  /** Of the pauses between reads. */
  readonly pauseFactor: number;
}

/**
 * Kubelets before 1.23 or so leave a follow silent for ever once the log is rotated, as does a connection that was lost
 * without a sign. A log rotates soon after a line was written to it, so only silence after a line is suspicious.
 */
const TIMING: LogTiming = { endedMs: 5000, idleMs: 30_000, maxIdleMs: 600_000, pauseFactor: 1 };
/** After so many failures in a row one that will not pass by itself is told. */
const TOLD_AFTER = 2;
/** The pauses are long by then. */
const MANY_FAILURES = 5;

export function startLogStream(options: LogStreamOptions): LogStream {
  const { kubectl, container, tell, start = startChild, makePipe = makeNamedPipe, timing = TIMING } = options;
  const pod = options.pod.name;
  const writer = options.sink.open(options.timestamps);
  const lines = new LineScanner(writer.renderer);
  const drain = () => writer.drain(() => lines.taken());
  const instances = (of: Pod) => instancesOf(of.containers.find(({ name }) => name === container));

  let now = instances(options.pod);
  let position = NOTHING_READ;
  let gone = false;
  let { terminating } = options.pod;
  let stopped = options.signal.aborted;
  let wake = () => {};
  /** There is news that no step has taken into account. */
  let news = false;
  let failures = 0;
  let toldFailure: string | undefined;
  let toldGap: string | undefined;
  // What starts after this stream is shown from its first line.
  let first = now.latest === undefined ? undefined : options.first;
  let firstInstance: string | undefined;
  let openedMs: number | undefined;
  let current: { read: LogRead; running: RunningLogRead; idle: boolean; overMs?: number } | undefined;
  let idleMs = timing.idleMs;
  let watchTimer: NodeJS.Timeout | undefined;

  async function run(): Promise<void> {
    while (!stopped && !gone) {
      news = false;
      const step = nextRead(position, now);
      await change(step.kind === 'wait' ? undefined : await readOnce(step));
    }
    lines.complete();
    const drained = drain();
    news = false;
    await Promise.race([drained, change(undefined)]);
  }

  /** Waits for an end, news of the container, or `ms`. */
  function change(ms: number | undefined): Promise<void> {
    if (stopped || news || ms === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Returns how long to wait before the next one. */
  async function readOnce(read: LogRead): Promise<number> {
    const pipe = await makePipe();
    if (stopped || news) {
      pipe?.discard();
      return 0;
    }
    if (read.gap) tellGap(read.instance, read.mode);
    if (first !== undefined) {
      firstInstance ??= read.instance;
      if (read.instance !== firstInstance) first = undefined;
    }
    const sinceTime = read.mode === 'fresh' ? undefined : lines.shown.sinceTime();
    const resumed = read.mode === 'resume' && sinceTime !== undefined;
    const startedMs = performance.now();
    const openForMs = openedMs === undefined ? undefined : startedMs - openedMs;
    const what = sinceTime === undefined ? openingOptions(first, openForMs) : { sinceTime };
    const { follow, previous } = read;
    const before = now;
    lines.attach(read.mode);
    const args = logsArgs(kubectl, pod, container, { follow, previous, ...what });
    const running = runLogRead(start(kubectl.program, args, { pipe }), lines, writer, pipe);
    current = { read, running, idle: false };
    watch();
    const result = await running.ended;
    const { idle } = current;
    current = undefined;
    clearTimeout(watchTimer);
    if (stopped) return 0;
    if (result.opened) openedMs ??= startedMs;

    const end: LogReadEnd = {
      read,
      resumed,
      heard: running.heard,
      confirmed: lines.confirmed,
      newLines: lines.newLines,
      unfinishedBytes: lines.unfinishedBytes,
      outcome: outcomeOf(result, lines),
    };
    const { finished, instance } = position;
    position = afterRead(position, before, end);
    const settled = position.finished && !finished;
    // The lines shown as that instance's were the next one's.
    if (!finished && end.confirmed && instance !== undefined && position.instance !== instance)
      tellGap(instance, 'resume');
    if (settled && !before.alive) {
      lines.complete();
      void drain();
    }
    if (end.newLines > 0) idleMs = timing.idleMs;
    else if (idle) idleMs = Math.min(idleMs * 2, timing.maxIdleMs);
    if (idle) return 0;
    const progress = end.newLines > 0 || settled;
    const cleanEnd = follow && end.outcome === 'done';
    const silent = lines.shown.empty && !running.heard;
    const pause = readBackoff(failures, { ...result, progress, cleanEnd, silent }, Math.random());
    failures = pause.failures;
    tellFailure(result, running.heard);
    return !follow && end.outcome === 'done' ? 0 : pause.pauseMs * timing.pauseFactor;
  }

  /** Ends a read that brings nothing more. */
  function watch(): void {
    clearTimeout(watchTimer);
    if (current === undefined) return;
    const { read, running } = current;
    const over = read.follow && (gone || now.latest !== read.instance || !now.alive);
    const nowMs = performance.now();
    if (over) current.overMs ??= nowMs;
    const limitMs = over ? timing.endedMs : idleMs;
    const leftMs = Math.max(running.heardMs, current.overMs ?? 0) + limitMs - nowMs;
    if (leftMs <= 0 && (over || running.heard || !read.follow)) {
      current.idle = read.follow && !over;
      void running.stop();
    } else watchTimer = setTimeout(watch, Math.max(leftMs, limitMs / 10));
  }

  function tellGap(instance: string, mode: ReadMode): void {
    if (toldGap === instance) return;
    toldGap = instance;
    tell({ kind: 'log-gap', pod, container, reason: gapReason(mode, terminating || gone) });
  }

  function tellFailure({ failure }: LogReadResult, heard: boolean): void {
    if (heard) toldFailure = undefined;
    if (failure?.kind !== 'lasting' || failures < TOLD_AFTER || failure.message === toldFailure) return;
    toldFailure = failure.message;
    tell({ kind: 'log-failed', pod, container, reason: failure.message });
  }

  const stop = async () => {
    stopped = true;
    wake();
    await current?.running.stop();
    await ended;
  };
  const onAbort = () => void stop();
  options.signal.addEventListener('abort', onAbort);
  const ended = run().finally(() => options.signal.removeEventListener('abort', onAbort));
  return {
    update(pod) {
      const before = now;
      terminating = pod.terminating;
      now = instances(pod);
      const changed = before.latest !== now.latest || before.alive !== now.alive || before.previous !== now.previous;
      // Any word of the pod means that the API server answers.
      if (!changed && failures < MANY_FAILURES) return;
      news = changed;
      // It may have been opened on the new instance, which would hold back what the ended one had still to say.
      const overtaken = now.latest !== before.latest && current?.read.previous === false;
      if (overtaken && current?.running.heard === false) void current.running.stop();
      failures = Math.min(failures, 1);
      watch();
      wake();
    },
    podGone() {
      if (gone) return;
      gone = true;
      news = true;
      watch();
      wake();
    },
    ended,
    stop,
  };
}
