// What a session with one pod consists of: which tunnels, which logs, and what was left out.

import { remoteAlreadyMapped } from '../../request/core/mapping.ts';
import type { AppSettings } from '../../request/core/settings.ts';
import { UserError } from '../../values/errors.ts';
import { oneLine } from '../../values/quote.ts';
import { isFinished } from './choose-pod.ts';
import { type Container, type ContainerPort, isServing } from './container.ts';
import { logContainers, withoutExcluded } from './log-containers.ts';
import type { Pod } from './pod.ts';
import { containerPortOf, type ServicePort } from './service-ports.ts';

/** Where a tunnel leads in one pod. */
export interface Endpoint {
  readonly container: string;
  readonly remotePort: number;
}

export interface TunnelPlan extends Endpoint {
  readonly portName: string | undefined;
  /** The name that REMOTE, or the Service's port, was given by: in the next pod it may be another number's. */
  readonly byName?: string | undefined;
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

export interface PlanOptions
  extends Pick<AppSettings, 'containers' | 'mappings' | 'logs' | 'excludeContainers' | 'tunnels'> {
  /** Of a Service that is the target: REMOTE means one of these first. */
  readonly servicePorts?: readonly ServicePort[] | undefined;
}

interface Exposed {
  readonly container: string;
  readonly port: ContainerPort;
}

export function planSession(pod: Pod, options: PlanOptions): Plan {
  const { containers, excludeContainers } = options;
  if (isFinished(pod) || !options.tunnels) {
    const skipped = options.tunnels ? options.mappings : [];
    const notes = skipped.map(({ text }) => `mapping ${text} is skipped: pod ${pod.name} has ended`);
    return { tunnels: [], logs: logContainers(pod, containers, excludeContainers), notes };
  }
  const reachable = pod.containers.filter(isServing);
  const chosen = chooseContainers(pod, containers);
  const declared = exposedBy(chosen);
  const exposed = declared.filter((one) => one.port.protocol === 'TCP');
  const notes = declared.filter((one) => one.port.protocol !== 'TCP').map(skippedProtocol);

  const locals = new Map<number, Pick<TunnelPlan, 'localPort' | 'byName'>>();
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
    locals.set(number, { localPort: mapping.local, byName: typeof remote === 'string' ? remote : undefined });
    if (meant.kind === 'declared') continue;
    const port = { number, name: undefined, protocol: 'TCP' };
    undeclared.push({ container: ownerOfUndeclared(pod, chosen), port });
    notes.push(`no container of pod ${pod.name} declares port ${number}: it is forwarded all the same`);
  }

  const tunnels = new Map<number, TunnelPlan>();
  for (const { container, port } of [...exposed, ...undeclared]) {
    if (tunnels.has(port.number)) continue;
    const mapped = locals.get(port.number) ?? { localPort: 0 };
    tunnels.set(port.number, { container, remotePort: port.number, portName: port.name, ...mapped });
  }
  if (tunnels.size === 0) notes.push(nothingExposed(pod, options));
  return {
    tunnels: [...tunnels.values()],
    logs: options.logs ? withoutExcluded(chosen, excludeContainers) : [],
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
  const likely = marked ?? chosen.find((one) => one.role === 'main') ?? chosen.find(isServing);
  return (likely ?? pod.containers.find((one) => one.role === 'main'))?.name ?? '';
}

/** Where a tunnel leads in a pod that comes later; undefined when no port has the name that was asked for. */
export function endpointIn(pod: Pod, plan: TunnelPlan, wanted: readonly string[]): Endpoint | undefined {
  const { container, remotePort, byName } = plan;
  if (byName === undefined) return { container, remotePort };
  const found = tcpPortsIn(pod, wanted).find(({ port }) => port.name === byName);
  return found && { container: found.container, remotePort: found.port.number };
}

/** The pod may lack a container that was asked for. */
function tcpPortsIn(pod: Pod, wanted: readonly string[]): readonly Exposed[] {
  const chosen = pod.containers.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  return exposedBy(chosen).filter(({ port }) => port.protocol === 'TCP');
}

/** What a user has to know of the ports when `to` takes the place of `from`, one sentence each. */
export function portChanges(
  from: Pod,
  to: Pod,
  tunnels: readonly TunnelPlan[],
  wanted: readonly string[],
): readonly string[] {
  const connected = new Set<number>();
  const notes = tunnels.flatMap((plan) => {
    const before = endpointIn(from, plan, wanted)?.remotePort;
    const now = endpointIn(to, plan, wanted)?.remotePort;
    if (now !== undefined) connected.add(now);
    if (now === before) return [];
    const local = `local port ${plan.localPort}`;
    if (now === undefined) return [`pod ${to.name} has no port ${plan.byName}: ${local} waits for a pod that has it`];
    return [`${local} leads to port ${now} now: that is ${plan.byName} of pod ${to.name}`];
  });
  const exposed = new Set(tcpPortsIn(to, wanted).map(({ port }) => port.number));
  const further = [...exposed].filter((port) => !connected.has(port));
  if (further.length > 0) notes.push(`pod ${to.name} also exposes ${further.join(', ')}; connect again to get it`);
  return notes;
}

/** @throws {UserError} when the pod lacks one of them */
export function requireContainers(pod: Pod, wanted: readonly string[]): void {
  chooseContainers(pod, wanted);
}

/** Those that are asked for, of every kind; else those that run as long as the pod. */
function chooseContainers({ containers }: Pod, wanted: readonly string[]): readonly Container[] {
  const known = new Set(containers.map((one) => one.name));
  const missing = wanted.find((name) => !known.has(name));
  if (missing !== undefined) {
    throw new UserError(`container '${oneLine(missing)}' not found`, {
      hint: `the pod's containers are: ${[...known].join(', ')}`,
    });
  }
  return containers.filter(wanted.length === 0 ? isServing : ({ name }) => wanted.includes(name));
}

function exposedBy(containers: readonly Container[]): readonly Exposed[] {
  return containers.filter(isServing).flatMap(({ name, ports }) => ports.map((port) => ({ container: name, port })));
}

function skippedProtocol({ container, port }: Exposed): string {
  const name = port.name === undefined ? '' : ` (${port.name})`;
  return `port ${port.number}/${port.protocol}${name} of container ${container} is skipped: only TCP can be tunnelled`;
}

function nothingExposed(pod: Pod, { containers, logs }: PlanOptions): string {
  const who = containers.length === 0 ? `pod ${pod.name}` : `container ${containers.join(', ')} of pod ${pod.name}`;
  return `${who} exposes no TCP port: ${logs ? 'logs only' : 'there is nothing to connect to'}`;
}
