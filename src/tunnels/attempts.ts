// One of a `kubectl port-forward`'s local ports and the connections through it that have not been answered yet: what
// kubectl says about a connection names the port it came in by, and nothing else.

/**
 * What became of a connection that was closed without one byte of an answer.
 * - `unreached`: provably no byte of it reached the application
 * - `closed`: the application closed it, as far as kubectl knows
 * - `unknown`: it may have reached the application
 */
export type Verdict = { readonly kind: 'unreached' | 'closed' | 'unknown'; readonly reason: string };

/** A connection between its start and its first answered byte. */
export interface Attempt {
  /** kubectl's local port that it is to be made to. */
  readonly port: number;
  answered(): void;
  /**
   * Waits a moment for kubectl's word on it; `sent` bytes of the client had been handed over, undefined if kubectl did
   * not even accept the connection.
   */
  verdict(sent: number | undefined): Promise<Verdict>;
  /** The client went away before any answer. */
  left(): void;
}

export interface ForwardPort {
  /** Connections whose fate a word of kubectl's could be about. */
  readonly unanswered: number;
  begin(): Attempt;
  /** kubectl has taken up a connection. */
  handled(): void;
  failed(failure: { reached: 'no' | 'unknown'; reason: string }): void;
  /** kubectl has ended and all that it had said was passed on. */
  ended(message: string): void;
}

/** kubectl's line about a failed connection may come after that connection's close; on a busy machine, well after. */
const VERDICT_WAIT_MS = 1_000;
/** How long a failure that nobody claimed, or a client that left before its verdict, still counts. */
const UNCLAIMED_MS = 2_000;

interface Failure {
  readonly reached: 'no' | 'unknown';
  readonly reason: string;
  readonly atMs: number;
}

export function createForwardPort(port: number): ForwardPort {
  const unanswered = new Set<Attempt>();
  let failures: Failure[] = [];
  /** Connections made to kubectl, and those it took up: it says so before it passes a byte on. */
  let made = 0;
  let handled = 0;
  let lastWords: string | undefined;
  let wake: (() => void)[] = [];
  const changed = () => {
    const waiting = wake;
    wake = [];
    for (const callback of waiting) callback();
  };

  function take(failure: Failure): string {
    failures.splice(failures.indexOf(failure), 1);
    return failure.reason;
  }

  /** What can be said now; undefined while kubectl may still say more. */
  function judge(sinceMs: number, sent: number, final: boolean): Verdict | undefined {
    const exited = lastWords !== undefined;
    const mine = failures.filter((failure) => failure.atMs >= sinceMs);
    const refusals = mine.filter((failure) => failure.reached === 'no');
    const neverTaken = exited ? made - handled : 0;
    // As many provable refusals as connections they can be about: then each of these is one of them. A connection of
    // which nothing was sent cannot have reached anything.
    const proven = refusals.length + neverTaken >= unanswered.size;
    if (refusals[0] !== undefined && (sent === 0 || proven)) return { kind: 'unreached', reason: take(refusals[0]) };
    if (!exited && !final) return undefined;
    if (mine[0] !== undefined) return { kind: 'unknown', reason: take(mine[0]) };
    if (!exited) return { kind: 'closed', reason: '' };
    if (neverTaken > 0 && proven) made -= 1;
    const reason = lastWords || 'kubectl port-forward ended';
    return { kind: sent === 0 || (neverTaken > 0 && proven) ? 'unreached' : 'unknown', reason };
  }

  async function verdictFor(sinceMs: number, sent: number | undefined): Promise<Verdict> {
    if (sent === undefined) {
      made -= 1;
      return { kind: 'unreached', reason: 'kubectl port-forward no longer listens' };
    }
    const deadlineMs = performance.now() + VERDICT_WAIT_MS;
    for (;;) {
      const leftMs = deadlineMs - performance.now();
      const verdict = judge(sinceMs, sent, leftMs <= 0);
      if (verdict !== undefined) return verdict;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(1, leftMs));
        wake.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  return {
    get unanswered() {
      return unanswered.size;
    },
    begin() {
      const sinceMs = performance.now();
      const forget = () => void unanswered.delete(attempt);
      const attempt: Attempt = {
        port,
        answered: forget,
        // A client that left may be the one that a later line is about.
        left: () => {
          if (unanswered.has(attempt)) setTimeout(forget, UNCLAIMED_MS).unref();
        },
        verdict: (sent) => verdictFor(sinceMs, sent).finally(forget),
      };
      unanswered.add(attempt);
      made += 1;
      return attempt;
    },
    handled() {
      handled += 1;
    },
    failed(failure) {
      const nowMs = performance.now();
      failures = failures.filter(({ atMs }) => nowMs - atMs < UNCLAIMED_MS);
      failures.push({ ...failure, atMs: nowMs });
      changed();
    },
    ended(message) {
      lastWords = message;
      changed();
    },
  };
}
