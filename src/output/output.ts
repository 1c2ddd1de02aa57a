// The only writer to stdout: whole lines of many sources, one after another, at the pace of whoever reads them.

import type { UserError } from '../values/errors.ts';
import { outputFailure } from './core/output-failure.ts';
import { type OutputDevice, openOutputDevice } from './output-device.ts';

/** Who writes lines too long to be handed over whole. */
export interface LineOwner {
  /** What completes its open line. */
  readonly closing: Uint8Array;
  /** Its open line was completed for it. */
  closedByOutput(): void;
}

export interface Output {
  /** Aborted when nothing can be written any more. */
  readonly closed: AbortSignal;
  /** Why it is closed; undefined when nobody reads any more (a closed pipe or terminal): time to end quietly. */
  readonly failure: UserError | undefined;
  /** One line of our own; a line feed is added. */
  writeLine(text: string): void;
  /**
   * Whole lines, or with `open` also the start or a further part of one: then nobody else's bytes follow until its
   * owner writes its end. Resolves when the bytes have left and may be overwritten; never rejects.
   */
  write(bytes: Uint8Array, owner?: LineOwner, open?: boolean): Promise<void>;
  /** Waits until everything has left; what has not after `limitMs` is given up. False if something was. */
  flush(limitMs: number): Promise<boolean>;
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

export function createOutput(
  device: OutputDevice = openOutputDevice(1),
  { maxSilenceMs = MAX_SILENCE_MS }: { maxSilenceMs?: number } = {},
): Output {
  const closing = new AbortController();
  let turns: Turn[] = [];
  let busy = false;
  let holder: LineOwner | undefined;
  let heardMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const emptied: (() => void)[] = [];
  let failure: UserError | undefined;

  function close(): void {
    clearTimeout(timer);
    const dropped = turns;
    turns = [];
    for (const turn of dropped) turn.done();
    for (const resolve of emptied.splice(0)) resolve();
    closing.abort();
  }

  function next(): void {
    clearTimeout(timer);
    if (busy || closing.signal.aborted) return;
    const index = holder === undefined ? 0 : turns.findIndex((turn) => turn.owner === holder);
    const [turn] = index < 0 ? [] : turns.splice(index, 1);
    if (turn) void writeTurn(turn);
    else if (turns.length > 0) timer = setTimeout(takeOver, heardMs + maxSilenceMs - performance.now());
    else for (const resolve of emptied.splice(0)) resolve();
  }

  async function writeTurn(turn: Turn): Promise<void> {
    busy = true;
    try {
      if (turn.bytes.length > 0) await device.write(turn.bytes);
    } catch (error) {
      if (!closing.signal.aborted) failure = outputFailure(error);
      turn.done();
      close();
      return;
    }
    busy = false;
    if (turn.open) {
      holder = turn.owner;
      heardMs = performance.now();
    } else if (turn.owner === holder) holder = undefined;
    turn.done();
    next();
  }

  function takeOver(): void {
    const owner = holder;
    if (owner === undefined) return;
    holder = undefined;
    owner.closedByOutput();
    turns.unshift({ bytes: owner.closing, owner: undefined, open: false, done() {} });
    next();
  }

  const write: Output['write'] = (bytes, owner, open = false) =>
    new Promise((done) => {
      if (closing.signal.aborted) return done();
      turns.push({ bytes, owner, open, done });
      next();
    });

  return {
    closed: closing.signal,
    get failure() {
      return failure;
    },
    write,
    writeLine: (text) => void write(Buffer.from(`${text}\n`)),
    async flush(limitMs) {
      if (closing.signal.aborted || (!busy && turns.length === 0)) return true;
      let late = false;
      const limit = setTimeout(() => {
        late = true;
        device.abandon();
        close();
      }, limitMs);
      await new Promise<void>((resolve) => emptied.push(resolve));
      clearTimeout(limit);
      return !late;
    },
  };
}
