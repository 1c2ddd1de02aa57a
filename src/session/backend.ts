// What stands behind a tunnel for one pod: its supervised forward, and whether new connections may go there now.
import type { KubectlSettings } from '../core/settings.ts';
import { pauseMs } from '../core/supervision.ts';
import { type Forward, startForward } from './forward.ts';
import type { StartGate } from './start-gate.ts';
import { supervise } from './supervisor.ts';

/** A pod of a StatefulSet comes back under the same name, so the uid tells pods apart. */
export interface PodRef {
  readonly uid: string;
  readonly name: string;
}

/**
 * Whether a pod's container takes new connections. `terminating`: its process may end at any moment, so only clients
 * that have waited for half of the hold time go there. `down`: nothing runs.
 */
export type Gate = 'open' | 'terminating' | 'down';

export interface Backend {
  readonly uid: string;
  /** Resolves when a forward listened for the first time. */
  readonly worked: Promise<void>;
  readonly forward: Forward | undefined;
  readonly gate: Gate;
  setGate(gate: Gate): void;
  /** When the next connection may be tried, after refusals. */
  readonly nextTryMs: number;
  /** Refusals since the application last answered. */
  readonly refusals: number;
  /**
   * Whether a further connection may go to the running forward: until the application has answered through it, one at
   * a time feels its way, since then a refusal can be laid at that one's door; then a few, then many, since what a pod
   * about to end has swallowed cannot be tried again. A pod that is terminating has to show anew that it answers.
   */
  readonly takesMore: boolean;
  /** None wait any more: those that come from now on need not be counted. */
  drained(): void;
  /** Counts a connection in; call the result when it is over. */
  enter(forward: Forward): { answered(): void; over(): void };
  refused(forward: Forward): void;
  /** Forgets past failures: something has changed for the better. */
  kick(): void;
  /** Ends the forward with the last connection through it, or after `graceMs`; resolves when it has ended. */
  retire(graceMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** A first connection that was not refused for this long has most likely been accepted: a few others may follow. */
const PROBE_MS = 300;
/** As many as a forward has local ports: of so many kubectl's word can still tell which one it is about. */
const FEW = 8;
/** Of a thousand that had waited and went at once, a container that ends again soon would take all along. */
const MANY = 64;
/** An application that says nothing for this long is one that waits for its clients to speak: all may go there. */
const SILENT_MS = 3_000;

/** How many connections may be without an answer at the same time while a forward has yet to show that it works. */
interface Allowance {
  readonly forward: Forward;
  limit: number;
  unanswered: number;
}
const RETRY_PAUSES = { firstMs: 50, maxMs: 400, provenMs: 0 };
/** Starts that failed in a row after which it is worth telling. */
const TELL_AFTER = 3;

export function createBackend(options: {
  pod: PodRef;
  remotePort: number;
  kubectl: KubectlSettings;
  startGate: StartGate;
  /** Something changed that may let waiting connections go. */
  onChange: () => void;
  /** kubectl port-forward does not come up, several times in a row. */
  onFailing: (reason: string) => void;
}): Backend {
  const { pod, onChange } = options;
  let gate: Gate = 'open';
  let forward: Forward | undefined;
  let allowance: Allowance | undefined;
  /** Counts changes of the gate: what began before the last one says nothing about how things are now. */
  let epoch = 0;
  let failures = 0;
  let refusals = 0;
  let nextTryMs = 0;
  let open = 0;
  let retired: (() => void) | undefined;
  let firstWorked: () => void = () => {};
  const worked = new Promise<void>((resolve) => {
    firstWorked = resolve;
  });

  function start(): Forward {
    const started = startForward(options.kubectl, pod.name, options.remotePort);
    void started.worked.then(() => {
      forward = started;
      failures = 0;
      firstWorked();
      onChange();
    });
    void started.ended.then(({ blameless }) => {
      const listened = forward === started;
      if (listened) forward = undefined;
      if (retired !== undefined || blameless || listened) return;
      failures += 1;
      if (failures === TELL_AFTER) options.onFailing(started.message);
    });
    return started;
  }

  const supervisor = supervise(start, { starting: () => options.startGate.enter() });
  const stop = () => supervisor.stop();

  function startOver(which: Forward): Allowance {
    allowance = { forward: which, limit: 1, unanswered: 0 };
    return allowance;
  }

  function allow(which: Forward, limit: number): void {
    if (allowance?.forward !== which || allowance.limit >= limit) return;
    allowance.limit = limit;
    onChange();
  }

  function trust(which: Forward): void {
    refusals = 0;
    nextTryMs = 0;
    if (allowance?.forward === which) allowance.limit = Math.max(allowance.limit, MANY);
    onChange();
  }

  const backend: Backend = {
    uid: pod.uid,
    worked,
    get gate() {
      return gate;
    },
    setGate(now) {
      gate = now;
      epoch += 1;
      allowance = undefined;
      if (now === 'open') backend.kick();
    },
    get forward() {
      return forward?.listens === true ? forward : undefined;
    },
    get nextTryMs() {
      return nextTryMs;
    },
    get refusals() {
      return refusals;
    },
    get takesMore() {
      if (allowance === undefined || allowance.forward !== forward) return true;
      return allowance.unanswered < allowance.limit;
    },
    drained() {
      if (allowance !== undefined && allowance.limit >= MANY) allowance.limit = Number.POSITIVE_INFINITY;
    },
    enter(which) {
      open += 1;
      const begun = epoch;
      const mine = allowance?.forward === which ? allowance : startOver(which);
      const timers: NodeJS.Timeout[] = [];
      // What takes connections of a pod that ends may be nobody: there, silence proves nothing.
      if (mine.limit !== Number.POSITIVE_INFINITY && gate === 'open') {
        const stillAllow = (limit: number) => () => begun === epoch && allowance === mine && allow(which, limit);
        timers.push(setTimeout(stillAllow(FEW), PROBE_MS));
        timers.push(setTimeout(stillAllow(Number.POSITIVE_INFINITY), SILENT_MS));
      }
      mine.unanswered += 1;
      let unanswered = true;
      const settle = () => {
        for (const timer of timers) clearTimeout(timer);
        if (unanswered) mine.unanswered -= 1;
        unanswered = false;
      };
      return {
        answered() {
          settle();
          if (begun === epoch) trust(which);
        },
        over() {
          settle();
          open -= 1;
          if (open === 0) retired?.();
          onChange();
        },
      };
    },
    refused(which) {
      startOver(which);
      refusals += 1;
      nextTryMs = performance.now() + pauseMs(refusals, 0.5, RETRY_PAUSES);
    },
    kick() {
      nextTryMs = 0;
      supervisor.kick();
    },
    async retire(graceMs) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        retired = resolve;
        timer = setTimeout(resolve, graceMs);
        timer.unref();
        if (open === 0) resolve();
      });
      clearTimeout(timer);
      await stop();
    },
    stop,
  };
  return backend;
}
