// Lets only so many kubectl children start at the same time: each takes some 60 ms of a core, and a hundred at once
// would starve one another beyond their own time-outs.

export type StartLimiter = ReturnType<typeof createStartLimiter>;

const SLOW_MS = 3_000;

export function createStartLimiter(limit: number) {
  let starting = 0;
  let slow = false;
  let slowTimer: NodeJS.Timeout | undefined;
  const waiting: (() => void)[] = [];

  function admit(): void {
    while (waiting.length > 0 && (slow ? starting === 0 && slowTimer === undefined : starting < limit)) {
      starting += 1;
      if (slow) slowTimer = setTimeout(onTimer, SLOW_MS).unref();
      waiting.shift()?.();
    }
  }

  function onTimer(): void {
    slowTimer = undefined;
    admit();
  }

  return {
    /**
     * Resolves with a release function when there is room; call it when the child has started (or has ended).
     * @param after what has to come first, and takes no room
     */
    async enter(after?: Promise<void>): Promise<() => void> {
      if (after !== undefined) await after;
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        admit();
      });
      let released = false;
      return () => {
        if (released) return;
        released = true;
        starting -= 1;
        admit();
      };
    },
    /** One start every few seconds: while the API server is away most of them fail. */
    slow(on: boolean): void {
      slow = on;
      clearTimeout(slowTimer);
      slowTimer = undefined;
      admit();
    },
  };
}
