// One of the local ports of a `kubectl port-forward` and the connections through it: what kubectl says about a connection
// names the port it came in by, and nothing else.
import { areAllRefused, type Facts, type Verdict, verdictOf } from './core/verdict.ts';

/** What became of a connection without an answer; `reason`: in kubectl's words. */
export interface ReasonedVerdict {
  readonly kind: Verdict;
  readonly reason: string;
}

/** A connection from its start to its verdict. */
export interface Attempt {
  /** kubectl's local port that it is to be made to. */
  readonly port: number;
  answered(): void;
  /** The client has left before any answer. */
  left(): void;
  /** What became of it, once the forward has closed it without an answer; `sent`: bytes handed over, undefined if it was not accepted. */
  verdict(sent: number | undefined): Promise<ReasonedVerdict>;
}

/** How long to wait for kubectl's word on further refusals, or for its end. */
const WORD_MS = 1_000;
/** How long a word that nobody claimed still counts: kubectl closes the connection right after it. */
const UNCLAIMED_MS = 2_000;
/** How long kubectl's next word may still be about a connection whose fate nobody knows: its own time-out is 30 s. */
const UNCERTAIN_MS = 40_000;

interface Failure {
  readonly reached: 'no' | 'unknown';
  readonly reason: string;
  readonly atMs: number;
  /** When the connection that it is about had begun at the latest; infinity where that is not known. */
  readonly begunByMs: number;
}

export class PrivatePort {
  readonly #port: number;
  /** With when they began. */
  readonly #unanswered = new Map<Attempt, number>();
  #failures: Failure[] = [];
  /** Connections made to kubectl, and those it took up: it says so before it passes a byte on. */
  #made = 0;
  #taken = 0;
  #kubectl: Facts['kubectl'] = 'runs';
  #lastWords = '';
  #wake: (() => void)[] = [];

  constructor(port: number) {
    this.#port = port;
  }

  /** Connections that a word of kubectl's could be about. */
  get unanswered(): number {
    return this.#unanswered.size;
  }

  begin(): Attempt {
    const sinceMs = performance.now();
    const forget = () => void this.#unanswered.delete(attempt);
    const leaveOpen = () => {
      if (!this.#unanswered.has(attempt)) return;
      // As if it had never been taken up: no other one can then be taken for that.
      this.#made -= 1;
      setTimeout(forget, UNCERTAIN_MS).unref();
    };
    const attempt: Attempt = {
      port: this.#port,
      answered: forget,
      left: leaveOpen,
      verdict: async (sent) => {
        const verdict = await this.#verdict(sinceMs, sent);
        if (verdict.kind === 'unknown') leaveOpen();
        else forget();
        return verdict;
      },
    };
    this.#unanswered.set(attempt, sinceMs);
    this.#made += 1;
    return attempt;
  }

  /** kubectl has taken up a connection. */
  taken(): void {
    this.#taken += 1;
  }

  /** @param waitedMs how long kubectl has waited at least before it said so; minus infinity where that is not known */
  failed(reached: 'no' | 'unknown', reason: string, waitedMs: number = Number.NEGATIVE_INFINITY): void {
    const atMs = performance.now();
    this.#failures.push({ reached, reason, atMs, begunByMs: atMs - waitedMs });
    this.#changed();
  }

  /** kubectl has closed its outputs. */
  closing(): void {
    if (this.#kubectl === 'runs') this.#kubectl = 'closing';
  }

  /** It has ended and what was read of its words was passed on. @param isWhole that is all that it had said */
  ended(lastWords: string, isWhole: boolean): void {
    this.#kubectl = 'ended';
    if (!isWhole) this.#taken = Number.POSITIVE_INFINITY;
    this.#lastWords = lastWords || 'kubectl port-forward ended';
    this.#changed();
  }

  async #verdict(sinceMs: number, sent: number | undefined) {
    if (sent === undefined) this.#made -= 1;
    // What kubectl wrote before it closed the connection is read within this turn of the event loop.
    await new Promise(setImmediate);
    const deadlineMs = performance.now() + WORD_MS;
    for (;;) {
      const leftMs = deadlineMs - performance.now();
      const facts = this.#facts(sinceMs, sent, leftMs <= 0);
      const kind = verdictOf(facts);
      if (kind !== undefined) return { kind, reason: this.#claim(kind, facts, sinceMs) };
      await this.#change(leftMs);
    }
  }

  #facts(sinceMs: number, sent: number | undefined, late: boolean): Facts {
    const nowMs = performance.now();
    this.#failures = this.#failures.filter(({ atMs }) => nowMs - atMs < UNCLAIMED_MS);
    const heard = this.#failures.filter(({ atMs }) => atMs >= sinceMs);
    const begunByMs = Math.max(...heard.map((failure) => failure.begunByMs));
    const mine = begunByMs >= sinceMs ? heard : [];
    const isOver = this.#kubectl === 'ended';
    const subjects = [...this.#unanswered.values()].filter((begunMs) => isOver || begunMs <= begunByMs);
    const refusals = mine.filter(({ reached }) => reached === 'no').length;
    return {
      sent,
      unanswered: subjects.length,
      refusals,
      failures: mine.length - refusals,
      neverTaken: isOver ? Math.max(0, this.#made - this.#taken) : 0,
      kubectl: this.#kubectl,
      late,
    };
  }

  /** Takes the word that the verdict is founded on away from the others, and returns it. */
  #claim(kind: Verdict, facts: Facts, sinceMs: number): string {
    if (kind === 'closed') return '';
    if (facts.sent === undefined) return 'kubectl port-forward no longer listens';
    const wanted = kind === 'unreached' ? 'no' : 'unknown';
    const failure = this.#failures.find(({ reached, atMs }) => atMs >= sinceMs && reached === wanted);
    if (failure !== undefined) {
      this.#failures.splice(this.#failures.indexOf(failure), 1);
      return failure.reason;
    }
    if (facts.neverTaken > 0 && areAllRefused(facts)) this.#made -= 1;
    return this.#lastWords;
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  #change(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, withinMs));
      this.#wake.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
