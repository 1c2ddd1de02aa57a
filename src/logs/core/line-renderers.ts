// What a shown log line looks like: prefixed text that is passed byte for byte, or one JSON object (`-o json`).
import { LineBatch } from './line-batch.ts';
import { MAX_STAMP_BYTES } from './timestamp.ts';

/** What stands before a line's bytes, what becomes of them, and what ends the line. */
interface LineForm {
  readonly closing: Uint8Array;
  readonly showsTimestamp: boolean;
  putHead(batch: LineBatch, timestamp: Uint8Array): void;
  putBody(batch: LineBatch, src: Uint8Array, from: number, to: number): void;
  /** What stands before the line feed. */
  putTail(batch: LineBatch): void;
  /** Forgets the start of a character whose end did not come. */
  reset(): void;
}

/** Takes lines in parts, and hands them to `batch`. Bytes that are passed in are only valid during the call. */
export interface LineTaker {
  readonly batch: LineBatch;
  /** Starts a line; the range is its timestamp's text. */
  begin(src: Uint8Array, from: number, to: number): void;
  append(src: Uint8Array, from: number, to: number): void;
  end(): void;
  /** Forgets the unfinished line, but for what has left of it. */
  rollback(): void;
  /** Nothing more comes for now: what is whole can leave. */
  settle(): void;
}

export class LineRenderer implements LineTaker {
  readonly batch = new LineBatch();
  readonly #form: LineForm;
  readonly #stamp = new Uint8Array(MAX_STAMP_BYTES);
  #timestamp = this.#stamp;
  /** The output completed a part of this line; `#anew`: the next part has no head yet. */
  #closed = false;
  #anew = false;

  constructor(form: LineForm) {
    this.#form = form;
  }

  /** Completes a line whose start has left. */
  get closing(): Uint8Array {
    return this.#form.closing;
  }

  /** Some of the unfinished line has left. */
  get partHasLeft(): boolean {
    return this.batch.open || this.#closed;
  }

  begin(src: Uint8Array, from: number, to: number): void {
    if (this.#form.showsTimestamp) {
      for (let i = from; i < to; i++) this.#stamp[i - from] = src[i] as number;
      this.#timestamp = this.#stamp.subarray(0, to - from);
    }
    this.#form.putHead(this.batch, this.#timestamp);
  }

  append(src: Uint8Array, from: number, to: number): void {
    if (this.#anew) {
      this.#anew = false;
      this.#form.putHead(this.batch, this.#timestamp);
    }
    this.#form.putBody(this.batch, src, from, to);
  }

  end(): void {
    if (this.#anew) this.#form.reset();
    else {
      this.#form.putTail(this.batch);
      this.batch.endLine();
    }
    this.#anew = false;
    this.#closed = false;
  }

  rollback(): void {
    if (!this.batch.open) this.#form.reset();
    this.batch.rollback();
    this.#anew = this.#closed && !this.batch.open;
  }

  settle(): void {}

  /** The output had to complete the open line; what is still to come of it starts anew. */
  closedByOutput(): void {
    this.batch.closeLine();
    this.#closed = true;
    this.#anew = true;
  }
}

const SPACE = Uint8Array.of(32);

/** @param prefix its bytes may change between lines */
export function textRenderer(prefix: { readonly bytes: Uint8Array }, timestamps: boolean): LineRenderer {
  return new LineRenderer({
    closing: Uint8Array.of(10),
    showsTimestamp: timestamps,
    putHead(batch, timestamp) {
      batch.put(prefix.bytes, 0, prefix.bytes.length);
      if (!timestamps) return;
      batch.put(timestamp, 0, timestamp.length);
      batch.put(SPACE, 0, 1);
    },
    putBody: (batch, src, from, to) => batch.put(src, from, to),
    putTail() {},
    reset() {},
  });
}

/**
 * A line too long to be held becomes one long object, sent as it comes. Bytes that are not UTF-8 become U+FFFD: JSON has
 * no other way.
 * @param app undefined where a session has only one
 */
export function jsonRenderer(container: string, pod: string, app?: string): LineRenderer {
  const head = `${JSON.stringify({ type: 'log', container, pod, app }).slice(0, -1)},"timestamp":"`;
  const closing = Buffer.from('"}\n');
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const putEscaped = (batch: LineBatch, text: string) => batch.putText(JSON.stringify(text).slice(1, -1));
  return new LineRenderer({
    closing,
    showsTimestamp: true,
    putHead(batch, timestamp) {
      batch.putText(head);
      batch.put(timestamp, 0, timestamp.length);
      batch.putText('","line":"');
    },
    putBody: (batch, src, from, to) => putEscaped(batch, decoder.decode(src.subarray(from, to), { stream: true })),
    putTail(batch) {
      putEscaped(batch, decoder.decode());
      batch.put(closing, 0, 2);
    },
    reset: () => void decoder.decode(),
  });
}
