// What a session with one pod consists of: which tunnels, which logs, and what was left out.

import type { Mapping } from '../../request/core/mapping.ts';
import { remoteAlreadyMapped } from '../../request/core/mapping.ts';
import { UserError } from '../../values/errors.ts';
import { oneLine } from '../../values/quote.ts';
import type { Container, ContainerPort, Pod } from './pod.ts';

export interface TunnelPlan {
  readonly container: string;
  readonly remotePort: number;
  readonly portName: string | undefined;
  /** 0 is a random free port. */
  readonly localPort: number;
}

export interface Plan {
  /** In the pod's order. */
  readonly tunnels: readonly TunnelPlan[];
  /** Names of the containers whose logs are shown, in the pod's order. */
  readonly logs: readonly string[];
  /** What was skipped and why, one sentence each, for stderr. */
  readonly notes: readonly string[];
}

export interface PlanOptions {
  /** Names given with `-c`; empty means all. */
  readonly containers: readonly string[];
  readonly mappings: readonly Mapping[];
  readonly logs: boolean;
}

interface Exposed {
  readonly container: string;
  readonly port: ContainerPort;
}

export function planSession(pod: Pod, options: PlanOptions): Plan {
  const reachable = reachableIn(pod);
  const chosen = chooseContainers(reachable, options.containers);
  const declared = exposedBy(chosen);
  const exposed = declared.filter((one) => one.port.protocol === 'TCP');
  const notes = declared.filter((one) => one.port.protocol !== 'TCP').map(skippedProtocol);

  const locals = new Map<number, number>();
  for (const mapping of options.mappings) {
    const remote = numberOf(exposed, mapping.remote);
    if (remote === undefined) {
      notes.push(skippedMapping(mapping, exposedBy(reachable)));
      continue;
    }
    if (locals.has(remote)) throw remoteAlreadyMapped(remote);
    locals.set(remote, mapping.local);
  }

  const tunnels = new Map<number, TunnelPlan>();
  for (const { container, port } of exposed) {
    if (tunnels.has(port.number)) continue;
    const localPort = locals.get(port.number) ?? 0;
    tunnels.set(port.number, { container, remotePort: port.number, portName: port.name, localPort });
  }
  if (tunnels.size === 0) notes.push(nothingExposed(pod, options));
  return {
    tunnels: [...tunnels.values()],
    logs: options.logs ? chosen.map((one) => one.name) : [],
    notes,
  };
}

/** The same for a pod that comes later, which may lack a container that was asked for. */
export function planSuccessor(pod: Pod, wanted: readonly string[]): Pick<Plan, 'tunnels' | 'logs'> {
  const names = new Set(reachableIn(pod).map((one) => one.name));
  const containers = wanted.filter((name) => names.has(name));
  // To a plan, no names mean all containers.
  if (containers.length === 0 && wanted.length > 0) return { tunnels: [], logs: [] };
  return planSession(pod, { containers, mappings: [], logs: true });
}

/** @throws {UserError} when the pod lacks one of them */
export function requireContainers(pod: Pod, wanted: readonly string[]): void {
  chooseContainers(reachableIn(pod), wanted);
}

function reachableIn(pod: Pod): readonly Container[] {
  return pod.containers.filter((one) => one.role !== 'init');
}

function chooseContainers(reachable: readonly Container[], wanted: readonly string[]): readonly Container[] {
  const known = new Set(reachable.map((one) => one.name));
  const missing = wanted.find((name) => !known.has(name));
  if (missing !== undefined) {
    throw new UserError(`container '${oneLine(missing)}' not found`, {
      hint: `the pod's containers are: ${[...known].join(', ')}`,
    });
  }
  return wanted.length === 0 ? reachable : reachable.filter((one) => wanted.includes(one.name));
}

function exposedBy(containers: readonly Container[]): readonly Exposed[] {
  return containers.flatMap(({ name, ports }) => ports.map((port) => ({ container: name, port })));
}

/** The number of the exposed port that a mapping's REMOTE means: of several with that name the first. */
function numberOf(exposed: readonly Exposed[], remote: number | string): number | undefined {
  return exposed.find(({ port }) => port.number === remote || port.name === remote)?.port.number;
}

function skippedProtocol({ container, port }: Exposed): string {
  const name = port.name === undefined ? '' : ` (${port.name})`;
  return `port ${port.number}/${port.protocol}${name} of container ${container} is skipped: only TCP can be tunnelled`;
}

function skippedMapping({ remote, text }: Mapping, everywhere: readonly Exposed[]): string {
  const elsewhere = everywhere.find(({ port }) => port.number === remote || port.name === remote);
  if (elsewhere === undefined) return `mapping ${text} is skipped: the pod exposes no port ${remote}`;
  const { container, port } = elsewhere;
  if (port.protocol !== 'TCP') return `mapping ${text} is skipped: port ${remote} is ${port.protocol}`;
  return `mapping ${text} is skipped: port ${remote} belongs to container ${container}, which -c leaves out`;
}

function nothingExposed(pod: Pod, { containers, logs }: PlanOptions): string {
  const who = containers.length === 0 ? `pod ${pod.name}` : `container ${containers.join(', ')} of pod ${pod.name}`;
  return `${who} exposes no TCP port: ${logs ? 'logs only' : 'there is nothing to connect to'}`;
}
