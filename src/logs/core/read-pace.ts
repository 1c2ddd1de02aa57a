// When to read a container's log again. One that comes fast and in small pieces would wake us for each of them; a short
// rest lets them gather in the pipe, as long as that is far from full: then whoever writes would have to wait.

/** A pipe holds 64 KiB; the writer may be several times faster than on average for a moment. */
const GATHER_BYTES = 24 * 1024;
/** So much at once says that the pipe was full, and not how fast it was filled: it counts as this fast for a while. */
const NEARLY_FULL_BYTES = 48 * 1024;
const FAST_BYTES_PER_MS = 100 * 1024;
/**
 * Below this a rest and its timer cost more than they save: our CPU is 1.4 times as much at 2 lines of 131 bytes in a
 * millisecond, 1.2 times at 20. Above it a rest saves up to 7 %.
 */
const FEW_BYTES_PER_MS = 4 * 1024;
/** A line is seen at most this much later; a timer may be a millisecond late. */
const MAX_REST_MS = 2;
/** After a longer silence so many pieces are read as they come: the lines about one request, for example. */
const SILENCE_MS = 8;
const AT_ONCE = 4;
/** How far back the pace is measured. */
const WINDOW_MS = 10;

export class ReadPace {
  #lastMs = Number.NEGATIVE_INFINITY;
  #sinceSilence = 0;
  /** What came of late, and in which time; both fade over the window. */
  #bytes = 0;
  #ms = 0;

  /** Call with each piece that was read; returns for how many milliseconds not to read. Times of one clock. */
  restMs(bytes: number, nowMs: number): number {
    const sinceMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (sinceMs > SILENCE_MS) {
      this.#sinceSilence = 1;
      this.#bytes = 0;
      this.#ms = 0;
      return 0;
    }
    this.#sinceSilence += 1;
    if (bytes > NEARLY_FULL_BYTES) {
      this.#ms = WINDOW_MS;
      this.#bytes = WINDOW_MS * FAST_BYTES_PER_MS;
      return 0;
    }
    const kept = WINDOW_MS / (WINDOW_MS + sinceMs);
    this.#bytes = this.#bytes * kept + bytes;
    this.#ms = this.#ms * kept + sinceMs;
    if (this.#sinceSilence <= AT_ONCE || this.#bytes < FEW_BYTES_PER_MS * this.#ms) return 0;
    return Math.min(MAX_REST_MS, Math.floor((GATHER_BYTES * this.#ms) / this.#bytes));
  }
}
