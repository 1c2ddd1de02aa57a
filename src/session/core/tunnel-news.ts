// What a tunnel's news means for the session.

import type { SessionEvent, TunnelEvent } from '../../output/core/events.ts';
import type { Endpoint } from '../../pods/core/plan.ts';
import type { UserError } from '../../values/errors.ts';
import { cannotForward } from './forward-failure.ts';

export interface SessionSituation {
  readonly pod: string;
  /** All tunnels have worked. */
  readonly isOpen: boolean;
  readonly apiLost: boolean;
  readonly podLost: boolean;
  readonly holdMs: number;
}

export type TunnelNews =
  | { readonly kind: 'event'; readonly event: SessionEvent }
  | { readonly kind: 'broken'; readonly error: UserError }
  /** Something larger was told. */
  | { readonly kind: 'untold' };

export function tunnelNews(event: TunnelEvent, endpoint: Endpoint, now: SessionSituation): TunnelNews {
  const { container, remotePort } = endpoint;
  const { holdMs, podLost: noPod } = now;
  switch (event.kind) {
    case 'restored':
      return { kind: 'event', event: { kind: 'forward-restored', container, remotePort } };
    case 'expired':
      return { kind: 'event', event: { kind: 'connection-expired', container, remotePort, holdMs, noPod } };
    case 'crowded':
      return { kind: 'event', event: { kind: 'crowded', most: event.most } };
    case 'failed': {
      const { reason, atStart } = event;
      if (!now.isOpen && atStart) return { kind: 'broken', error: cannotForward(reason, now.pod, remotePort) };
      if (now.apiLost || noPod) return { kind: 'untold' };
      return { kind: 'event', event: { kind: 'forward-failed', container, remotePort, reason } };
    }
  }
}
