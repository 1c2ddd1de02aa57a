// One container's log for as long as its pod lives: every line once and in order, through cut streams, restarts and
// API outages. A stream reads, waits and reads again; `core/` decides:
//
//   next-read ──▶ reading ──(it ends, or `silence`)──▶ after-read ──▶ waiting ──(time, or news of the pod)──▶ next-read
//   (once the pod is gone, the read under way is the last one)

import { logsArgs } from '../kubectl/core/kubectl-args.ts';
import { startKubectl } from '../kubectl/start-kubectl.ts';
import type { Tell } from '../output/core/events.ts';
import { GAP_REASONS } from '../output/core/messages.ts';
import type { Pod } from '../pods/core/pod.ts';
import type { KubectlSettings } from '../request/core/settings.ts';
import { afterPodNews, afterRead, type EndedRead, type StreamState } from './core/after-read.ts';
import { LineScanner } from './core/line-scanner.ts';
import { whyUnreadable } from './core/log-failure.ts';
import type { FirstOptions, LogRead } from './core/next-read.ts';
import { instancesOf, isOver, NOTHING_READ, nextRead, openingOptions } from './core/next-read.ts';
import type { ReadMode } from './core/repeat-filter.ts';
import { decideOnSilence, hasEnded, SILENCE_LIMITS, type SilenceLimits, type WatchedRead } from './core/silence.ts';
import { type RunningLogRead, runLogRead } from './log-read.ts';
import type { LogSink } from './log-sink.ts';
import { makeNamedPipe } from './named-pipe.ts';

export interface LogStreamOptions {
  readonly kubectl: KubectlSettings;
  readonly pod: Pod;
  readonly container: string;
  /** Undefined: from the first line. */
  readonly first: FirstOptions | undefined;
  readonly sink: LogSink;
  readonly tell: Tell;
  readonly signal: AbortSignal;
  readonly start?: typeof startKubectl;
  readonly makePipe?: typeof makeNamedPipe;
  readonly limits?: SilenceLimits;
  /** Of the pauses between reads. */
  readonly pauseFactor?: number;
}

interface Reading extends WatchedRead {
  readonly running: RunningLogRead;
  endedMs?: number;
  /** It was ended for its silence. */
  idle: boolean;
  timer?: NodeJS.Timeout;
}

export class LogStream {
  /** Resolves when everything was handed to the output, or after `stop`. */
  ended: Promise<void>;
  readonly #options: LogStreamOptions;
  readonly #limits: SilenceLimits;
  readonly #scanner: LineScanner;
  #pod: Pod;
  #podGone = false;
  #stopped: boolean;
  #state: StreamState;
  #reading: Reading | undefined;
  /** There is news that no read has taken into account. */
  #news = false;
  #wake = () => {};
  #first: FirstOptions | undefined;
  /** The instance that `#first` is for. */
  #firstInstance: string | undefined;
  /** When a read of it first got through to the kubelet. */
  #openedMs: number | undefined;
  #toldGap: string | undefined;
  #toldUnreadable = false;

  constructor(options: LogStreamOptions) {
    this.#options = options;
    this.#limits = options.limits ?? SILENCE_LIMITS;
    this.#state = { position: NOTHING_READ, failures: 0, idleMs: this.#limits.idleMs, toldFailure: undefined };
    this.#scanner = new LineScanner(options.sink.lines);
    this.#pod = options.pod;
    // What starts after this stream is shown from its first line.
    this.#first = this.#instances.latest === undefined ? undefined : options.first;
    this.#stopped = options.signal.aborted;
    const onAbort = () => void this.stop();
    options.signal.addEventListener('abort', onAbort);
    this.ended = this.#run().finally(() => options.signal.removeEventListener('abort', onAbort));
  }

  update(pod: Pod): void {
    const was = { ...this.#instances, phase: this.#pod.phase };
    this.#pod = pod;
    const now = this.#instances;
    const replaced = was.latest !== now.latest;
    const changed = replaced || was.alive !== now.alive || was.previous !== now.previous || was.phase !== pod.phase;
    const state = afterPodNews(this.#state, changed);
    if (state === undefined) return;
    this.#state = state;
    // It may have been opened on the new instance, which would hold back what the ended one had still to say.
    const { read, running } = this.#reading ?? {};
    if (replaced && read?.previous === false && !running?.heard) void running?.stop();
    this.#announce(changed);
  }

  /** The pod object is gone for good: what is still coming is shown, then the stream ends. */
  podGone(): void {
    if (this.#podGone) return;
    this.#podGone = true;
    this.#announce(true);
  }

  /** It is not gone after all: what comes after the lines that were shown is shown. */
  podBack(): void {
    this.#podGone = false;
    this.ended = this.ended.then(() => this.#run());
  }

  /** The stream may have died without a sign. */
  readAnew(): void {
    if (this.#reading !== undefined) this.#reading.idle = true;
    void this.#reading?.running.stop();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#reading?.running.stop();
    await this.ended;
  }

  get #instances() {
    return instancesOf(this.#pod.containers.find(({ name }) => name === this.#options.container));
  }

  async #run(): Promise<void> {
    while (!this.#stopped && !this.#podGone) {
      this.#news = false;
      const next = nextRead(this.#state.position, this.#instances);
      if (isOver(next, this.#state.failures, this.#pod)) break;
      await this.#newsOrTime(next.kind === 'wait' ? undefined : await this.#readOnce(next));
    }
    this.#scanner.complete();
    const drained = this.#drain();
    this.#news = false;
    await Promise.race([drained, this.#newsOrTime(undefined)]);
  }

  /** Waits for an end, news of the container, or `ms`. */
  #newsOrTime(ms: number | undefined): Promise<void> {
    if (this.#stopped || this.#news || ms === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #announce(news: boolean): void {
    this.#news = news;
    this.#watch();
    this.#wake();
  }

  /** Returns how long to wait before the next one. */
  async #readOnce(read: LogRead): Promise<number> {
    await this.#options.kubectl.login?.pass();
    const pipe = await (this.#options.makePipe ?? makeNamedPipe)();
    if (this.#stopped || this.#news) {
      pipe?.discard();
      return 0;
    }
    if (read.gap) this.#tellGap(read.instance, read.mode);
    const { kubectl, container, sink, start = startKubectl } = this.#options;
    const { follow, previous } = read;
    const before = this.#instances;
    const sinceTime = read.mode === 'fresh' ? undefined : this.#scanner.shown.sinceTime();
    const range = sinceTime === undefined ? this.#openingOptions(read) : { sinceTime };
    this.#scanner.attach(read.mode);
    const args = logsArgs(kubectl, this.#pod.name, container, { follow, previous, ...range });
    const running = runLogRead(start(kubectl.program, args, { pipe }), this.#scanner, sink, pipe, () =>
      this.#checkReadable(false),
    );
    const startedMs = performance.now();
    const reading: Reading = { read, running, idle: false };
    this.#reading = reading;
    this.#watch();
    const result = await running.ended;
    this.#reading = undefined;
    clearTimeout(reading.timer);
    if (this.#stopped) return 0;
    this.#checkReadable(result.clean || reading.idle);
    if (result.opened) this.#openedMs ??= startedMs;
    const { confirmed, newLines, unfinishedBytes, shown } = this.#scanner;
    const brought = { confirmed, heard: running.heard, newLines, unfinishedBytes, nothingShown: shown.empty };
    const resumed = read.mode === 'resume' && sinceTime !== undefined;
    return this.#conclude({ ...result, ...brought, read, before, resumed, idle: reading.idle });
  }

  #openingOptions({ instance }: LogRead): ReturnType<typeof openingOptions> {
    this.#firstInstance ??= instance;
    if (instance !== this.#firstInstance) this.#first = undefined;
    return openingOptions(this.#first, this.#openedMs === undefined ? undefined : performance.now() - this.#openedMs);
  }

  #conclude(end: EndedRead): number {
    const { pauseFactor = 1, tell, container, kubectl } = this.#options;
    const { state, lineEnds, gapOf, failure, pauseMs } = afterRead(this.#state, end, this.#limits, Math.random());
    this.#state = state;
    if (gapOf !== undefined) this.#tellGap(gapOf, 'resume');
    if (lineEnds) {
      this.#scanner.complete();
      void this.#drain();
    }
    if (failure !== undefined && !kubectl.login?.heard(failure)) {
      tell({ kind: 'log-failed', pod: this.#pod.name, container, reason: failure });
    }
    return pauseMs * pauseFactor;
  }

  /** Ends a read that brings nothing more. */
  #watch(): void {
    const reading = this.#reading;
    if (reading === undefined) return;
    clearTimeout(reading.timer);
    const nowMs = performance.now();
    if (hasEnded(reading.read, this.#instances, this.#podGone)) reading.endedMs ??= nowMs;
    const decision = decideOnSilence(reading, nowMs, this.#state.idleMs, this.#limits);
    if (decision.kind === 'wait') reading.timer = setTimeout(() => this.#watch(), decision.ms);
    else {
      reading.idle = decision.idle;
      void reading.running.stop();
    }
  }

  #drain(): Promise<void> {
    return this.#options.sink.drain(() => this.#scanner.taken());
  }

  #checkReadable(over: boolean): void {
    const reason = this.#toldUnreadable ? undefined : whyUnreadable(this.#scanner.insteadOfLines, over);
    if (reason === undefined) return;
    this.#toldUnreadable = true;
    this.#options.tell({ kind: 'log-failed', pod: this.#pod.name, container: this.#options.container, reason });
  }

  #tellGap(instance: string, mode: ReadMode): void {
    if (this.#toldGap === instance) return;
    this.#toldGap = instance;
    const { tell, container } = this.#options;
    const cause = this.#podGone || this.#pod.terminating ? 'podDeleted' : mode === 'accept' ? 'rotated' : 'notKept';
    tell({ kind: 'log-gap', pod: this.#pod.name, container, reason: GAP_REASONS[cause] });
  }
}
