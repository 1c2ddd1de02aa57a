// How a session ends: nothing more starts, and what it has acquired is given back, all at once.
import { setMaxListeners } from 'node:events';

export interface Ending {
  /** Aborted when the end begins. */
  readonly signal: AbortSignal;
  /** Calls `start` after `ms`, unless the session has ended by then. */
  later(ms: number, start: () => void): void;
  onStop(release: () => void | Promise<void>): void;
  /** Waits until all is given back, at most until the deadline. Never rejects; always the same promise. */
  stop(): Promise<void>;
}

/** Children get 0.4 s to end by themselves, then they are killed. */
const STOP_DEADLINE_MS = 900;

export function createEnding(deadlineMs = STOP_DEADLINE_MS): Ending {
  const controller = new AbortController();
  const signal = forMany(controller.signal);
  const timers = new Set<NodeJS.Timeout>();
  const releases: (() => void | Promise<void>)[] = [];
  let stopped: Promise<void> | undefined;

  async function stop(): Promise<void> {
    controller.abort();
    for (const timer of timers) clearTimeout(timer);
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadlineMs);
    });
    // One that fails keeps no other from running.
    const released = Promise.allSettled(releases.map(async (release) => release()));
    await Promise.race([released, deadline]);
    clearTimeout(timer);
  }

  return {
    signal,
    later(ms, start) {
      if (signal.aborted) return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        start();
      }, ms);
      timers.add(timer);
    },
    onStop: (release) => void releases.push(release),
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** The same signal. Each app, each log and each question listens to it: Node warns of a leak from eleven listeners on. */
export function forMany(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}

/** Rejects with the signal's reason. */
export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
