// What a shown log line looks like: prefixed text that is passed byte for byte, or one JSON object (`-o json`).
import { LineBatch } from './line-batch.ts';
import { MAX_STAMP_BYTES } from './timestamp.ts';

/** Ranges of `src` are only valid during the call. */
export interface LineRenderer {
  readonly batch: LineBatch;
  /** What completes a line of which a part has left. */
  readonly closing: Uint8Array;
  /** Starts a line; the range is its timestamp's text. */
  begin(src: Uint8Array, from: number, to: number): void;
  append(src: Uint8Array, from: number, to: number): void;
  end(): void;
  /** Forgets the unfinished line, but for what has left of it. */
  rollback(): void;
  /** The output had to complete the open line; what is still to come of it starts anew. */
  closedByOutput(): void;
}

export function textRenderer(prefix: Uint8Array, timestamps: boolean): LineRenderer {
  return new TextRenderer(prefix, timestamps);
}

class TextRenderer implements LineRenderer {
  readonly batch = new LineBatch();
  readonly closing = Uint8Array.of(10);
  readonly #prefix: Uint8Array;
  readonly #stamp = new Stamp();
  readonly #timestamps: boolean;
  /** The output completed a part of this line; `#anew`: the next part has no prefix yet. */
  #closed = false;
  #anew = false;

  constructor(prefix: Uint8Array, timestamps: boolean) {
    this.#prefix = prefix;
    this.#timestamps = timestamps;
  }

  begin(src: Uint8Array, from: number, to: number): void {
    this.batch.put(this.#prefix, 0, this.#prefix.length);
    if (!this.#timestamps) return;
    this.#stamp.keep(src, from, to);
    this.#putStamp();
  }

  append(src: Uint8Array, from: number, to: number): void {
    if (this.#anew) {
      this.#anew = false;
      this.batch.put(this.#prefix, 0, this.#prefix.length);
      if (this.#timestamps) this.#putStamp();
    }
    this.batch.put(src, from, to);
  }

  end(): void {
    if (!this.#anew) this.batch.endLine();
    this.#anew = false;
    this.#closed = false;
  }

  rollback(): void {
    this.batch.rollback();
    this.#anew = this.#closed && !this.batch.open;
  }

  closedByOutput(): void {
    this.batch.closeLine();
    this.#closed = true;
    this.#anew = true;
  }

  #putStamp(): void {
    this.batch.put(this.#stamp.bytes, 0, this.#stamp.length);
    this.batch.put(space, 0, 1);
  }
}

export function jsonRenderer(container: string, pod: string): LineRenderer {
  return new JsonRenderer(container, pod);
}

/**
 * A line too long to be held becomes one long object, sent as it comes. Bytes that are no UTF-8 become U+FFFD: JSON has
 * no other way.
 */
class JsonRenderer implements LineRenderer {
  readonly batch = new LineBatch();
  readonly closing = Buffer.from('"}\n');
  readonly #head: string;
  readonly #stamp = new Stamp();
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #closed = false;
  #anew = false;

  constructor(container: string, pod: string) {
    const fields = JSON.stringify({ type: 'log', container, pod });
    this.#head = `${fields.slice(0, -1)},"timestamp":"`;
  }

  begin(src: Uint8Array, from: number, to: number): void {
    this.#stamp.keep(src, from, to);
    this.#putHead();
  }

  append(src: Uint8Array, from: number, to: number): void {
    if (this.#anew) {
      this.#anew = false;
      this.#putHead();
    }
    this.#putEscaped(this.#decoder.decode(src.subarray(from, to), { stream: true }));
  }

  end(): void {
    const rest = this.#decoder.decode();
    if (!this.#anew) {
      this.#putEscaped(rest);
      this.batch.put(this.closing, 0, 2);
      this.batch.endLine();
    }
    this.#anew = false;
    this.#closed = false;
  }

  rollback(): void {
    if (!this.batch.open) this.#decoder.decode();
    this.batch.rollback();
    this.#anew = this.#closed && !this.batch.open;
  }

  closedByOutput(): void {
    this.batch.closeLine();
    this.#closed = true;
    this.#anew = true;
  }

  #putHead(): void {
    this.batch.putText(this.#head);
    this.batch.put(this.#stamp.bytes, 0, this.#stamp.length);
    this.batch.putText('","line":"');
  }

  #putEscaped(text: string): void {
    const quoted = JSON.stringify(text);
    this.batch.putText(quoted.slice(1, -1));
  }
}

const space = Uint8Array.of(32);

class Stamp {
  readonly bytes = new Uint8Array(MAX_STAMP_BYTES);
  length = 0;

  keep(src: Uint8Array, from: number, to: number): void {
    this.length = to - from;
    for (let i = from; i < to; i++) this.bytes[i - from] = src[i] as number;
  }
}
