// The end of a client's input: passed on at once, held back for a client that stays for its answer, or the end of a wait.
import type { Socket } from 'node:net';
import { watchPresence } from './client-presence.ts';
import { type ClientEnd, meaningOfEnd } from './core/client-end.ts';

/** Without a byte from a server that is read from, the end of a client that stays is passed on after all. */
const HOLD_BACK_MS = 10_000;

export interface InputEndOptions {
  readonly client: Socket;
  /** How things stand now. */
  readonly facts: () => Omit<ClientEnd, 'stays'>;
  readonly passOn: () => void;
  /** The client is gone, and nobody has its connection. */
  readonly leave: () => void;
}

export class InputEnd {
  readonly #options: InputEndOptions;
  #stopWatching = () => {};
  #timer: NodeJS.Timeout | undefined;

  constructor(options: InputEndOptions) {
    this.#options = options;
  }

  /** The client's input has ended, or the connection of a client whose input has ended was joined. */
  consider(): void {
    const { client, facts, passOn, leave } = this.#options;
    this.cancel();
    if (meaningOfEnd({ ...facts(), stays: true }) === 'pass-on') {
      passOn();
      return;
    }
    if (facts().attached) this.#holdBack();
    this.#stopWatching = watchPresence(client, () => {
      this.cancel();
      if (meaningOfEnd({ ...facts(), stays: false }) === 'pass-on') passOn();
      else leave();
    });
  }

  /** The server has said something. */
  refresh(): void {
    this.#timer?.refresh();
  }

  cancel(): void {
    this.#stopWatching();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #holdBack(): void {
    const { client, passOn } = this.#options;
    this.#timer = setTimeout(() => {
      // A server that waits for the client to read cannot say anything.
      if (client.writableLength > 0) this.#holdBack();
      else {
        this.cancel();
        passOn();
      }
    }, HOLD_BACK_MS);
  }
}
