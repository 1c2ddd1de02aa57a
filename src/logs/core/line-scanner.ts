// Turns chunks of `kubectl logs --timestamps` into lines to show, on bytes: a log line never becomes a string here.
import type { LineTaker } from './line-renderers.ts';
import { type ReadMode, RepeatFilter } from './repeat-filter.ts';
import { ShownTimestamps } from './shown-timestamps.ts';
import { MAX_STAMP_BYTES, StampReader } from './timestamp.ts';

// containerd and dockershim store longer lines in pieces of this size; older kubelets put a timestamp before each.
const PIECE_BYTES = 16 * 1024;
const MAX_MESSAGE_BYTES = 1024;
const MAX_MESSAGES = 4;
const LF = 10;

/** `seam`: between two pieces of a long line, where a further timestamp may stand. */
type State = 'head' | 'body' | 'seam' | 'drop' | 'message';

/** One container's log over all reads of it. */
export class LineScanner {
  readonly shown = new ShownTimestamps();
  /** Whole lines since `attach` that had not been shown. */
  newLines = 0;
  /** Lines without a timestamp since `attach`: the kubelet wrote them, not the app. */
  messages: string[] = [];
  readonly #lines: LineTaker;
  readonly #stamp = new StampReader();
  #filter = new RepeatFilter(this.shown, 'fresh', false);
  #state: State = 'head';
  /** Set between `attach` and the first chunk. */
  #beginning = false;
  /** The start of a timestamp that a chunk's end cut, or of a message. */
  readonly #held = Buffer.alloc(MAX_MESSAGE_BYTES);
  #heldBytes = 0;
  #seconds = 0;
  #nanos = 0;
  /** Content bytes of the current line so far, timestamps not counted. */
  #bodyBytes = 0;
  /** Content bytes of the current line that had left before the log was cut. */
  #leftBytes = 0;

  constructor(lines: LineTaker) {
    this.#lines = lines;
  }

  /**
   * A new read of the log begins. An unfinished line is kept until the read brings something, since it may bring nothing.
   * With `fresh` that line is an earlier instance's and is completed.
   */
  attach(mode: ReadMode): void {
    if (mode === 'fresh') {
      this.complete();
      this.shown.clear();
    }
    this.#filter = new RepeatFilter(this.shown, mode, this.#leftBytes > 0);
    this.#beginning = true;
    this.newLines = 0;
    this.messages = [];
  }

  /** The log brought a line again that had been shown: it is the same instance's. */
  get confirmed(): boolean {
    return this.#filter.confirmed;
  }

  /** Bytes of an unfinished line, -1 when there is none. */
  get unfinishedBytes(): number {
    return this.#state === 'body' || this.#state === 'seam' ? this.#bodyBytes : -1;
  }

  /** The messages of a log of which no line was ever read. */
  get insteadOfLines(): readonly string[] {
    return this.shown.empty && this.newLines === 0 && this.unfinishedBytes < 0 ? this.messages : [];
  }

  /** Call it right after each take from the lines' batch: what was taken will not be shown again. */
  taken(): void {
    if (!this.#lines.batch.open || this.unfinishedBytes < 0) return;
    if (this.#leftBytes === 0) this.shown.add(this.#seconds, this.#nanos);
    this.#leftBytes = Math.max(this.#leftBytes, this.#bodyBytes);
  }

  /** The log has really ended: completes an unfinished last line. */
  complete(): void {
    if (this.unfinishedBytes >= 0) this.#endLine();
    else this.#completeOpenLine();
    this.#state = 'head';
    this.#beginning = false;
  }

  /** The read has ended. */
  detach(): void {
    if (this.#state === 'message') this.#endMessage();
  }

  /** False when this is another instance's log (see `ReadMode`); nothing of it was shown then. */
  scan(chunk: Uint8Array): boolean {
    if (this.#beginning) {
      this.#beginning = false;
      this.#lines.rollback();
      this.#state = 'head';
      this.#heldBytes = 0;
    }
    const end = chunk.length;
    let at = 0;
    while (at >= 0 && at < end) at = this.#step(chunk, at, end);
    return at >= 0;
  }

  /** Returns where the next step begins; -1 for another instance's log. */
  #step(chunk: Uint8Array, at: number, end: number): number {
    if (this.#state === 'head') return this.#head(chunk, at, end);
    if (this.#state === 'body') return this.#body(chunk, at, end);
    if (this.#state === 'seam') return this.#seam(chunk, at, end);
    if (this.#state === 'message') return this.#message(chunk, at, end);
    const lf = chunk.indexOf(LF, at);
    if (lf < 0) return end;
    this.#state = 'head';
    return lf + 1;
  }

  #head(chunk: Uint8Array, at: number, end: number): number {
    const before = this.#heldBytes;
    const whole = before === 0;
    const bytes = whole ? chunk : this.#held;
    const from = whole ? at : 0;
    const taken = this.#stamp.read(bytes, from, whole ? end : this.#hold(chunk, at, end));
    if (taken === 0) {
      this.#heldBytes = this.#hold(chunk, at, end);
      return end;
    }
    if (taken < 0) {
      this.#state = 'message';
      return at;
    }
    const { seconds, nanos, textBytes } = this.#stamp;
    const decision = this.#filter.live ? 'show' : this.#filter.decide(seconds, nanos);
    if (decision === 'mismatch') return -1;
    this.#heldBytes = 0;
    if (decision === 'drop') this.#state = 'drop';
    else {
      this.#state = 'body';
      this.#bodyBytes = 0;
      this.#seconds = seconds;
      this.#nanos = nanos;
      if (decision === 'show') {
        this.#completeOpenLine();
        this.#lines.begin(bytes, from, from + textBytes);
      }
    }
    return at + taken - before;
  }

  #body(chunk: Uint8Array, at: number, end: number): number {
    const lf = chunk.indexOf(LF, at);
    const to = lf < 0 ? end : lf;
    const seam = at + PIECE_BYTES - (this.#bodyBytes % PIECE_BYTES);
    if (to > seam || (to === seam && lf < 0)) {
      this.#append(chunk, at, seam);
      this.#state = 'seam';
      return seam;
    }
    this.#append(chunk, at, to);
    if (lf < 0) return end;
    this.#endLine();
    return lf + 1;
  }

  /** A timestamp here that is not before the line's own is the kubelet's. */
  #seam(chunk: Uint8Array, at: number, end: number): number {
    const before = this.#heldBytes;
    const to = this.#hold(chunk, at, end);
    const taken = this.#stamp.read(this.#held, 0, to);
    if (taken === 0) {
      this.#heldBytes = to;
      return end;
    }
    const { seconds, nanos } = this.#stamp;
    const isLater = seconds > this.#seconds || (seconds === this.#seconds && nanos >= this.#nanos);
    this.#state = 'body';
    this.#heldBytes = 0;
    if (taken > before && isLater) return at + taken - before;
    this.#append(this.#held, 0, before);
    return at;
  }

  #message(chunk: Uint8Array, at: number, end: number): number {
    const lf = chunk.indexOf(LF, at);
    const to = lf < 0 ? end : lf;
    const kept = Math.min(to - at, MAX_MESSAGE_BYTES - this.#heldBytes);
    this.#held.set(chunk.subarray(at, at + kept), this.#heldBytes);
    this.#heldBytes += kept;
    if (lf < 0) return end;
    this.#endMessage();
    return lf + 1;
  }

  #endMessage(): void {
    if (this.messages.length < MAX_MESSAGES) this.messages.push(this.#held.toString('utf8', 0, this.#heldBytes));
    this.#heldBytes = 0;
    this.#state = 'head';
  }

  #append(src: Uint8Array, from: number, to: number): void {
    const before = this.#bodyBytes;
    this.#bodyBytes += to - from;
    if (this.#bodyBytes <= this.#leftBytes) return;
    this.#lines.append(src, before < this.#leftBytes ? from + this.#leftBytes - before : from, to);
  }

  #endLine(): void {
    this.#lines.end();
    if (this.#leftBytes === 0) this.shown.add(this.#seconds, this.#nanos);
    this.#leftBytes = 0;
    this.newLines += 1;
    this.#state = 'head';
  }

  /** A line that was passed on in part and does not come again. */
  #completeOpenLine(): void {
    if (this.#leftBytes === 0) return;
    this.#leftBytes = 0;
    this.#lines.end();
  }

  /** Fills `#held` up to a timestamp's length; returns how many bytes it then has. */
  #hold(chunk: Uint8Array, at: number, end: number): number {
    const more = Math.min(end - at, MAX_STAMP_BYTES - this.#heldBytes);
    this.#held.set(chunk.subarray(at, at + more), this.#heldBytes);
    return this.#heldBytes + more;
  }
}
