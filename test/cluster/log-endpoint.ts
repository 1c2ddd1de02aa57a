// GET …/pods/NAME/log: one response that follows a container's log with kubelet's semantics, and that a test can cut after
// any number of bytes.
import type { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import type { ContainerLog } from './container-log.ts';
import type { CutHow } from './cuts.ts';
import type { LogView } from './log-chunk.ts';

export interface LogQuery {
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly tail: number | undefined;
  /** RFC 3339; whole seconds count. */
  readonly since: string | undefined;
  readonly limitBytes: number | undefined;
}

export function parseLogQuery(query: URLSearchParams): LogQuery {
  const number = (name: string) => (query.has(name) ? Number(query.get(name)) : undefined);
  const flag = (name: string) => ['true', '1'].includes(query.get(name) ?? '');
  const seconds = number('sinceSeconds');
  const sinceMs =
    seconds !== undefined
      ? Date.now() - seconds * 1000
      : query.has('sinceTime')
        ? Date.parse(query.get('sinceTime') ?? '')
        : undefined;
  return {
    follow: flag('follow'),
    timestamps: flag('timestamps'),
    tail: number('tailLines'),
    since: sinceMs === undefined ? undefined : new Date(sinceMs).toISOString(),
    limitBytes: number('limitBytes'),
  };
}

/** A running log response, for cutting it. */
export class LogResponse {
  readonly pod: string;
  readonly container: string;
  readonly #response: ServerResponse;
  #left = Number.POSITIVE_INFINITY;
  #how: CutHow = 'end';
  #finished = false;
  #wake = () => {};

  constructor(response: ServerResponse, pod: string, container: string) {
    this.#response = response;
    this.pod = pod;
    this.container = container;
  }

  /** Passes `afterBytes` more bytes on, then ends the response. */
  cut(how: CutHow, afterBytes: number): void {
    this.#how = how;
    this.#left = afterBytes;
    this.#wake();
  }

  async send(log: ContainerLog, query: LogQuery, stallAfterRotation: boolean): Promise<void> {
    const response = this.#response;
    const gone = new Promise<void>((resolve) => response.on('close', () => resolve()));
    const woken = () => new Promise<void>((resolve) => (this.#wake = resolve));
    if (query.limitBytes !== undefined) this.#left = query.limitBytes;
    response.writeHead(200, { 'Content-Type': 'text/plain' });
    response.flushHeaders();
    const view: LogView = query.timestamps ? 'stamped' : 'plain';
    const place = log.place(view, query);
    const rotations = log.rotations;
    let bytes = place.chunk.bytes(view);
    while (this.#left > 0 && !response.destroyed) {
      const { chunk, offset } = place;
      const end = Math.min(chunk.length(view), offset + this.#left);
      if (end > offset) {
        place.offset = end;
        this.#left -= end - offset;
        await Promise.race([this.#write(bytes.subarray(offset, end)), gone]);
      } else if (chunk.next !== undefined && !(stallAfterRotation && log.rotations > rotations)) {
        place.chunk = chunk.next;
        place.offset = 0;
        bytes = place.chunk.bytes(view);
      } else if (log.closed || !query.follow) break;
      else await Promise.race([log.changed(), woken(), gone]);
    }
    this.#finish();
  }

  /** What a cut leaves has to be on its way before a reset, which would take it back. */
  #write(piece: Buffer): Promise<void> | undefined {
    const response = this.#response;
    if (this.#left !== Number.POSITIVE_INFINITY)
      return new Promise((resolve) => response.write(piece, () => resolve()));
    return response.write(piece) ? undefined : new Promise((resolve) => response.once('drain', resolve));
  }

  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    if (this.#how === 'end') this.#response.end();
    else if (this.#how === 'reset') this.#response.socket?.resetAndDestroy();
    else this.#response.socket?.destroySoon();
  }
}
