// The watch of one app's pods, and whom its news goes to.

import { type SessionEvent, type Tell, unwatchable } from '../output/core/events.ts';
import type { AwaitedPod } from '../pods/await-pod.ts';
import { PodWatch } from '../pods/watch-pods.ts';
import type { KubectlSettings } from '../request/core/settings.ts';
import type { Tunnel } from '../tunnels/tunnel.ts';
import type { PodFollower } from './follow-pod.ts';

interface Listeners {
  readonly follower: PodFollower;
  readonly tunnels: readonly Tunnel[];
  readonly tell: Tell;
  /** Whether the API server answers has changed. */
  readonly onApi: (lost: boolean, event: SessionEvent) => void;
}

export function watchTarget(
  kubectl: KubectlSettings,
  { query, pods: initial }: AwaitedPod,
  { follower, tunnels, tell, onApi }: Listeners,
  signal: AbortSignal,
): PodWatch {
  return new PodWatch({
    kubectl,
    query,
    initial,
    signal,
    onChange: (now) => follower.refresh(now),
    onLost: (reason) => onApi(true, { kind: 'api-lost', reason }),
    onForbidden: (reason) => tell(unwatchable(reason)),
    onRestored: () => {
      onApi(false, { kind: 'api-restored' });
      for (const tunnel of tunnels) tunnel.retryNow();
    },
  });
}
