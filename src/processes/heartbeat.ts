// Notices that the machine slept, or that we were stopped: connections may have died meanwhile without a sign.

const TICK_MS = 1_000;
/** Longer than a busy machine keeps a timer waiting. */
const GAP_MS = 5_000;

/** Calls back after each gap; returns how to stop that. Only the wall clock goes on while a machine sleeps. */
export function watchForGaps(onGap: (gapMs: number) => void, now: () => number = Date.now): () => void {
  let lastMs = now();
  const timer = setInterval(() => {
    const gapMs = now() - lastMs - TICK_MS;
    lastMs = now();
    if (gapMs >= GAP_MS) onGap(gapMs);
  }, TICK_MS).unref();
  return () => clearInterval(timer);
}
