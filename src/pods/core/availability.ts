// What the state of a pod's container means for the tunnels to it.

import type { Pod } from './pod.ts';

/**
 * Whether a container takes new connections. `terminating`: its process may end at any moment, so only clients that have
 * waited for half of the hold time go there. `down`: nothing runs.
 */
export type Availability = 'open' | 'terminating' | 'down';

export interface ContainerAvailability {
  readonly availability: Availability;
  /** The id of the container that runs, if one does. */
  readonly containerId: string | undefined;
}

/** A container of which the kubelet has not said anything yet counts as running. */
export function availabilityOf(pod: Pod, container: string | undefined): ContainerAvailability {
  const status = pod.containers.find((one) => one.name === container)?.status;
  if (status !== undefined && status.state.kind !== 'running') return { availability: 'down', containerId: undefined };
  return { availability: pod.terminating ? 'terminating' : 'open', containerId: status?.containerId };
}
