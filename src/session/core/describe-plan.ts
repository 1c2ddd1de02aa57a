// The words of `--dry-run`: what a session would consist of.
import { containerLabel, placeOf } from '../../output/core/messages.ts';
import type { Plan } from '../../pods/core/plan.ts';

/** The lines of `--dry-run`. @param app undefined where there is only one */
export function describePlan(
  plan: Plan,
  { pod, addresses, app }: { pod: string; addresses: readonly string[]; app: string | undefined },
): string[] {
  const tunnels = plan.tunnels.map(({ container, remotePort, localPort }) => {
    const place = localPort === 0 ? `a random port of ${addresses.join(', ')}` : placeOf({ addresses, localPort });
    return `Would connect to ${containerLabel(container, app)}:${remotePort} of pod ${pod} on ${place}`;
  });
  return [
    ...tunnels,
    ...plan.logs.map((container) => `Would show the log of ${containerLabel(container, app)} of pod ${pod}`),
  ];
}
