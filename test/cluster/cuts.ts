// The open streams a test may end: watches, logs and port-forwards, each with how it can be cut.

/** `end`: as if it were complete. `drop`: the connection closes in the middle of the response. `reset`: TCP RST. */
export type CutHow = 'end' | 'drop' | 'reset';
export type StreamKind = 'watch' | 'logs' | 'portforward';

export interface OpenStream {
  readonly kind: StreamKind;
  readonly pod: string | undefined;
  readonly container: string | undefined;
  cut(how: CutHow, afterBytes: number): void;
}

export interface CutOrder {
  readonly kind: StreamKind;
  readonly how?: CutHow;
  readonly pod?: string;
  readonly container?: string;
  /** Logs: so many bytes still pass, so that a line or a character can be cut in two. */
  readonly afterBytes?: number;
}

export class OpenStreams {
  readonly #streams = new Set<OpenStream>();
  readonly #looking = new Set<() => void>();

  add(stream: OpenStream): () => void {
    this.#streams.add(stream);
    for (const look of [...this.#looking]) look();
    return () => void this.#streams.delete(stream);
  }

  list(kind?: StreamKind): OpenStream[] {
    return [...this.#streams].filter((stream) => kind === undefined || stream.kind === kind);
  }

  /** Resolves when at least `count` of this kind are open at once. */
  opened(kind: StreamKind, count: number): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (this.list(kind).length < count) return;
        this.#looking.delete(look);
        resolve();
      };
      this.#looking.add(look);
      look();
    });
  }

  /** Returns how many streams were cut. */
  cut(order: CutOrder): number {
    const chosen = this.list(order.kind).filter(
      (stream) =>
        (order.pod === undefined || stream.pod === order.pod) &&
        (order.container === undefined || stream.container === order.container),
    );
    for (const stream of chosen) stream.cut(order.how ?? 'end', order.afterBytes ?? 0);
    return chosen.length;
  }
}
