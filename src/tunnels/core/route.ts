// Which pod's forward a client goes to now: the one that is followed, else what still serves.
import type { Availability } from '../../pods/core/availability.ts';

export interface Candidate {
  readonly availability: Availability;
  /** Its kubectl takes connections. */
  readonly listening: boolean;
  /** The pod that is followed. */
  readonly isTarget: boolean;
}

export interface Situation {
  readonly waitedMs: number;
  readonly holdMs: number;
  /** Since the target changed; infinity if it never did. */
  readonly sinceHandoverMs: number;
}

/**
 * How long connections wait for the forward to a new pod although the pod before it still serves: that is about to end,
 * and kubelet ends some processes within 0.1 s. A forward takes 0.1 to 0.3 s to listen.
 */
export const HANDOVER_MS = 400;

/** @param candidates oldest first */
export function route<One extends Candidate>(candidates: readonly One[], situation: Situation): One | undefined {
  const { waitedMs, holdMs, sinceHandoverMs } = situation;
  const target = candidates.find(({ isTarget }) => isTarget);
  if (target?.availability === 'open') {
    if (target.listening) return target;
    if (holdMs > 0 && sinceHandoverMs < HANDOVER_MS) return undefined;
  }
  const usable = candidates.filter(({ listening }) => listening);
  const open = usable.findLast(({ availability }) => availability === 'open');
  if (open !== undefined || waitedMs < holdMs / 2) return open;
  return usable.findLast(({ availability }) => availability === 'terminating');
}
