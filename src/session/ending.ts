// How a session ends: nothing more starts, and what it has acquired is given back, all at once.
import { setMaxListeners } from 'node:events';
import { within } from '../processes/process-group.ts';

export type Ending = ReturnType<typeof createEnding>;

/** Children get 0.4 s to end by themselves, then they are killed. */
const STOP_DEADLINE_MS = 900;

export function createEnding(deadlineMs = STOP_DEADLINE_MS) {
  const controller = new AbortController();
  const signal = forMany(controller.signal);
  const timers = new Set<NodeJS.Timeout>();
  const releases: (() => void | Promise<void>)[] = [];
  let stopped: Promise<void> | undefined;

  async function stop(): Promise<void> {
    controller.abort();
    for (const timer of timers) clearTimeout(timer);
    // One that fails keeps no other from running.
    await within(deadlineMs, Promise.allSettled(releases.map(async (release) => release())));
  }

  return {
    /** Aborted when the end begins. */
    signal,
    /** Calls `start` after `ms`, unless the session has ended by then. */
    later(ms: number, start: () => void): void {
      if (signal.aborted) return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        start();
      }, ms);
      timers.add(timer);
    },
    onStop: (release: () => void | Promise<void>): void => void releases.push(release),
    /** Waits until all is given back, at most until the deadline. Never rejects; always the same promise. */
    stop(): Promise<void> {
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
