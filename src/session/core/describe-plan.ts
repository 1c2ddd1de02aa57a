// The words of `--dry-run`: what a session would consist of, and the variables that COMMAND or a shell would get.
import { lostVariables, variablesOf } from '../../detached/core/variables.ts';
import { withinLimit } from '../../logs/core/log-limit.ts';
import { containerLabel, placeOf } from '../../output/core/messages.ts';
import { logContainers } from '../../pods/core/log-containers.ts';
import type { TunnelPlan } from '../../pods/core/plan.ts';
import type { Pod } from '../../pods/core/pod.ts';
import type { AppSettings } from '../../request/core/settings.ts';

/** A local port that is not known yet. */
const RANDOM = '0';

export interface DescribedTunnel extends TunnelPlan {
  /** The local port it had the last time, where it may be any. */
  readonly former: number | undefined;
}

export interface Described {
  readonly settings: Pick<AppSettings, 'app' | 'addresses' | 'logs' | 'containers' | 'excludeContainers'>;
  /** What lines name the app by; undefined where there is only one. */
  readonly name: string | undefined;
  readonly pod: Pod;
  /** Those whose logs are wanted. */
  readonly pods: readonly Pod[];
  readonly tunnels: readonly DescribedTunnel[];
}

/** The lines of `--dry-run`, and what is to be warned of. */
export function describePlans(apps: readonly Described[]): { lines: readonly string[]; warnings: readonly string[] } {
  const formers = new Set(apps.flatMap(({ tunnels }) => tunnels.map(({ former }) => String(former))));
  const opened = apps.map(openedIn);
  const variables = variablesOf(opened).map(({ name, value }) => {
    if (value === RANDOM) return `Would set ${name} to a free port`;
    return `Would set ${name}=${value}${formers.has(value) ? ', if that is free' : ''}`;
  });
  const lines = [...apps.flatMap((app) => [...tunnelLines(app), ...logLines(app)]), ...variables];
  return { lines, warnings: lostVariables(opened) };
}

function openedIn({ settings: { app, addresses }, pod: { name: pod }, tunnels }: Described) {
  const opened = tunnels.map((tunnel) => ({ ...tunnel, app, addresses, pod, localPort: likelyPort(tunnel) }));
  return { app, tunnels: opened };
}

function likelyPort({ localPort, former = 0 }: DescribedTunnel): number {
  return localPort === 0 ? former : localPort;
}

function tunnelLines({ settings: { addresses }, name, pod, tunnels }: Described): string[] {
  return tunnels.map((tunnel) => {
    const localPort = likelyPort(tunnel);
    const known = placeOf({ addresses, localPort });
    const place = localPort === 0 ? `a free port of ${addresses.join(', ')}` : known;
    const condition = tunnel.former === undefined ? '' : ', as the last time, if that is free';
    const what = containerLabel(tunnel.container, name);
    return `Would connect to ${what}:${tunnel.remotePort} of pod ${pod.name} on ${place}${condition}`;
  });
}

function logLines({ settings: { logs, containers, excludeContainers }, name, pods }: Described): string[] {
  const found = pods.map((pod) => ({ pod, shown: logs ? logContainers(pod, containers, excludeContainers) : [] }));
  const counted = found.map((one) => ({ ...one, uid: one.pod.uid, logs: one.shown.length }));
  return withinLimit(counted, { count: 0, uids: new Set() }).flatMap(({ pod, shown }) =>
    shown.map((container) => `Would show the log of ${containerLabel(container, name)} of pod ${pod.name}`),
  );
}
