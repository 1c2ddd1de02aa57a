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

  constructor(most: number) {
    this.most = most;
  }

  /** False when there is no room for a further connection. */
  enter(): boolean {
    if (this.#open >= this.most) return false;
    this.#open += 1;
    return true;
  }

  leave(): void {
    this.#open -= 1;
  }
}

/** node's own, the watchdog, the watch of the pods, and what children need while they start. */
const RESERVED = 30;
/** Two listeners, two kubectls (this pod's and the next one's), and a log. */
const PER_TUNNEL = 8;
/** The client's and ours to kubectl. */
const PER_CONNECTION = 2;
/** However few descriptors there are, these are tried. */
const LEAST_CONNECTIONS = 4;

export function createTunnelLimits(tunnels: number): TunnelLimits {
  const spare = descriptorLimit() - RESERVED - PER_TUNNEL * tunnels;
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
