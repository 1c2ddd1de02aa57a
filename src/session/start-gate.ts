// Lets only so many kubectl children start at the same time: each takes some 60 ms of a core, and a hundred at once
// would starve one another beyond their own time-outs.

/** Resolves with a release function when there is room. */
export type StartGate = () => Promise<() => void>;

export function createStartGate(limit: number): StartGate {
  let starting = 0;
  const waiting: (() => void)[] = [];
  const release = () => {
    starting -= 1;
    waiting.shift()?.();
  };
  return async () => {
    while (starting >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    starting += 1;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      release();
    };
  };
}
