// From settings to a pod that can be used.
//
//   finding ──pods──▶ choosing ──one is Ready──▶ done
//      ▲ no pod yet      │ none is Ready
//      └──(an app only)──┴──▶ watching ──one is Ready──▶ done       (each wait says why it waits; each may time out)
//                                 └─it is over for good──▶ done

import { setTimeout as delay } from 'node:timers/promises';
import { placeOptions } from '../kubectl/core/place.ts';
import type { FixPlace } from '../kubectl/current-context.ts';
import { tooOldKubectl } from '../kubectl/kubectl-version.ts';
import type { Tell } from '../output/core/events.ts';
import type { AppSettings } from '../request/core/settings.ts';
import { createDeferred } from '../values/deferred.ts';
import { UserError } from '../values/errors.ts';
import { choosePod, isFinished, type PodChoice, runsUnready } from './core/choose-pod.ts';
import { type Finish, finishOfPod } from './core/finish.ts';
import { requireContainers } from './core/plan.ts';
import type { Pod } from './core/pod.ts';
import { noPodWords } from './core/search-words.ts';
import { type Asking, type FoundPods, findPods, locatePods } from './find-pods.ts';
import { ASK_JOB_AGAIN_MS, askJobFinish } from './job-finish.ts';
import { PodWatch } from './watch-pods.ts';

export interface AwaitedPod extends FoundPods {
  readonly chosen: Pod;
  readonly others: number;
  /** What is connected to is over: there are logs, and nothing else any more. */
  readonly finish?: Finish;
}

export interface AwaitDeps {
  readonly tell: Tell;
  readonly signal: AbortSignal;
  /** Called with the pod that may become ready, and all pods, once it takes long and whenever it changes then. */
  readonly onPods: (candidate: Pod, pods: readonly Pod[]) => void;
}

/** A question takes its time, however short the time-out: a credential plugin may have to log in first. */
export const SHORTEST_QUERY_MS = 3_000;
const SHORTEST_VERSION_MS = 1_000;
/** How often to look again for an app of which no pod exists under any of its selectors. */
const LOOK_AGAIN_MS = 1_000;
/** A pod that is not ready for this long has its logs shown meanwhile: they may say why. */
const SHOW_LOGS_AFTER_MS = 3_000;

const NO_NEW_POD = 'there is no pod of the new revision yet';

/** The pods of the target, and the settings that fix their place. */
export interface Located {
  readonly settings: AppSettings;
  readonly found: FoundPods;
  /** When the time-out began, by `performance.now()`. */
  readonly startMs: number;
}

export interface LocateDeps extends Asking {
  readonly fixPlace: FixPlace;
  readonly signal: AbortSignal;
}

/** @throws {UserError} when the target or the context does not exist, or kubectl cannot be used */
export async function locate(settings: AppSettings, { signal, ...asking }: LocateDeps): Promise<Located> {
  const startMs = performance.now();
  const { target, timeoutMs } = settings;
  try {
    const options = { ...asking, timeoutMs: Math.max(SHORTEST_QUERY_MS, timeoutMs), signal };
    const { kubectl, ...found } = await locatePods(target, settings.kubectl, options);
    return { settings: { ...settings, kubectl }, found, startMs };
  } catch (error) {
    // A kubectl that is too old may fail in any way.
    const leftMs = timeoutMs - (performance.now() - startMs);
    throw (await tooOldKubectl(settings.kubectl, signal, Math.max(SHORTEST_VERSION_MS, leftMs))) ?? error;
  }
}

/** @throws {UserError} when no pod is ready within the time-out */
export async function awaitPod(located: Located, deps: AwaitDeps): Promise<AwaitedPod> {
  const wait = new PodWait(located, deps);
  let { found } = located;
  let choice = wait.choose(found.pods);
  // The other selectors of an app are tried anew each time; all else is watched for.
  while (choice.kind === 'none' && located.settings.target.kind === 'app' && found.pods.length === 0) {
    wait.explain(choice, found.pods);
    found = (await wait.findAgain()) ?? found;
    choice = wait.choose(found.pods);
  }
  if (choice.kind === 'chosen') return awaitedOf(found, choice);
  return (await wait.finished(found, choice)) ?? wait.watch(found);
}

function awaitedOf(found: FoundPods, choice: Extract<PodChoice, { kind: 'chosen' }>): AwaitedPod {
  return { ...found, chosen: choice.pod, others: choice.others };
}

type NoPod = Extract<PodChoice, { kind: 'none' }>;

class PodWait {
  readonly #settings: AppSettings;
  readonly #deps: AwaitDeps;
  readonly #startMs: number;
  #reported = '';
  #apiLost = false;
  #asksJob = false;

  constructor({ settings, startMs }: Located, deps: AwaitDeps) {
    this.#settings = settings;
    this.#startMs = startMs;
    this.#deps = deps;
  }

  /** Undefined while the API server does not answer. */
  async findAgain(): Promise<FoundPods | undefined> {
    const { target, kubectl } = this.#settings;
    const { tell, signal } = this.#deps;
    if (this.#leftMs() <= 0) throw this.#timedOut();
    await delay(Math.min(LOOK_AGAIN_MS, Math.max(1, this.#leftMs())), undefined, { signal }).catch(() => {
      throw signal.reason;
    });
    try {
      const options = { timeoutMs: Math.max(SHORTEST_QUERY_MS, this.#leftMs()), signal };
      const found = await findPods(target, { first: kubectl, later: kubectl }, options);
      if (this.#apiLost) tell({ kind: 'api-restored' });
      this.#apiLost = false;
      return found;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (!this.#apiLost) tell({ kind: 'api-lost', reason: error.message });
      this.#apiLost = true;
      return undefined;
    }
  }

  choose(all: readonly Pod[]): PodChoice {
    const choice = choosePod(this.#ofRevision(all), this.#settings);
    if (choice.pod !== undefined) requireContainers(choice.pod, this.#settings.containers);
    return choice;
  }

  #ofRevision(all: readonly Pod[]): readonly Pod[] {
    const { revision } = this.#settings;
    return revision === undefined ? all : all.filter(({ labels }) => labels[revision.key] === revision.value);
  }

  /** Tells why none can be used yet, whenever the reason changes. */
  explain(choice: NoPod, all: readonly Pod[]): void {
    const { target, kubectl, manifest } = this.#settings;
    const { pod, reason: why } = choice;
    const because = pod !== undefined && runsUnready(pod) ? `${why} (--unready takes it all the same)` : why;
    const otherwise = this.#ofRevision(all).length === 0 ? NO_NEW_POD : because;
    const reason = all.length === 0 ? noPodWords(target, kubectl, manifest) : otherwise;
    if (reason !== this.#reported) this.#deps.tell({ kind: 'pod-awaited', reason });
    this.#reported = reason;
  }

  /**
   * Undefined, having told why, while a pod runs or may come.
   * @throws {UserError} when all is over and no pod is left
   */
  async finished(found: FoundPods, choice: NoPod): Promise<AwaitedPod | undefined> {
    const { pod } = choice;
    const finish = pod === undefined || isFinished(pod) ? await this.#finishOf(found, pod) : undefined;
    if (finish === undefined) {
      this.explain(choice, found.pods);
      return undefined;
    }
    if (pod !== undefined) return { ...found, chosen: pod, others: 0, finish };
    throw finish.kind === 'failed' ? finish.error : new UserError(`${finish.message}, and none of its pods is left`);
  }

  async #finishOf({ job }: FoundPods, pod: Pod | undefined): Promise<Finish | undefined> {
    const { target, kubectl } = this.#settings;
    if (target.kind === 'pod' && pod !== undefined) return finishOfPod(pod);
    if (job === undefined || this.#asksJob) return undefined;
    this.#asksJob = true;
    const finish = await askJobFinish(kubectl, job, pod, this.#deps.signal);
    this.#asksJob = false;
    return finish;
  }

  async watch(found: FoundPods): Promise<AwaitedPod> {
    const { kubectl } = this.#settings;
    const { tell, signal } = this.#deps;
    const { query, pods: initial } = found;
    const awaited = createDeferred<AwaitedPod>();
    let pods = initial;
    const look = () => {
      try {
        const choice = this.#look(pods);
        if (choice.kind === 'chosen') awaited.resolve(awaitedOf({ ...found, pods }, choice));
        else void this.finished({ ...found, pods }, choice).then((end) => end && awaited.resolve(end), awaited.reject);
      } catch (error) {
        awaited.reject(error);
      }
    };
    // A Job's pod says nothing more when it has ended, and the Job is over some time after it.
    const jobTimer = found.job === undefined ? undefined : setInterval(look, ASK_JOB_AGAIN_MS);
    const abort = () => awaited.reject(signal.reason);
    signal.addEventListener('abort', abort);
    const timer = setTimeout(() => awaited.reject(this.#timedOut()), Math.max(0, this.#leftMs()));
    const logsTimer = setTimeout(look, SHOW_LOGS_AFTER_MS);
    const watch = new PodWatch({
      kubectl,
      query,
      initial,
      onChange(changed) {
        pods = changed;
        look();
      },
      tell,
      signal,
    });
    try {
      return await awaited.promise;
    } finally {
      clearTimeout(timer);
      clearTimeout(logsTimer);
      clearInterval(jobTimer);
      signal.removeEventListener('abort', abort);
      await watch.stop();
    }
  }

  #look(pods: readonly Pod[]): PodChoice {
    const { target } = this.#settings;
    if (target.kind === 'pod' && pods.length === 0) throw new UserError(`pod ${target.name} was deleted`);
    const choice = this.choose(pods);
    const isLong = performance.now() - this.#startMs >= SHOW_LOGS_AFTER_MS;
    if (choice.kind === 'none' && choice.pod !== undefined && isLong) this.#deps.onPods(choice.pod, pods);
    return choice;
  }

  #leftMs(): number {
    return this.#settings.timeoutMs - (performance.now() - this.#startMs);
  }

  #timedOut(): UserError {
    return new UserError(`no pod became ready within ${this.#settings.timeoutMs / 1000} s: ${this.#reported}`, {
      hint: `wait longer with --timeout, or look at it with: kubectl describe pods${placeOptions(this.#settings.kubectl)}`,
    });
  }
}
