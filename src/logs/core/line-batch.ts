// The bytes of shown lines on their way to the output. Whole lines leave together; an unfinished one is held until it
// ends or gets too long.

/** A longer line is passed on as it comes, and its container keeps the output until it ends. */
export const MAX_HELD_BYTES = 64 * 1024;
const FIRST_CAPACITY = 4096;
const LF = 10;
// Below this a loop is faster than the native copy (bench/scanner.ts).
const LOOP_BYTES = 48;

export class LineBatch {
  #bytes = Buffer.allocUnsafeSlow(FIRST_CAPACITY);
  #length = 0;
  #lineStart = 0;
  #taken = 0;
  /** The start of the unfinished line has left already. */
  open = false;

  put(src: Uint8Array, from: number, to: number): void {
    const bytes = this.#reserve(to - from);
    let at = this.#length;
    if (to - from < LOOP_BYTES) for (let i = from; i < to; i++) bytes[at++] = src[i] as number;
    else bytes.set(src.subarray(from, to), at);
    this.#length += to - from;
  }

  putText(text: string): void {
    // UTF-16 code units take three bytes of UTF-8 at most
    this.#length += this.#reserve(text.length * 3).write(text, this.#length);
  }

  endLine(): void {
    this.#reserve(1)[this.#length++] = LF;
    this.closeLine();
  }

  /** Ends the line without a line feed. */
  closeLine(): void {
    this.#lineStart = this.#length;
    this.open = false;
  }

  /** Forgets what has not left of the unfinished line. */
  rollback(): void {
    this.#length = this.#lineStart;
  }

  /** Bytes that have not left. */
  get length(): number {
    return this.#length;
  }

  /** What can leave now; stays as it is until `left` is called, whatever is put meanwhile. */
  take(): Uint8Array {
    const unfinished = this.#length - this.#lineStart;
    if (unfinished > 0 && (this.open || unfinished > MAX_HELD_BYTES)) {
      this.open = true;
      this.#lineStart = this.#length;
    }
    this.#taken = this.#lineStart;
    return this.#bytes.subarray(0, this.#taken);
  }

  /** What was taken has left. */
  left(): void {
    this.#bytes.copyWithin(0, this.#taken, this.#length);
    this.#length -= this.#taken;
    this.#lineStart -= this.#taken;
    this.#taken = 0;
  }

  #reserve(more: number): Buffer {
    const needed = this.#length + more;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    return this.#bytes;
  }
}
