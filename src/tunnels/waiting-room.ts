// Clients that wait to be served, in the order of their arrival, each until its own deadline.
import type { Client } from './client.ts';

export class WaitingRoom {
  readonly #onExpired: (client: Client) => void;
  readonly #waiting: { readonly client: Client; readonly timer: NodeJS.Timeout }[] = [];

  constructor(onExpired: (client: Client) => void) {
    this.#onExpired = onExpired;
  }

  /** In order; a copy, so that who goes meanwhile does not matter. */
  get clients(): readonly Client[] {
    return this.#waiting.map(({ client }) => client);
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  add(client: Client, waitMs: number): void {
    const at = this.#waiting.findIndex((other) => other.client.arrivedMs > client.arrivedMs);
    const expire = () => {
      this.remove(client);
      this.#onExpired(client);
    };
    const entry = { client, timer: setTimeout(expire, waitMs) };
    this.#waiting.splice(at === -1 ? this.#waiting.length : at, 0, entry);
  }

  remove(client: Client): void {
    const at = this.#waiting.findIndex((entry) => entry.client === client);
    if (at === -1) return;
    const [entry] = this.#waiting.splice(at, 1);
    clearTimeout(entry?.timer);
  }
}
