// The words of `--dry-run`: what a session would consist of.
import { placeOf } from '../../output/core/messages.ts';
import type { Plan } from '../../pods/core/plan.ts';

/** The lines of `--dry-run`. */
export function describePlan(plan: Plan, pod: string, addresses: readonly string[]): string[] {
  const tunnels = plan.tunnels.map(({ container, remotePort, localPort }) => {
    const place = localPort === 0 ? `a random port of ${addresses.join(', ')}` : placeOf({ addresses, localPort });
    return `Would connect to ${container}:${remotePort} of pod ${pod} on ${place}`;
  });
  return [...tunnels, ...plan.logs.map((container) => `Would show the log of ${container} of pod ${pod}`)];
}
