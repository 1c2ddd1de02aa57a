// What stands behind a tunnel for one pod: its supervised forward, and whether new connections may go there now.

import type { PodWatch } from '../pods/watch-pods.ts';
import { pauseMs } from '../processes/core/supervision.ts';
import type { StartLimiter } from '../processes/start-limiter.ts';
import { supervise } from '../processes/supervisor.ts';
import type { KubectlSettings } from '../request/core/settings.ts';
import { Allowance } from './core/admission.ts';
import { type Forward, startForward } from './port-forward.ts';

/** A pod of a StatefulSet comes back under the same name, so the uid tells pods apart. */
export interface PodRef {
  readonly uid: string;
  readonly name: string;
}

/**
 * Whether a pod's container takes new connections. `terminating`: its process may end at any moment, so only clients
 * that have waited for half of the hold time go there. `down`: nothing runs.
 */
export type Availability = 'open' | 'terminating' | 'down';

export interface Backend {
  readonly pod: PodRef;
  /** Resolves when a forward listened for the first time. */
  readonly ready: Promise<void>;
  readonly forward: Forward | undefined;
  readonly availability: Availability;
  /** `running`: the id of the container that runs, if one does. */
  setAvailability(availability: Availability, running: string | undefined): void;
  /**
   * Whether its kubectl has outlived the container that it forwarded to before `running`. With Kubernetes 1.20 such a one
   * may take every further connection without ever passing a byte on.
   */
  outlived(running: string | undefined): boolean;
  /** Refusals since the application last answered. */
  readonly refusals: number;
  /** When a further connection may go to the running forward: 0 now, infinity not before something changes. */
  nextMs(nowMs: number): number;
  /** None wait any more: those that come from now on need not be counted. */
  drained(): void;
  /** Counts a connection in; call the result when it is over. `abandon` ends it while it has no answer. */
  enter(forward: Forward, abandon: () => void): { answered(): void; over(): void };
  refused(forward: Forward): void;
  /** Forgets past failures: something has changed for the better. */
  retryNow(): void;
  /**
   * Ends the forward with the last connection through it, or after `graceMs`; what has no answer yet is given up after a
   * few seconds. Resolves when it has ended. May be called again with a `graceMs`.
   */
  retire(graceMs?: number): Promise<void>;
  stop(): Promise<void>;
}

/** kubectl tells of a container's end about a second later, unless it hangs. */
const ABANDON_MS = 5_000;
/** The same for what may have reached the next container already, and may only take its time. */
const UNSURE_MS = 60_000;
/** The pod's news of a restarted container come at most so long after its end: what was refused since then met nobody. */
const RECENT_MS = 3_000;
/**
 * A forward that began to listen while the pod is not watched may lead to one whose end was ordered meanwhile: it waits
 * for news of the pod, which come as soon, but not for ever.
 */
const NEWS_MS = 2_000;
const RETRY_PAUSES = { firstMs: 50, maxMs: 400, provenMs: 0 };
/** Starts that failed in a row after which it is worth telling. */
const TELL_AFTER = 3;

export interface BackendOptions {
  readonly pod: PodRef;
  readonly remotePort: number;
  readonly kubectl: KubectlSettings;
  readonly startLimiter: StartLimiter;
  /** Undefined while the pod is not watched yet. */
  readonly watch: () => Pick<PodWatch, 'blindSinceMs' | 'retryNow'> | undefined;
  /** Something changed that may let waiting connections go. */
  readonly onChange: () => void;
  /** kubectl port-forward does not come up, several times in a row; called again with each further time. */
  readonly onFailing: (reason: string) => void;
}

export function createBackend(options: BackendOptions): Backend {
  const { pod, onChange } = options;
  let availability: Availability = 'open';
  let container: string | undefined;
  /** How to give up what has no answer yet, with when it began. */
  const unanswered = new Map<() => void, number>();
  let forward: Forward | undefined;
  /** Since when the forward listens. */
  let listensMs = 0;
  /** Of the running forward, since the availability last changed: what began before says nothing about how things are now. */
  let allowance: Allowance | undefined;
  let failures = 0;
  let refusals = 0;
  let nextTryMs = 0;
  let refusedMs = Number.NEGATIVE_INFINITY;
  let open = 0;
  let retired: (() => void) | undefined;
  let graceTimer: NodeJS.Timeout | undefined;
  let ending: Promise<void> | undefined;
  let firstWorked: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    firstWorked = resolve;
  });

  function start(): Forward {
    const started = startForward(options.kubectl, pod.name, options.remotePort);
    void started.ready.then(() => {
      forward = started;
      listensMs = performance.now();
      allowance = undefined;
      failures = 0;
      firstWorked();
      if (awaitsNews()) {
        options.watch()?.retryNow();
        setTimeout(onChange, NEWS_MS + 1).unref();
      }
      onChange();
    });
    void started.ended.then(({ causedByApp }) => {
      const listened = forward === started;
      if (listened) forward = undefined;
      if (retired !== undefined || causedByApp || listened) return;
      failures += 1;
      if (failures >= TELL_AFTER) options.onFailing(started.message);
    });
    return started;
  }

  const supervisor = supervise(start, { starting: () => options.startLimiter.enter() });
  const stop = () => supervisor.stop();

  /** What it forwards to may be ending, and nobody has said so yet. */
  function awaitsNews(): boolean {
    const blindSinceMs = options.watch()?.blindSinceMs ?? Number.POSITIVE_INFINITY;
    return listensMs > blindSinceMs && performance.now() - listensMs < NEWS_MS;
  }

  /** A pod that is terminating has to show anew that it answers: what takes its connections may be nobody. */
  const newAllowance = () => new Allowance({ silenceProves: availability === 'open' });

  function abandonLater(): void {
    const nowMs = performance.now();
    for (const [abandon, sinceMs] of unanswered) {
      const patienceMs = nowMs - sinceMs < RECENT_MS ? UNSURE_MS : ABANDON_MS;
      setTimeout(() => unanswered.has(abandon) && abandon(), patienceMs).unref();
    }
  }

  const backend: Backend = {
    pod,
    ready,
    get availability() {
      return availability;
    },
    setAvailability(now, running) {
      container = running ?? container;
      if (now === availability) return;
      availability = now;
      allowance = undefined;
      if (now === 'open') backend.retryNow();
    },
    outlived(running) {
      if (running === undefined || container === undefined || running === container || forward === undefined)
        return false;
      const renewed = performance.now() - refusedMs < RECENT_MS && forward.startedMs > refusedMs;
      return !renewed;
    },
    get forward() {
      return forward?.listens === true && !awaitsNews() ? forward : undefined;
    },
    get refusals() {
      return refusals;
    },
    nextMs(nowMs) {
      if (nextTryMs > nowMs) return nextTryMs;
      return allowance?.nextMs(nowMs) ?? 0;
    },
    drained() {
      allowance?.drained();
    },
    enter(which, abandon) {
      open += 1;
      unanswered.set(abandon, performance.now());
      if (which === forward) allowance ??= newAllowance();
      const mine = which === forward ? allowance : undefined;
      const pending = mine?.enter(performance.now());
      return {
        answered() {
          unanswered.delete(abandon);
          if (pending !== undefined && mine !== undefined) {
            mine.answered(pending, performance.now());
            if (mine === allowance) {
              refusals = 0;
              nextTryMs = 0;
            }
          }
          onChange();
        },
        over() {
          unanswered.delete(abandon);
          if (pending !== undefined) mine?.left(pending);
          open -= 1;
          if (open === 0) retired?.();
          onChange();
        },
      };
    },
    refused(which) {
      if (which === forward) allowance = newAllowance();
      refusals += 1;
      refusedMs = performance.now();
      nextTryMs = refusedMs + pauseMs(refusals, 0.5, RETRY_PAUSES);
    },
    retryNow() {
      nextTryMs = 0;
      supervisor.retryNow();
    },
    retire(graceMs) {
      if (graceMs !== undefined) graceTimer ??= setTimeout(() => retired?.(), graceMs).unref();
      ending ??= new Promise<void>((resolve) => {
        retired = resolve;
        abandonLater();
        if (open === 0) resolve();
      }).then(() => {
        clearTimeout(graceTimer);
        return stop();
      });
      return ending;
    },
    stop,
  };
  return backend;
}
