// How many connections may be without an answer at the same time, and when the next one may follow: what a process that
// has ended swallows, or kubectl cuts off together with one that was refused, cannot be tried again.
//
//   feeling its way: one alone ──not refused for 0.3 s──▶ a few ──3 s──▶ all
//            │ an answer
//            ▼
//   trusted: a portion, and all once none waits any more; while an answer is overdue one at a time, each 0.3 s

/** A first connection that was not refused for this long has most likely been accepted: a few others may follow. */
const PROBE_MS = 300;
/** As many as a forward has local ports: of so many kubectl's word can still tell which one it is about. */
const FEW = 8;
/**
 * Of a thousand that had waited and went at once, a container that ends again soon would take all along. One for each
 * millisecond that the first answer took, within these bounds, lets a thousand go on in a second. The first one was alone:
 * answers take longer the more there are, and more must not be a reason for more.
 */
const PORTION = { least: 16, most: 64 };
/** An application that says nothing for this long is one that waits for its clients to speak: all may go there. */
const SILENT_MS = 3_000;
/** An answer is overdue after twice the time that recent ones took, and not earlier than this. */
const OVERDUE_MIN_MS = 20;
/** The slowest recent answer counts, a tenth less with each one after it. */
const FORGET = 0.9;

/** A connection between its start and its first answered byte. */
export interface Pending {
  readonly sinceMs: number;
}

export class Allowance {
  readonly #silenceProves: boolean;
  readonly #unanswered = new Set<Pending>();
  /** Once an answer came. */
  #portion: number | undefined;
  /** None is counted any more. */
  #free = false;
  #usualMs = 0;
  /** The first connection that was made after the last answer. */
  #overdue: Pending | undefined;
  /** Those made since it is overdue. */
  #sinceOverdue = 0;

  /** @param options.silenceProves false where what takes connections may be nobody: a pod that is ending */
  constructor(options: { silenceProves: boolean }) {
    this.#silenceProves = options.silenceProves;
  }

  /** All times are of one clock, in milliseconds. */
  enter(nowMs: number): Pending {
    this.#free ||= this.#limit(nowMs) === Number.POSITIVE_INFINITY;
    const pending = { sinceMs: nowMs };
    if (this.#isOverdue(nowMs)) this.#sinceOverdue += 1;
    this.#unanswered.add(pending);
    this.#overdue ??= pending;
    return pending;
  }

  answered(pending: Pending, nowMs: number): void {
    this.#unanswered.delete(pending);
    const tookMs = nowMs - pending.sinceMs;
    this.#portion ??= Math.min(PORTION.most, Math.max(PORTION.least, tookMs));
    this.#usualMs = Math.max(this.#usualMs * FORGET, tookMs);
    this.#inTime();
  }

  /** It ended without an answer, and nothing was refused. */
  left(pending: Pending): void {
    this.#unanswered.delete(pending);
    if (this.#overdue === pending) this.#inTime();
  }

  /** None wait any more: those that come from now on need not be counted. */
  drained(): void {
    this.#free ||= this.#portion !== undefined;
  }

  /** When a further connection may go, unless something is answered or refused first: 0 now, infinity not before that. */
  nextMs(nowMs: number): number {
    if (this.#unanswered.size < this.#limit(nowMs)) return this.#overdueUntilMs(nowMs);
    if (!this.#silenceProves) return Number.POSITIVE_INFINITY;
    return this.#oldestMs() + (this.#unanswered.size < FEW ? PROBE_MS : SILENT_MS);
  }

  #limit(nowMs: number): number {
    if (this.#free) return Number.POSITIVE_INFINITY;
    const silentMs = this.#silenceProves ? nowMs - this.#oldestMs() : 0;
    if (silentMs >= SILENT_MS) return Number.POSITIVE_INFINITY;
    return this.#portion ?? (silentMs >= PROBE_MS ? FEW : 1);
  }

  /** kubectl tells of a refusal within 0.15 s and of a killed API server within 0.2, but may hang; the pod's news take a second. */
  #overdueUntilMs(nowMs: number): number {
    if (this.#overdue === undefined || !this.#isOverdue(nowMs)) return 0;
    return this.#overdue.sinceMs + PROBE_MS * (this.#sinceOverdue + 1);
  }

  #isOverdue(nowMs: number): boolean {
    if (this.#overdue === undefined || this.#portion === undefined) return false;
    const silentMs = nowMs - this.#overdue.sinceMs;
    return silentMs >= Math.max(OVERDUE_MIN_MS, this.#usualMs * 2) && silentMs < SILENT_MS;
  }

  #inTime(): void {
    this.#overdue = undefined;
    this.#sinceOverdue = 0;
  }

  #oldestMs(): number {
    const [oldest] = this.#unanswered;
    return oldest?.sinceMs ?? Number.POSITIVE_INFINITY;
  }
}
