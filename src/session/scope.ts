// What a session has acquired and how it gives it back: in reverse order, within a deadline.

export interface Scope {
  /** Aborted when `close` begins: forbids restarts and wakes whoever waits. */
  readonly signal: AbortSignal;
  /** Registers a release (what can end together belongs into one); in a scope that has been closed it runs at once. */
  defer(name: string, release: () => void | Promise<void>): void;
  /**
   * Runs all releases, last registered first. A release that fails does not keep the others from running; one that has
   * not ended at the deadline is left behind. Never rejects; always the same promise.
   */
  close(): Promise<ScopeEnd>;
}

export interface ScopeEnd {
  /** Names of releases that had not ended at the deadline. */
  readonly late: readonly string[];
  readonly failures: readonly { readonly name: string; readonly error: unknown }[];
}

export function createScope({ deadlineMs }: { deadlineMs: number }): Scope {
  const controller = new AbortController();
  const releases: { name: string; release: () => void | Promise<void> }[] = [];
  const failures: { name: string; error: unknown }[] = [];
  let closing: Promise<ScopeEnd> | undefined;
  let closed = false;

  const run = async (name: string, release: () => void | Promise<void>) => {
    try {
      await release();
    } catch (error) {
      failures.push({ name, error });
    }
  };
  const close = async (): Promise<ScopeEnd> => {
    const open = new Set<{ name: string }>();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), deadlineMs);
    });
    controller.abort();
    for (let next = releases.pop(); next !== undefined; next = releases.pop()) {
      const { name, release } = next;
      const entry = { name };
      open.add(entry);
      await Promise.race([run(name, release).then(() => open.delete(entry)), deadline]);
    }
    // Past the deadline the loop does not even wait for what ends at once.
    if (open.size > 0) await new Promise(setImmediate);
    closed = true;
    clearTimeout(timer);
    return { late: [...open].map(({ name }) => name), failures };
  };
  return {
    signal: controller.signal,
    defer(name, release) {
      if (closed) void run(name, release);
      else releases.push({ name, release });
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}
