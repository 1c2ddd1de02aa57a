// From settings to a pod that can be used.
//
//   finding ──pods──▶ choosing ──one is Ready──▶ done
//      ▲ no pod yet      │ none is Ready
//      └──(an app only)──┴──▶ watching ──one is Ready──▶ done       (each wait says why it waits; each may time out)

import { setTimeout as delay } from 'node:timers/promises';
import { tooOldKubectl } from '../kubectl/kubectl-version.ts';
import { type Tell, unwatchable } from '../output/core/events.ts';
import type { AppSettings } from '../request/core/settings.ts';
import { createDeferred } from '../values/deferred.ts';
import { UserError } from '../values/errors.ts';
import { choosePod, type PodChoice } from './core/choose-pod.ts';
import { endedForGood, lostForGood } from './core/next-pod.ts';
import { requireContainers } from './core/plan.ts';
import type { Pod } from './core/pod.ts';
import { noPodWords } from './core/search-words.ts';
import { type EarlyQuestions, type FoundPods, findPods, locatePods } from './find-pods.ts';
import { watchPods } from './watch-pods.ts';

export interface AwaitedPod extends FoundPods {
  readonly chosen: Pod;
  readonly others: number;
}

export interface AwaitDeps {
  readonly tell: Tell;
  readonly signal: AbortSignal;
  /** Called with the pod that may become ready, and all pods, once it takes long and whenever it changes then. */
  readonly onPods: (candidate: Pod, pods: readonly Pod[]) => void;
}

/** A question takes its time, however short the time-out: a credential plugin may have to log in first. */
const SHORTEST_QUERY_MS = 3_000;
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

/** @throws {UserError} when the target or the context does not exist, or kubectl cannot be used */
export async function locate(
  settings: AppSettings,
  { early, signal }: { early?: EarlyQuestions | undefined; signal: AbortSignal },
): Promise<Located> {
  const startMs = performance.now();
  const { target, timeoutMs } = settings;
  try {
    const options = { timeoutMs: Math.max(SHORTEST_QUERY_MS, timeoutMs), signal, early };
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
  while (located.settings.target.kind === 'app' && found.pods.length === 0) {
    found = (await wait.findAgain()) ?? found;
    choice = wait.choose(found.pods);
  }
  if (choice.kind === 'none') return wait.watch(found);
  return { ...found, chosen: choice.pod, others: choice.others };
}

class PodWait {
  readonly #settings: AppSettings;
  readonly #deps: AwaitDeps;
  readonly #startMs: number;
  #reported = '';
  #apiLost = false;

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

  /** Tells why none can be used yet, whenever the reason changes. */
  choose(all: readonly Pod[]): PodChoice {
    const { target, containers, revision } = this.#settings;
    const pods = revision === undefined ? all : all.filter(({ labels }) => labels[revision.key] === revision.value);
    const choice = choosePod(pods);
    if (choice.pod !== undefined) requireContainers(choice.pod, containers);
    if (choice.kind === 'chosen') return choice;
    if (target.kind === 'pod' && choice.pod !== undefined && endedForGood(choice.pod)) throw lostForGood(choice.reason);
    const { kubectl, manifest } = this.#settings;
    const otherwise = pods.length === 0 && revision !== undefined ? NO_NEW_POD : choice.reason;
    const reason = all.length === 0 ? noPodWords(target, kubectl, manifest) : otherwise;
    if (reason !== this.#reported) this.#deps.tell({ kind: 'pod-awaited', reason });
    this.#reported = reason;
    return choice;
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
        if (choice.kind === 'chosen') awaited.resolve({ ...found, pods, chosen: choice.pod, others: choice.others });
      } catch (error) {
        awaited.reject(error);
      }
    };
    const abort = () => awaited.reject(signal.reason);
    signal.addEventListener('abort', abort);
    const timer = setTimeout(() => awaited.reject(this.#timedOut()), Math.max(0, this.#leftMs()));
    const logsTimer = setTimeout(look, SHOW_LOGS_AFTER_MS);
    const watch = watchPods({
      kubectl,
      query,
      initial,
      onChange(changed) {
        pods = changed;
        look();
      },
      onLost: (reason) => tell({ kind: 'api-lost', reason }),
      onRestored: () => tell({ kind: 'api-restored' }),
      onForbidden: (reason) => tell(unwatchable(reason)),
      signal,
    });
    try {
      return await awaited.promise;
    } finally {
      clearTimeout(timer);
      clearTimeout(logsTimer);
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
      hint: 'wait longer with --timeout, or look at it with: kubectl describe pods',
    });
  }
}
