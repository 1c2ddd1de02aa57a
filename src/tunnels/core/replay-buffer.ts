// What a client has said before its first answer, kept so that it can be said again: up to a limit each, and another one
// together.

/** A request with a large body; what a client says beyond it is either waited for or not kept. */
export const CLIENT_LIMIT = 1024 * 1024;
export const TOTAL_LIMIT = 64 * 1024 * 1024;
/** A request without a body: kept until kubectl's own time-out of 30 s, when its connection has died unnoticed. */
const SMALL = 16 * 1024;

export interface ReplayBudget {
  /** Bytes that may still be kept. */
  left: number;
}

export class ReplayBuffer {
  readonly #budget: ReplayBudget;
  #chunks: Buffer[] | undefined = [];
  #bytes = 0;

  constructor(budget: ReplayBudget) {
    this.#budget = budget;
  }

  /** All that the client has said; undefined once something of it is not kept. */
  get chunks(): readonly Buffer[] | undefined {
    return this.#chunks;
  }

  get isFull(): boolean {
    return this.#chunks !== undefined && (this.#bytes >= CLIENT_LIMIT || this.#budget.left <= 0);
  }

  add(chunk: Buffer): void {
    if (this.#chunks === undefined) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#budget.left -= chunk.length;
  }

  /** What does not cost much may be needed late. */
  get isLarge(): boolean {
    return this.#chunks !== undefined && (this.#bytes > SMALL || this.#budget.left <= 0);
  }

  trim(): void {
    if (this.isLarge) this.drop();
  }

  drop(): void {
    this.#budget.left += this.#bytes;
    this.#bytes = 0;
    this.#chunks = undefined;
  }
}
