// Keeps the set of a target's pods up to date: a watch that is started again whenever it ends, and lists beside it.

import { ask } from '../kubectl/ask.ts';
import { getArgs, listArgs, type PodQuery } from '../kubectl/core/kubectl-args.ts';
import { classifyFailure, lostContext } from '../kubectl/core/kubectl-errors.ts';
import type { Tell } from '../output/core/events.ts';
import { type Run, supervise } from '../processes/supervisor.ts';
import type { KubectlSettings } from '../request/core/settings.ts';
import { createDeferred } from '../values/deferred.ts';
import { decodePod, decodePodList, type Pod } from './core/pod.ts';
import { allNamed, nextPodSet, type PodSet, type PodSetEvent, podSetOf } from './core/pod-set.ts';
import { type PodEventsEnd, readPodEvents } from './pod-events.ts';

export interface PodWatchOptions {
  readonly kubectl: KubectlSettings;
  readonly query: PodQuery;
  readonly initial: readonly Pod[];
  readonly onChange: (pods: readonly Pod[]) => void;
  /** Hears once that the API server is lost, and that it is back; and once that watching is forbidden where listing is not. */
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

/** A watch names what exists at once; what it has not named after this long is looked up in a list. */
const SETTLE_MS = 1_000;
const LIST_TIMEOUT_MS = 20_000;
const LIST_AGAIN_MS = 2_000;
/** After so many watches in a row that ended without a word, the API server counts as lost. */
const LOST_AFTER = 2;

export class PodWatch {
  #set: PodSet;
  readonly #options: PodWatchOptions;
  readonly #api: ReturnType<typeof trackApi>;
  readonly #supervisor: ReturnType<typeof supervise>;
  #forbidden = false;

  constructor(options: PodWatchOptions) {
    this.#options = options;
    this.#api = trackApi(options.tell);
    this.#set = podSetOf(options.initial);
    this.#supervisor = supervise(() => this.#start(), { starting: () => this.#logIn() });
  }

  /** `performance.now()` since when a pod may have changed without our knowing; infinity while all is known. */
  get blindSinceMs(): number {
    return this.#set.blindSinceMs;
  }

  /** Somebody waits for that: a pause between watches ends now. */
  retryNow(): void {
    this.#supervisor.retryNow();
  }

  /** The present watch may have died without a sign. */
  renew(): void {
    this.#supervisor.renew();
  }

  stop(): Promise<void> {
    return this.#supervisor.stop();
  }

  async #logIn(): Promise<() => void> {
    await this.#options.kubectl.login?.pass();
    return () => {};
  }

  #start(): Run {
    const { kubectl, query, signal } = this.#options;
    const ready = createDeferred();
    let state: 'running' | 'stopped' | 'over' = 'running';
    const take = (event: PodSetEvent) => {
      ready.resolve();
      this.#api.heard();
      this.#change(event);
    };
    this.#set = nextPodSet(this.#set, { kind: 'started' });
    const events = readPodEvents(kubectl, query, take);
    const settle = async () => {
      if (allNamed(this.#set) && !this.#api.doubtful) return;
      const pods = await this.#list();
      if (state !== 'running') return;
      if (pods === undefined) timer = setTimeout(settle, LIST_AGAIN_MS);
      else take({ kind: 'listed', pods });
    };
    let timer = setTimeout(settle, SETTLE_MS);
    const ended = events.ended.then(async (end) => {
      const wanted = state === 'running' && !signal.aborted;
      state = 'over';
      clearTimeout(timer);
      this.#set = nextPodSet(this.#set, { kind: 'ended', atMs: performance.now() });
      if (wanted) await this.#judge(end);
      return { causedByApp: false };
    });
    const stop = () => {
      state = 'stopped';
      return events.stop();
    };
    return { ready: ready.promise, ended, stop };
  }

  #change(event: PodSetEvent): void {
    this.#set = nextPodSet(this.#set, event);
    this.#options.onChange([...this.#set.pods.values()]);
  }

  /** What the end of a watch that nobody asked for means. */
  async #judge({ reason, failed }: PodEventsEnd): Promise<void> {
    if (this.#options.kubectl.login?.heard(reason)) return;
    const pods = classifyFailure(reason) === 'forbidden' ? await this.#list() : undefined;
    if (pods === undefined) {
      this.#api.failed(lostContext(reason) ?? (reason || 'the watch of the pods ended'), failed);
      return;
    }
    this.#api.heard();
    this.#change({ kind: 'listed', pods });
    const message = `the pods cannot be watched, so they are listed every few seconds: ${reason}`;
    if (!this.#forbidden) this.#options.tell({ kind: 'warning', message });
    this.#forbidden = true;
  }

  /** Resolves with undefined when kubectl has no list for us, or when the session ends. */
  async #list(): Promise<readonly Pod[] | undefined> {
    const { kubectl, query, signal } = this.#options;
    await kubectl.login?.pass();
    // Who may get a pod need not be allowed to list pods.
    const args = 'name' in query ? getArgs(kubectl, `pod/${query.name}`) : listArgs(kubectl, 'pods', query);
    const answer = await ask(kubectl.program, args, { timeoutMs: LIST_TIMEOUT_MS, signal }).catch(() => undefined);
    if ('name' in query && answer?.kind === 'failed' && answer.failure === 'not-found') return [];
    if (answer?.kind !== 'answered') return undefined;
    try {
      return 'name' in query ? [decodePod(answer.value)] : decodePodList(answer.value);
    } catch {
      // As with an odd event: the next list, or the watch, says what holds.
      return undefined;
    }
  }
}

/** Whether the API server answers, judged by the watches that end. */
function trackApi(tell: Tell) {
  let failures = 0;
  let lost = false;
  return {
    get doubtful() {
      return lost || failures > 0;
    },
    heard(): void {
      failures = 0;
      if (lost) tell({ kind: 'api-restored' });
      lost = false;
    },
    /** @param decisive kubectl could not go on by itself */
    failed(reason: string, decisive: boolean): void {
      failures = Math.max(failures + 1, decisive ? LOST_AFTER : 0);
      if (!lost && failures >= LOST_AFTER) tell({ kind: 'api-lost', reason });
      lost ||= failures >= LOST_AFTER;
    },
  };
}
