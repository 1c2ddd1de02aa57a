// The local ports that a session had the last time, and that it is to have the next time.
import { type AppPlace, recallPorts, rememberPorts } from '../detached/known-ports.ts';
import type { TunnelPlan } from '../pods/core/plan.ts';
import type { AppSettings } from '../request/core/settings.ts';
import type { Tunnel } from '../tunnels/tunnel.ts';
import type { Ending } from './ending.ts';

/** By then the first requests are answered. */
const AFTER_MS = 150;
/** A session may last longer than a port is remembered. */
const EVERY_MS = 24 * 3600 * 1000;

/** A tunnel that is to be opened, and the local ports it had the last times. */
export interface FormerTunnel {
  readonly plan: TunnelPlan;
  readonly preferred: readonly number[];
}

export function withFormerPorts(plans: readonly TunnelPlan[], settings: AppSettings): readonly FormerTunnel[] {
  if (plans.every(({ localPort }) => localPort !== 0)) return plans.map((plan) => ({ plan, preferred: [] }));
  const recall = recallPorts(placeOf(settings));
  return plans.map((plan) => ({ plan, preferred: recall(plan.container, plan.remotePort) }));
}

export function rememberTunnels(settings: AppSettings, tunnels: readonly Tunnel[], ending: Ending): void {
  const ports = tunnels
    .filter(({ plan }) => plan.localPort === 0)
    .map(({ plan: { container, remotePort }, localPort }) => ({ container, remotePort, localPort }));
  const remember = () => {
    const isDone = rememberPorts(placeOf(settings), ports);
    ending.later(isDone ? EVERY_MS : AFTER_MS, remember);
  };
  if (ports.length > 0) ending.later(AFTER_MS, remember);
}

function placeOf({ app, kubectl: { context, namespace } }: AppSettings): AppPlace {
  return { context, namespace, app };
}
