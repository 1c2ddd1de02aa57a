// The timestamps of the lines shown last. A read with --since-time begins up to two seconds before the line shown last
// and brings those lines again, in the same order; this list tells them from new ones.
import { renderSinceTime } from './timestamp.ts';

const FIRST_CAPACITY = 64;
// Older lines are recognised by their time alone.
const MAX_ENTRIES = 64 * 1024;
// One bit is enough for the second, since only two neighbouring seconds are kept; nanoseconds need 30 bits.
const entry = (seconds: number, nanos: number) => (nanos | ((seconds & 1) << 31)) >>> 0;

/** Of the last two seconds, in the log's order, at most 64 Ki of them. */
export class ShownTimestamps {
  #entries = new Uint32Array(FIRST_CAPACITY);
  #length = 0;
  /** The latest second among the entries; lines of a log that merges stdout and stderr are not quite in time's order. */
  #second = 0;
  #lastSeconds = 0;
  #lastNanos = 0;
  /** The latest time of all; a clock that is set back does not change it. */
  #latestSeconds = 0;
  #latestNanos = 0;

  get empty(): boolean {
    return this.#length === 0;
  }

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
    this.#latestSeconds = 0;
    this.#entries = new Uint32Array(FIRST_CAPACITY);
  }

  add(seconds: number, nanos: number): void {
    if (seconds !== this.#second) this.#moveTo(seconds);
    if (this.#length === MAX_ENTRIES) {
      this.#entries.copyWithin(0, MAX_ENTRIES / 2);
      this.#length = MAX_ENTRIES / 2;
    } else if (this.#length === this.#entries.length) {
      const grown = new Uint32Array(this.#length * 2);
      grown.set(this.#entries);
      this.#entries = grown;
    }
    this.#entries[this.#length++] = entry(seconds, nanos);
    this.#lastSeconds = seconds;
    this.#lastNanos = nanos;
    if (seconds < this.#latestSeconds || (seconds === this.#latestSeconds && nanos <= this.#latestNanos)) return;
    this.#latestSeconds = seconds;
    this.#latestNanos = nanos;
  }

  #moveTo(seconds: number): void {
    if (this.#length > 0 && seconds === this.#second - 1) return;
    let kept = 0;
    if (seconds === this.#second + 1) {
      const parity = this.#second & 1;
      for (let i = 0; i < this.#length; i++) {
        const value = this.#entries[i] as number;
        if (value >>> 31 === parity) this.#entries[kept++] = value;
      }
    }
    // After a pause, or after the node's clock was set back, the new time counts: otherwise later lines would lie before
    // --since-time.
    this.#length = kept;
    this.#second = seconds;
    const fitting = Math.max(FIRST_CAPACITY, kept * 4);
    if (this.#entries.length > fitting * 4) this.#entries = this.#entries.slice(0, fitting);
  }

  /** What to ask for so that every line after the last shown one comes again, and that one with it. */
  sinceTime(): string | undefined {
    return this.empty ? undefined : renderSinceTime(this.#second - 1);
  }

  /** Index of the first entry from `from` on with this timestamp, or -1. */
  find(seconds: number, nanos: number, from: number): number {
    if (seconds !== this.#second && seconds !== this.#second - 1) return -1;
    const wanted = entry(seconds, nanos);
    if (this.#entries[from] === wanted && from < this.#length) return from;
    const index = this.#entries.indexOf(wanted, from);
    return index < this.#length ? index : -1;
  }

  isLast(seconds: number, nanos: number): boolean {
    return seconds === this.#lastSeconds && nanos === this.#lastNanos;
  }

  /** Seconds by which a timestamp lies after every shown line; not positive when it does not. */
  beyond(seconds: number, nanos: number): number {
    return seconds - this.#latestSeconds + (nanos - this.#latestNanos) / 1e9;
  }

  /** How many entries have the last one's timestamp: nanoseconds can repeat. */
  lastOccurrences(): number {
    const last = this.#entries[this.#length - 1];
    let count = 0;
    for (let i = 0; i < this.#length; i++) if (this.#entries[i] === last) count++;
    return count;
  }
}
