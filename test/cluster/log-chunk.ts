// Pieces of a container's log. Each can be had with and without time stamps as one Buffer, so that a million lines cost
// no objects and leave in large writes.
import { Buffer } from 'node:buffer';
import { STAMP_BYTES, stampOf } from './clock.ts';

export type LogView = 'plain' | 'stamped';

export interface LogChunk {
  next: LogChunk | undefined;
  readonly lines: number;
  /** Begins inside a line that the chunk before has started. */
  readonly continues: boolean;
  /** Of the last line in it. */
  readonly lastNs: bigint;
  length(view: LogView): number;
  /** The first `length(view)` bytes never change once they are there. */
  bytes(view: LogView): Buffer;
}

const CHUNK_BYTES = 1024 * 1024;

/** Takes lines as they come, until it is full. */
export class OpenChunk implements LogChunk {
  next: LogChunk | undefined;
  lines = 0;
  lastNs: bigint;
  readonly continues: boolean;
  readonly #capacity: number;
  readonly #plain: Buffer;
  readonly #stamped: Buffer;
  #plainLength = 0;
  #stampedLength = 0;

  constructor(startNs: bigint, continues: boolean, needed: number, small: boolean) {
    this.lastNs = startNs;
    this.continues = continues;
    this.#capacity = Math.max(small ? CHUNK_BYTES / 16 : CHUNK_BYTES, needed + STAMP_BYTES);
    this.#plain = Buffer.allocUnsafeSlow(this.#capacity);
    this.#stamped = Buffer.allocUnsafeSlow(this.#capacity);
  }

  hasRoom(bytes: number): boolean {
    return this.#stampedLength + STAMP_BYTES + bytes <= this.#capacity;
  }

  append(bytes: Uint8Array, timeNs: bigint, startsLine: boolean): void {
    if (startsLine) {
      this.#stampedLength += this.#stamped.write(stampOf(timeNs), this.#stampedLength, 'latin1');
      this.lines++;
    }
    this.lastNs = timeNs;
    this.#stamped.set(bytes, this.#stampedLength);
    this.#stampedLength += bytes.length;
    this.#plain.set(bytes, this.#plainLength);
    this.#plainLength += bytes.length;
  }

  length(view: LogView): number {
    return view === 'plain' ? this.#plainLength : this.#stampedLength;
  }

  bytes(view: LogView): Buffer {
    return view === 'plain' ? this.#plain : this.#stamped;
  }
}

export interface BurstLines {
  readonly lines: number;
  /** Length of each line with its newline; at least 24. */
  readonly lineBytes: number;
  readonly firstNumber: number;
  readonly firstNs: bigint;
  readonly stepNs: bigint;
}

const NUMBER_DIGITS = 10;

/** Numbered lines `line 0000000001 xxx…` that are made when they are read and not kept. */
export class BurstChunk implements LogChunk {
  next: LogChunk | undefined;
  readonly continues = false;
  readonly lines: number;
  readonly lastNs: bigint;
  readonly #burst: BurstLines;

  constructor(burst: BurstLines) {
    this.#burst = burst;
    this.lines = burst.lines;
    this.lastNs = burst.firstNs + burst.stepNs * BigInt(burst.lines - 1);
  }

  length(view: LogView): number {
    return this.lines * this.#stride(view);
  }

  bytes(view: LogView): Buffer {
    const { lineBytes, firstNumber, firstNs, stepNs } = this.#burst;
    const stride = this.#stride(view);
    const bytes = Buffer.allocUnsafeSlow(this.lines * stride);
    const start = `line ${firstNumber.toString().padStart(NUMBER_DIGITS, '0')} `;
    const first = `${start}${'x'.repeat(lineBytes - start.length - 1)}\n`;
    const numberEnd = stride - lineBytes + 'line '.length + NUMBER_DIGITS;
    bytes.write((view === 'plain' ? '' : stampOf(firstNs)) + first, 0, 'latin1');
    for (let line = 1, at = stride; line < this.lines; line++, at += stride) {
      bytes.copyWithin(at, at - stride, at);
      increment(bytes, at + numberEnd - 1);
      if (view === 'stamped') bytes.write(stampOf(firstNs + stepNs * BigInt(line)), at, 'latin1');
    }
    return bytes;
  }

  #stride(view: LogView): number {
    return this.#burst.lineBytes + (view === 'plain' ? 0 : STAMP_BYTES);
  }
}

/** Adds one to the decimal number that ends at `at`. */
function increment(bytes: Buffer, at: number): void {
  let digit = at;
  while (bytes[digit] === 0x39) {
    bytes[digit] = 0x30;
    digit--;
  }
  bytes[digit] = (bytes[digit] ?? 0) + 1;
}
