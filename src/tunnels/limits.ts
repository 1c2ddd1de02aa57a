// What all tunnels of a session share: the memory for what clients may have to say again, and the descriptors for their
// connections.
import { readFileSync } from 'node:fs';
import { type ReplayBudget, TOTAL_LIMIT } from './core/replay-buffer.ts';

export interface TunnelLimits {
  readonly replay: ReplayBudget;
  readonly connections: ConnectionLimit;
}

export class ConnectionLimit {
  readonly most: number;
  #open = 0;
  /** Since it was last half empty. */
  #wasFull = false;

  constructor(most: number) {
    this.most = most;
  }

  /** Whether there is room for a further connection. `isNews`: there is none for the first time in a while. */
  enter(): { readonly isIn: boolean; readonly isNews: boolean } {
    const isIn = this.#open < this.most;
    const isNews = !isIn && !this.#wasFull;
    if (isIn) this.#open += 1;
    else this.#wasFull = true;
    return { isIn, isNews };
  }

  leave(): void {
    this.#open -= 1;
    if (this.#open <= this.most / 2) this.#wasFull = false;
  }
}

/** Of descriptors: node's own, the watchdog, the watch of the pods, and what children need while they start. */
const RESERVED = 30;
/** Two listeners and two kubectls: this pod's and the next one's. */
const PER_TUNNEL = 8;
/** Likewise. */
const PER_LOG = 6;
/** The client's and ours to kubectl. */
const PER_CONNECTION = 2;
/** However few descriptors there are, these are tried. */
const LEAST_CONNECTIONS = 4;

export function createTunnelLimits(tunnels: number, logs: number): TunnelLimits {
  const spare = descriptorLimit() - RESERVED - PER_TUNNEL * tunnels - PER_LOG * logs;
  const most = Math.max(LEAST_CONNECTIONS, Math.floor(spare / PER_CONNECTION));
  return { replay: { left: TOTAL_LIMIT }, connections: new ConnectionLimit(most) };
}

/** Node raises its own limit as far as it may. Infinity where it cannot be known. */
function descriptorLimit(): number {
  try {
    const text = readFileSync('/proc/self/limits', 'latin1');
    return Number(/^Max open files\s+(\d+)/m.exec(text)?.[1] ?? Number.POSITIVE_INFINITY);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
