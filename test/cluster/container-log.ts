// The log of one container instance as the container runtime keeps it: complete lines with the time they were finished,
// very long ones in parts. Readers hold a place in it, so that rotation does not disturb them.
import { Buffer } from 'node:buffer';
import { nowNs, STAMP_BYTES } from './clock.ts';
import { BurstChunk, type LogChunk, type LogView, OpenChunk } from './log-chunk.ts';

/** What the runtime passes on of a line before its end. */
const PART_BYTES = 16 * 1024;
const BURST_CHUNK_LINES = 4096;
const NEWLINE = 0x0a;

export interface LogPlace {
  chunk: LogChunk;
  offset: number;
}

export class ContainerLog {
  #head: LogChunk;
  #tail: LogChunk;
  #rest: Buffer = Buffer.alloc(0);
  #insideLine = false;
  #lastNs = 0n;
  #closed = false;
  #epoch = 0;
  #waiting: (() => void)[] = [];
  /** Set when kubelet no longer finds the file: a request gets its complaint instead of lines. */
  lost = false;

  constructor() {
    this.#head = this.#tail = new OpenChunk(0n, false, 0, true);
  }

  /** No more lines will come. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Counts rotations; a reader of an old kubelet gets nothing more after one. */
  get rotations(): number {
    return this.#epoch;
  }

  /** Writes what a process would: any bytes. Times never go back; `timeNs` earlier than the last line's becomes that. */
  write(data: string | Uint8Array, timeNs: bigint = nowNs()): void {
    if (this.#closed) return;
    let bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data);
    if (this.#rest.length > 0) bytes = Buffer.concat([this.#rest, bytes]);
    let at = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, at)) {
      this.#append(bytes.subarray(at, end + 1), timeNs, false);
      at = end + 1;
    }
    while (bytes.length - at >= PART_BYTES) {
      this.#append(bytes.subarray(at, at + PART_BYTES), timeNs, true);
      at += PART_BYTES;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
    this.#wake();
  }

  /** Writes `count` lines `PREFIX N`; returns the number after the last one. */
  writeLines(count: number, options: { prefix?: string; firstNumber?: number; timeNs?: bigint } = {}): number {
    const { prefix = 'line', firstNumber = 1, timeNs } = options;
    for (let number = firstNumber; number < firstNumber + count; number++) this.write(`${prefix} ${number}\n`, timeNs);
    return firstNumber + count;
  }

  /** Appends numbered lines that cost memory only while they are read. */
  burst(lines: number, options: { lineBytes?: number; firstNumber?: number; stepNs?: bigint } = {}): void {
    const { lineBytes = 100, firstNumber = 1, stepNs = 1000n } = options;
    // As if they had just been written: the last one now.
    let firstNs = this.#later(nowNs() - stepNs * BigInt(lines));
    for (let done = 0; done < lines; done += BURST_CHUNK_LINES) {
      const count = Math.min(BURST_CHUNK_LINES, lines - done);
      this.#link(new BurstChunk({ lines: count, lineBytes, firstNumber: firstNumber + done, firstNs, stepNs }));
      firstNs += stepNs * BigInt(count);
    }
    this.#lastNs = this.#tail.lastNs;
    this.#wake();
  }

  /** The process has ended: what it left without a newline is shown, and followers end after the last line. */
  close(): void {
    if (this.#closed) return;
    if (this.#rest.length > 0) this.#append(this.#rest, nowNs(), true);
    this.#closed = true;
    this.#wake();
  }

  /** Older lines can no longer be asked for; who reads already goes on. */
  rotate(): void {
    const next = new OpenChunk(this.#lastNs, this.#insideLine, 0, true);
    this.#link(next);
    this.#head = next;
    this.#epoch++;
    this.#wake();
  }

  /** Resolves when something was appended, the log was closed or rotated. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Where reading begins: after all but the last `tail` lines, and not before the whole second `since` (RFC 3339). */
  place(view: LogView, options: { tail?: number | undefined; since?: string | undefined }): LogPlace {
    const from = options.since === undefined ? start(this.#head) : this.#placeSince(this.#head, options.since, view);
    if (options.tail === undefined) return from;
    let total = 0;
    for (let chunk: LogChunk | undefined = from.chunk; chunk !== undefined; chunk = chunk.next) total += chunk.lines;
    const before = options.since === undefined ? 0 : linesBefore(from, view);
    return total - before <= options.tail ? from : skipLines(from.chunk, total - options.tail, view);
  }

  #placeSince(head: LogChunk, since: string, view: LogView): LogPlace {
    const wanted = Buffer.from(since.slice(0, 19));
    let chunk = head;
    const ends = (candidate: LogChunk) => new Date(Number(candidate.lastNs / 1_000_000n)).toISOString().slice(0, 19);
    while (chunk.next !== undefined && ends(chunk) < since.slice(0, 19)) chunk = chunk.next;
    const bytes = chunk.bytes('stamped').subarray(0, chunk.length('stamped'));
    let at = chunk.continues ? nextLine(bytes, 0) : 0;
    let skipped = 0;
    while (at < bytes.length && bytes.compare(wanted, 0, 19, at, at + 19) < 0) {
      at = nextLine(bytes, at);
      skipped++;
    }
    return { chunk, offset: view === 'stamped' ? at : at - skipped * STAMP_BYTES };
  }

  #append(bytes: Uint8Array, timeNs: bigint, part: boolean): void {
    const time = this.#later(timeNs);
    let chunk = this.#tail;
    if (!(chunk instanceof OpenChunk) || !chunk.hasRoom(bytes.length)) {
      chunk = new OpenChunk(time, this.#insideLine, bytes.length, false);
      this.#link(chunk);
    }
    (chunk as OpenChunk).append(bytes, time, !this.#insideLine);
    this.#insideLine = part;
    this.#lastNs = time;
  }

  #later(timeNs: bigint): bigint {
    return timeNs > this.#lastNs ? timeNs : this.#lastNs;
  }

  #link(chunk: LogChunk): void {
    this.#tail.next = chunk;
    this.#tail = chunk;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function start(chunk: LogChunk): LogPlace {
  return { chunk, offset: 0 };
}

function nextLine(bytes: Buffer, at: number): number {
  const end = bytes.indexOf(NEWLINE, at);
  return end === -1 ? bytes.length : end + 1;
}

function linesBefore(place: LogPlace, view: LogView): number {
  const bytes = place.chunk.bytes(view);
  let lines = 0;
  for (let at = place.chunk.continues ? nextLine(bytes, 0) : 0; at < place.offset; at = nextLine(bytes, at)) lines++;
  return lines;
}

function skipLines(first: LogChunk, lines: number, view: LogView): LogPlace {
  let chunk = first;
  let left = lines;
  while (chunk.next !== undefined && left >= chunk.lines) {
    left -= chunk.lines;
    chunk = chunk.next;
  }
  const bytes = chunk.bytes(view).subarray(0, chunk.length(view));
  let at = chunk.continues ? nextLine(bytes, 0) : 0;
  for (; left > 0; left--) at = nextLine(bytes, at);
  return { chunk, offset: at };
}
