// One client's connection: waits, is joined to the private port of a `kubectl port-forward`, and keeps what the client
// has said until the application answers, so that a connection that never reached the application can be tried again.
//
//   waiting ──attempt──▶ attempting ──first byte of the application──▶ answered
//      ▲                    │ unreached                                   │ closed
//      └────────────────────┘          finish, fail, the client leaves ──▶ over
import type { Socket } from 'node:net';
import { isGone } from './client-presence.ts';
import { connectPrivately } from './connect-privately.ts';
import { QUIET_MS } from './core/admission.ts';
import { CLOSED_WAITS_MS } from './core/client-end.ts';
import { type ReplayBudget, ReplayBuffer } from './core/replay-buffer.ts';
import { InputEnd } from './input-end.ts';

/** How an attempt ended: by the client, or by the forward. */
export type AttemptEnd =
  | { readonly kind: 'left' }
  /** `sent`: bytes of the client that were handed over; undefined when the forward did not even accept. */
  | { readonly kind: 'closed'; readonly clean: boolean; readonly sent: number | undefined };

export interface AttemptOptions {
  readonly port: number;
  /** In trouble, what is too much to be kept is sent only after the forward has not refused it for a while. */
  readonly inTrouble: boolean;
  readonly onFirstByte: () => void;
  readonly onAnswered: () => void;
}

interface Joined extends Pick<AttemptOptions, 'onFirstByte' | 'onAnswered'> {
  readonly up: Socket;
  readonly settle: (end: AttemptEnd) => void;
  inTrouble: boolean;
  sent: number;
  accepted: boolean;
}

/** How long a client may go on talking after the server has ended. */
const LINGER_MS = 2_000;
export class Client {
  /** On the clock of `performance.now()`. */
  readonly arrivedMs: number;
  readonly #socket: Socket;
  readonly #replay: ReplayBuffer;
  readonly #onGone: () => void;
  readonly #end: InputEnd;
  #phase: 'waiting' | 'attempting' | 'answered' | 'over' = 'waiting';
  #joined: Joined | undefined;
  #saidSomething = false;
  #serverSpokeLast = false;
  #hasEnded = false;
  #quietTimer: NodeJS.Timeout | undefined;

  /** @param onGone called once, when the client's connection is over */
  constructor(socket: Socket, budget: ReplayBudget, onGone: () => void, arrivedMs: number = performance.now()) {
    this.arrivedMs = arrivedMs;
    this.#socket = socket;
    this.#replay = new ReplayBuffer(budget);
    this.#onGone = onGone;
    this.#end = new InputEnd({
      client: socket,
      facts: () => ({
        attached: this.#joined !== undefined,
        saidSomething: this.#saidSomething,
        answered: this.#serverSpokeLast,
      }),
      passOn: () => void this.#joined?.up.end(),
      leave: () => this.#leaveSoon(),
    });
    socket.on('data', (chunk: Buffer) => this.#hear(chunk));
    socket.on('end', () => {
      this.#hasEnded = true;
      if (!this.isOver) this.#end.consider();
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#close());
  }

  get saidSomething(): boolean {
    return this.#saidSomething;
  }

  get isAnswered(): boolean {
    return this.#phase === 'answered';
  }

  /** Whether all that the client has said could be said again. */
  get isReplayable(): boolean {
    return this.#replay.chunks !== undefined;
  }

  get isOver(): boolean {
    return this.#phase === 'over';
  }

  /** Whether it has given up: to be asked before what the client said is sent late. */
  hasGivenUp(): boolean {
    if (this.isOver) return true;
    if (performance.now() - this.arrivedMs < CLOSED_WAITS_MS) return false;
    return (this.#hasEnded || this.#socket.isPaused()) && isGone(this.#socket, this.#hasEnded);
  }

  /** Joins the client to `127.0.0.1:port`. */
  attempt(options: AttemptOptions): Promise<AttemptEnd> {
    return new Promise((resolve) => {
      if (this.isOver) {
        resolve({ kind: 'left' });
        return;
      }
      const isFree = () => this.#socket.writableLength === 0;
      const up = connectPrivately(options.port, (bytes) => this.#answer(bytes), isFree);
      const joined: Joined = { ...options, up, settle: resolve, sent: 0, accepted: false };
      this.#phase = 'attempting';
      this.#joined = joined;
      up.on('connect', () => {
        joined.accepted = true;
        this.#keepBriefly();
      });
      up.on('drain', () => this.#socket.resume());
      up.on('end', () => this.#leave(joined, true));
      up.on('error', () => this.#leave(joined, false));
      up.on('close', () => this.#leave(joined, true));
      for (const chunk of this.#replay.chunks ?? []) this.#send(joined, chunk);
      if (this.#hasEnded) this.#end.consider();
      if (!up.writableNeedDrain) this.#socket.resume();
      if (this.#replay.isFull) this.#overLimit();
    });
  }

  /** Ends an attempt that has no answer yet, as if the forward had closed it. */
  abandon(): void {
    if (this.#phase === 'attempting') this.#joined?.up.destroy();
  }

  /** Ends the client's connection abruptly, so that it does not take what it got for a whole answer. */
  fail(): void {
    if (this.isOver) return;
    this.#phase = 'over';
    this.#socket.resetAndDestroy();
  }

  /** Ends the client's connection in an orderly way. */
  finish(): void {
    if (this.isOver) return;
    const { isAnswered } = this;
    this.#phase = 'over';
    this.#end.cancel();
    this.#socket.end();
    if (!isAnswered || this.#hasEnded) {
      this.#socket.destroySoon();
      return;
    }
    // Reads on to the client's own end: closing with unread input would reset what it has not read yet.
    this.#socket.resume();
    this.#socket.once('finish', () => {
      const linger = setTimeout(() => this.#socket.destroy(), LINGER_MS);
      this.#socket.once('close', () => clearTimeout(linger));
    });
  }

  #hear(chunk: Buffer): void {
    const isFirst = !this.#saidSomething;
    this.#saidSomething = true;
    this.#serverSpokeLast = false;
    this.#replay.add(chunk);
    if (this.#joined !== undefined) {
      this.#send(this.#joined, chunk);
      if (isFirst) this.#joined.onFirstByte();
      this.#keepBriefly();
    }
    if (this.#replay.isFull) this.#overLimit();
  }

  #send(joined: Joined, chunk: Buffer): void {
    joined.sent += chunk.length;
    if (!joined.up.write(chunk)) this.#socket.pause();
  }

  #overLimit(): void {
    if (this.#joined !== undefined && !this.#joined.inTrouble) this.#replay.drop();
    else this.#socket.pause();
  }

  /** What the forward took and does not refuse in a while has most likely reached the application. */
  #keepBriefly(): void {
    const joined = this.#joined;
    if (joined?.accepted !== true || this.#quietTimer !== undefined) return;
    if (!joined.inTrouble && !this.#replay.isLarge) return;
    this.#quietTimer = setTimeout(() => {
      this.#quietTimer = undefined;
      joined.inTrouble = false;
      this.#replay.trim();
      if (!joined.up.writableNeedDrain) this.#socket.resume();
    }, QUIET_MS);
  }

  /** False while the client has not taken it all: until then the bytes must stay as they are. */
  #answer(bytes: Buffer): boolean {
    this.#serverSpokeLast = true;
    if (this.#phase === 'attempting') {
      this.#phase = 'answered';
      clearTimeout(this.#quietTimer);
      this.#replay.drop();
      this.#joined?.onAnswered();
      if (this.#joined?.up.writableNeedDrain === false) this.#socket.resume();
    }
    // Not "drain": that comes for more than the high-water mark only.
    this.#socket.write(bytes, () => {
      if (this.#socket.writableLength === 0) this.#joined?.up.resume();
    });
    this.#end.refresh();
    return this.#socket.writableLength === 0;
  }

  #leaveSoon(): void {
    const leftMs = this.#saidSomething ? this.arrivedMs + CLOSED_WAITS_MS - performance.now() : 0;
    const leave = () => {
      if (this.#joined === undefined) this.#socket.destroy();
    };
    if (leftMs <= 0) leave();
    else setTimeout(leave, leftMs);
  }

  /** The forward has closed the connection. */
  #leave(joined: Joined, clean: boolean): void {
    if (this.#joined !== joined) return;
    this.#joined = undefined;
    this.#end.cancel();
    clearTimeout(this.#quietTimer);
    this.#quietTimer = undefined;
    joined.up.destroy();
    if (this.#phase === 'attempting') this.#phase = 'waiting';
    joined.settle({ kind: 'closed', clean, sent: joined.accepted ? joined.sent : undefined });
  }

  #close(): void {
    const joined = this.#joined;
    this.#phase = 'over';
    this.#joined = undefined;
    this.#end.cancel();
    clearTimeout(this.#quietTimer);
    this.#replay.drop();
    joined?.up.destroy();
    joined?.settle({ kind: 'left' });
    this.#onGone();
  }
}
