// The words of `--dry-run`: what a session would consist of, and the variables that COMMAND or a shell would get.
import { exportVariables } from '../../detached/core/variables.ts';
import { containerLabel, placeOf } from '../../output/core/messages.ts';
import type { Plan } from '../../pods/core/plan.ts';

/** A local port that is not known yet. */
const RANDOM = '0';

export interface Described {
  readonly app: string;
  /** What lines name the app by; undefined where there is only one. */
  readonly name: string | undefined;
  readonly pod: string;
  readonly addresses: readonly string[];
}

/** The lines of `--dry-run`. */
export function describePlan(plan: Plan, { app, name, pod, addresses }: Described): string[] {
  const tunnels = plan.tunnels.map(({ container, remotePort, localPort }) => {
    const place = localPort === 0 ? `a random port of ${addresses.join(', ')}` : placeOf({ addresses, localPort });
    return `Would connect to ${containerLabel(container, name)}:${remotePort} of pod ${pod} on ${place}`;
  });
  const logs = plan.logs.map((container) => `Would show the log of ${containerLabel(container, name)} of pod ${pod}`);
  const opened = plan.tunnels.map((tunnel) => ({ ...tunnel, app, addresses, pod }));
  const variables = exportVariables(app, opened).map((variable) =>
    variable.value === RANDOM
      ? `Would set ${variable.name} to a random port`
      : `Would set ${variable.name}=${variable.value}`,
  );
  return [...tunnels, ...logs, ...variables];
}
