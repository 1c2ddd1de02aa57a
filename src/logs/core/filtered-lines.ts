// Holds lines back until it is decided which of them are shown, and hands those to the renderer. A line that is too long to
// be held is decided by its first 64 KiB:
//
//   idle ──begin──▶ held ──its end, and settle──▶ shown or not
//                    └─ settle, it is too long ──▶ passing or dropped ──its end──▶ idle
import { Buffer } from 'node:buffer';
import { MAX_HELD_BYTES } from './line-batch.ts';
import type { HeldLines, LineVerdict, Ranges } from './line-matcher.ts';
import { MARKS_PER_LINE } from './line-matcher.ts';
import type { LineRenderer, LineTaker } from './line-renderers.ts';

export type Decide = (lines: HeldLines) => readonly LineVerdict[];

const FIRST_CAPACITY = 64 * 1024;
/** Inverse video leaves the colours that the app gives its lines as they are, and is legible in all of them. */
const MARK = Buffer.from('\x1b[7m');
const UNMARK = Buffer.from('\x1b[27m');

export class FilteredLines implements LineTaker {
  readonly #renderer: LineRenderer;
  readonly #decide: Decide;
  #bytes = Buffer.allocUnsafeSlow(FIRST_CAPACITY);
  #length = 0;
  /** Of the whole lines, as in `HeldLines`. */
  #marks: number[] = [];
  #state: 'idle' | 'held' | 'passing' | 'dropped' = 'idle';
  /** Of the line that is held: where its timestamp and its text begin. */
  #stampAt = 0;
  #textAt = 0;

  constructor(renderer: LineRenderer, decide: Decide) {
    this.#renderer = renderer;
    this.#decide = decide;
  }

  get batch() {
    return this.#renderer.batch;
  }

  begin(src: Uint8Array, from: number, to: number): void {
    this.#state = 'held';
    this.#stampAt = this.#length;
    this.#put(src, from, to);
    this.#textAt = this.#length;
  }

  append(src: Uint8Array, from: number, to: number): void {
    if (this.#state === 'passing') this.#renderer.append(src, from, to);
    else if (this.#state === 'held') this.#put(src, from, to);
  }

  end(): void {
    if (this.#state === 'passing') this.#renderer.end();
    else if (this.#state === 'held') this.#mark();
    this.#state = 'idle';
  }

  /** Forgets the unfinished line, but for what has left of it. */
  rollback(): void {
    this.#renderer.rollback();
    if (this.#state === 'held') this.#length = this.#stampAt;
    if (!(this.#state === 'passing' && this.#renderer.partHasLeft)) this.#state = 'idle';
  }

  settle(): void {
    const tooLong = this.#state === 'held' && this.#length - this.#textAt > MAX_HELD_BYTES;
    if (tooLong) this.#mark();
    if (this.#marks.length > 0) this.#pass(tooLong);
    const kept = this.#state === 'held' ? this.#stampAt : this.#length;
    this.#bytes.copyWithin(0, kept, this.#length);
    this.#length -= kept;
    this.#stampAt -= kept;
    this.#textAt -= kept;
  }

  /** @param open the last line has not ended */
  #pass(open: boolean): void {
    const marks = this.#marks;
    const verdicts = this.#decide({ bytes: this.#bytes.subarray(0, this.#length), marks });
    this.#marks = [];
    for (let at = 0; at < marks.length; at += MARKS_PER_LINE) {
      const [stamp, from, to] = marks.slice(at, at + MARKS_PER_LINE) as [number, number, number];
      const verdict = verdicts[at / MARKS_PER_LINE] as LineVerdict;
      const unfinished = open && at + MARKS_PER_LINE === marks.length;
      if (unfinished) this.#state = verdict === 'dropped' ? 'dropped' : 'passing';
      if (verdict === 'dropped') continue;
      this.#renderer.begin(this.#bytes, stamp, from);
      this.#render(from, to, verdict);
      if (!unfinished) this.#renderer.end();
    }
  }

  #render(from: number, to: number, highlights: Ranges): void {
    let at = from;
    for (let i = 0; i < highlights.length; i += 2) {
      const start = from + (highlights[i] as number);
      const end = from + (highlights[i + 1] as number);
      this.#renderer.append(this.#bytes, at, start);
      this.#renderer.append(MARK, 0, MARK.length);
      this.#renderer.append(this.#bytes, start, end);
      this.#renderer.append(UNMARK, 0, UNMARK.length);
      at = end;
    }
    this.#renderer.append(this.#bytes, at, to);
  }

  #mark(): void {
    this.#marks.push(this.#stampAt, this.#textAt, this.#length);
  }

  #put(src: Uint8Array, from: number, to: number): void {
    const needed = this.#length + to - from;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    this.#bytes.set(src.subarray(from, to), this.#length);
    this.#length = needed;
  }
}
