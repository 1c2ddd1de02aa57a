// What a session with one pod consists of: which tunnels, which logs, and what was left out.

import type { Mapping } from '../../request/core/mapping.ts';
import { remoteAlreadyMapped } from '../../request/core/mapping.ts';
import { UserError } from '../../values/errors.ts';
import { oneLine } from '../../values/quote.ts';
import type { Container, ContainerPort, Pod } from './pod.ts';
import { containerPortOf, type ServicePort } from './service-ports.ts';

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
  /** Of a Service that is the target: REMOTE means one of these first. */
  readonly servicePorts?: readonly ServicePort[] | undefined;
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
  const undeclared: Exposed[] = [];
  for (const mapping of options.mappings) {
    const remote = containerPortOf(options.servicePorts ?? [], mapping.remote);
    const meant = meaningOf(remote, exposed, exposedBy(reachable));
    if (meant.kind === 'skipped') {
      notes.push(`mapping ${mapping.text} is skipped: ${meant.reason}`);
      continue;
    }
    const { number } = meant;
    if (locals.has(number)) throw remoteAlreadyMapped(number);
    locals.set(number, mapping.local);
    if (meant.kind === 'declared') continue;
    const port = { number, name: undefined, protocol: 'TCP' };
    undeclared.push({ container: ownerOfUndeclared(pod, chosen), port });
    notes.push(`no container of pod ${pod.name} declares port ${number}: it is forwarded all the same`);
  }

  const tunnels = new Map<number, TunnelPlan>();
  for (const { container, port } of [...exposed, ...undeclared]) {
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

type Meaning =
  | { readonly kind: 'declared' | 'undeclared'; readonly number: number }
  | { readonly kind: 'skipped'; readonly reason: string };

/** @param everywhere also what is not exposed, and what belongs to containers that -c leaves out */
function meaningOf(remote: number | string, exposed: readonly Exposed[], everywhere: readonly Exposed[]): Meaning {
  const is = ({ port }: Exposed) => port.number === remote || port.name === remote;
  // Of several with one name the first is meant.
  const found = exposed.find(is);
  if (found !== undefined) return { kind: 'declared', number: found.port.number };
  const other = everywhere.find(is);
  if (other !== undefined && other.port.protocol !== 'TCP') {
    return { kind: 'skipped', reason: `port ${remote} is ${other.port.protocol}` };
  }
  if (other !== undefined) {
    return { kind: 'skipped', reason: `port ${remote} belongs to container ${other.container}, which -c leaves out` };
  }
  if (typeof remote === 'number') return { kind: 'undeclared', number: remote };
  const unique = exposed.filter(
    ({ port }, index) => exposed.findIndex((one) => one.port.number === port.number) === index,
  );
  const ports = unique.map(({ port }) => (port.name === undefined ? port.number : `${port.name} (${port.number})`));
  const there = ports.length === 0 ? '' : `; its ports are ${ports.join(', ')}`;
  return { kind: 'skipped', reason: `the pod has no port ${remote}${there}` };
}

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

/** Whose a port that none declares is said to be: kubectl's default container, if it is among the chosen ones. */
function ownerOfUndeclared(pod: Pod, chosen: readonly Container[]): string {
  const marked = chosen.find((one) => one.name === pod.annotations[DEFAULT_CONTAINER]);
  return (marked ?? chosen.find((one) => one.role === 'main') ?? chosen[0])?.name ?? '';
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

function skippedProtocol({ container, port }: Exposed): string {
  const name = port.name === undefined ? '' : ` (${port.name})`;
  return `port ${port.number}/${port.protocol}${name} of container ${container} is skipped: only TCP can be tunnelled`;
}

function nothingExposed(pod: Pod, { containers, logs }: PlanOptions): string {
  const who = containers.length === 0 ? `pod ${pod.name}` : `container ${containers.join(', ')} of pod ${pod.name}`;
  return `${who} exposes no TCP port: ${logs ? 'logs only' : 'there is nothing to connect to'}`;
}
