// The only writer to stdout: whole lines of many sources, one after another, at the pace of whoever reads them.

import type { UserError } from '../values/errors.ts';
import { outputFailure } from './core/output-failure.ts';
import { type OutputDevice, openOutputDevice } from './output-device.ts';

/** Writes lines that are too long to be handed over whole. */
export interface LineOwner {
  /** What completes its open line. */
  readonly closing: Uint8Array;
  /** Its open line was completed for it. */
  closedByOutput(): void;
}

interface Turn {
  readonly bytes: Uint8Array;
  readonly owner: LineOwner | undefined;
  readonly open: boolean;
  readonly done: () => void;
}

/**
 * A container that pauses in the middle of a long line must not silence the others for ever; kubelets and kubectl have
 * no pauses of their own that long.
 */
const MAX_SILENCE_MS = 5000;

/**
 * idle ──write──▶ busy ──▶ the next turn; while a line is open, only its holder's, until `#takeOver`
 *                  └─ it cannot be written, or `flush` gives up ──▶ closed
 */
export class Output {
  /** Why it is closed; undefined when the reader has gone (a closed pipe or terminal): time to end quietly. */
  failure: UserError | undefined;
  readonly #device: OutputDevice;
  readonly #maxSilenceMs: number;
  readonly #closing = new AbortController();
  readonly #emptied: (() => void)[] = [];
  #turns: Turn[] = [];
  #busy = false;
  /** Whose line is open, and when it wrote last. */
  #holder: LineOwner | undefined;
  #heardMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(device: OutputDevice = openOutputDevice(1), maxSilenceMs = MAX_SILENCE_MS) {
    this.#device = device;
    this.#maxSilenceMs = maxSilenceMs;
  }

  /** Aborted when nothing can be written any more. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** One line of our own; a line feed is added. */
  writeLine(text: string): void {
    void this.write(Buffer.from(`${text}\n`));
  }

  /**
   * Whole lines, or with `open` also the start or a further part of one: then no other bytes follow until its
   * owner writes its end. Resolves when the bytes have left and may be overwritten; never rejects.
   */
  write(bytes: Uint8Array, owner?: LineOwner, open = false): Promise<void> {
    return new Promise((done) => {
      if (this.closed.aborted) return done();
      this.#turns.push({ bytes, owner, open, done });
      this.#next();
    });
  }

  /** Waits until everything has left; what has not after `limitMs` is given up. */
  async flush(limitMs: number): Promise<void> {
    if (this.closed.aborted || (!this.#busy && this.#turns.length === 0)) return;
    const limit = setTimeout(() => {
      this.#device.abandon();
      this.#close();
    }, limitMs);
    await new Promise<void>((resolve) => this.#emptied.push(resolve));
    clearTimeout(limit);
  }

  #close(): void {
    clearTimeout(this.#timer);
    for (const turn of this.#turns.splice(0)) turn.done();
    for (const resolve of this.#emptied.splice(0)) resolve();
    this.#closing.abort();
  }

  #next(): void {
    clearTimeout(this.#timer);
    if (this.#busy || this.closed.aborted) return;
    const index = this.#holder === undefined ? 0 : this.#turns.findIndex(({ owner }) => owner === this.#holder);
    const [turn] = index < 0 ? [] : this.#turns.splice(index, 1);
    if (turn) void this.#writeTurn(turn);
    else if (this.#turns.length > 0) {
      this.#timer = setTimeout(() => this.#takeOver(), this.#heardMs + this.#maxSilenceMs - performance.now());
    } else for (const resolve of this.#emptied.splice(0)) resolve();
  }

  async #writeTurn(turn: Turn): Promise<void> {
    this.#busy = true;
    try {
      if (turn.bytes.length > 0) await this.#device.write(turn.bytes);
    } catch (error) {
      if (!this.closed.aborted) this.failure = outputFailure(error);
      turn.done();
      this.#close();
      return;
    }
    this.#busy = false;
    if (turn.open) {
      this.#holder = turn.owner;
      this.#heardMs = performance.now();
    } else if (turn.owner === this.#holder) this.#holder = undefined;
    turn.done();
    this.#next();
  }

  /** Completes the open line of an owner that is silent. */
  #takeOver(): void {
    const owner = this.#holder;
    if (owner === undefined) return;
    this.#holder = undefined;
    owner.closedByOutput();
    this.#turns.unshift({ bytes: owner.closing, owner: undefined, open: false, done() {} });
    this.#next();
  }
}
