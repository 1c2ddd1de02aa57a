// Which of several apps a -p or -c means that names none: the one whose pod has that port or container.
import type { Pod } from '../../pods/core/pod.ts';
import type { ServicePort } from '../../pods/core/service-ports.ts';
import { isAppName, type Mapping } from '../../request/core/mapping.ts';
import type { PodOptions } from '../../request/core/part-options.ts';
import { UserError, usageError } from '../../values/errors.ts';
import { oneLine } from '../../values/quote.ts';

/** An app, its pod, and what is its own of -p, -c and draft.toml. */
export interface FoundApp extends PodOptions {
  readonly app: string;
  readonly pod: Pod;
  readonly servicePorts?: readonly ServicePort[] | undefined;
}

/**
 * @returns the options in the order of the apps, and what is nobody's, one sentence each
 * @throws {UserError} when it is several apps', or two apps are the same pod
 */
export function shareOut(found: readonly FoundApp[], shared: PodOptions) {
  requireDistinctPods(found);
  const apps = withContainers(found, shared.containers);
  const notes: string[] = [];
  const given = new Map<FoundApp, readonly Mapping[]>();
  for (const mapping of shared.mappings) {
    const owner = ownerOf(mapping, apps);
    if (owner === undefined) notes.push(`mapping ${mapping.text} is skipped: no target has a port ${mapping.remote}`);
    else given.set(owner, [...(given.get(owner) ?? []), mapping]);
  }
  const options = apps.map((app): PodOptions => {
    const more = given.get(app);
    // As with one app: -p replaces what draft.toml has.
    const mappings =
      more === undefined ? app.mappings : [...app.mappings.filter((one) => one.app !== undefined), ...more];
    return { mappings, containers: app.containers };
  });
  return { options, notes };
}

function requireDistinctPods(found: readonly FoundApp[]): void {
  for (const [index, { app, pod }] of found.entries()) {
    const other = found.slice(0, index).find((before) => before.pod.uid === pod.uid);
    if (other === undefined) continue;
    throw usageError(
      `${other.app} and ${app} lead to the same pod, ${pod.name}`,
      'name one of them: all ports of a pod are connected',
    );
  }
}

/** The app's own containers, and those of every -c without an app that its pod has. */
export function likelyContainers(pod: Pod, own: readonly string[], shared: readonly string[]): readonly string[] {
  return [...new Set([...own, ...shared.filter((name) => hasContainer(pod, name))])];
}

function withContainers(found: readonly FoundApp[], shared: readonly string[]): readonly FoundApp[] {
  for (const name of shared) {
    const owners = found.filter(({ pod }) => hasContainer(pod, name));
    if (owners.length === 0) throw noContainer(name, found);
    if (owners.length > 1) {
      const hint = sayWhich(owners, (app) => `-c ${app}/${name}`);
      throw usageError(`container ${name} is in ${listed(owners)}`, hint);
    }
  }
  return found.map((app) => ({ ...app, containers: likelyContainers(app.pod, app.containers, shared) }));
}

function noContainer(name: string, found: readonly FoundApp[]): UserError {
  const there = found.flatMap(({ app, pod }) => pod.containers.map((container) => `${app}/${container.name}`));
  return new UserError(`container '${oneLine(name)}' not found`, { hint: `the containers are: ${there.join(', ')}` });
}

/** Undefined for a name that no port has. */
function ownerOf(mapping: Mapping, apps: readonly FoundApp[]): FoundApp | undefined {
  const { local, remote, text } = mapping;
  const form = (app: string) => `-p ${local === 0 ? '' : local}:${app}:${remote}`;
  const owners = apps.filter((app) => hasPort(app, remote, app.containers));
  if (owners.length > 1) {
    throw usageError(`mapping ${text}: port ${remote} is in ${listed(owners)}`, sayWhich(owners, form));
  }
  const owner = owners[0] ?? apps.find((app) => hasPort(app, remote, []));
  if (owner !== undefined || typeof remote === 'string') return owner;
  throw usageError(`mapping ${text}: no target declares port ${remote}`, sayWhich(apps, form));
}

/** What is called by a selector such as `app in (web)` cannot be named. */
function sayWhich(apps: readonly FoundApp[], form: (app: string) => string): string {
  const names = apps.map(({ app }) => app);
  const forms = names.filter(isAppName).map(form).join(' or ');
  const nameless = names.find((name) => !isAppName(name));
  const further = nameless === undefined ? '' : `; ${nameless} can be meant once draft.toml gives it a name`;
  return `say which one is meant: ${forms}${further}`;
}

/** @param containers empty means all */
function hasPort(
  { pod, servicePorts = [] }: FoundApp,
  remote: number | string,
  containers: readonly string[],
): boolean {
  if (servicePorts.some(({ port, name }) => port === remote || name === remote)) return true;
  return pod.containers
    .filter(({ name, role }) => role !== 'init' && (containers.length === 0 || containers.includes(name)))
    .some(({ ports }) => ports.some(({ number, name }) => number === remote || name === remote));
}

function hasContainer(pod: Pod, wanted: string): boolean {
  return pod.containers.some(({ name }) => name === wanted);
}

function listed(apps: readonly FoundApp[]): string {
  const names = apps.map(({ app }) => app);
  return [names.slice(0, -1).join(', '), names.at(-1)].join(' and ');
}
