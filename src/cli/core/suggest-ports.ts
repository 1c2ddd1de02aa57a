// What can be named of pods after -c and -p.
import type { Pod } from '../../pods/core/pod.ts';
import type { ServicePort } from '../../pods/core/service-ports.ts';
import type { Suggestion } from './completed-word.ts';

/** @param app whose pods they are, of several */
export function suggestContainers(pods: readonly Pod[], app?: string): readonly Suggestion[] {
  const names = pods.flatMap(({ containers }) => containers.map(({ name }) => name));
  return [...new Set(names)].map((name) => ({ value: app === undefined ? name : `${app}/${name}` }));
}

/** Local ports below this need root. */
const FIRST_FREE = 1024;

/**
 * Mappings that make sense; once a local port is typed, only what it may lead to.
 * @param servicePorts of a Service that is the target: its ports are what REMOTE means
 * @param app whose pods they are, of several: `LOCAL:APP:REMOTE`
 */
export function suggestPorts(
  pods: readonly Pod[],
  servicePorts: readonly ServicePort[] | undefined,
  typed: string,
  app?: string,
): readonly Suggestion[] {
  const local = typed.slice(0, (app === undefined ? typed.lastIndexOf(':') : typed.indexOf(':')) + 1);
  const of = app === undefined ? '' : `${app}:`;
  const ports = servicePorts?.map(({ port, name }) => ({ number: port, name, owner: 'service' })) ?? portsOf(pods);
  const suggestions = ports.flatMap(({ number, name, owner }) => {
    const description = name === undefined ? owner : `${name} of ${owner}`;
    if (local === '') return [{ value: `${number < FIRST_FREE ? '' : number}:${of}${number}`, description }];
    const remotes = name === undefined ? [`${number}`] : [`${number}`, name];
    return remotes.map((remote) => ({ value: `${local}${of}${remote}`, description }));
  });
  return suggestions.filter(({ value }, index) => suggestions.findIndex((one) => one.value === value) === index);
}

function portsOf(pods: readonly Pod[]) {
  return pods.flatMap(({ containers }) =>
    containers.flatMap(({ name: owner, ports }) =>
      ports.filter(({ protocol }) => protocol === 'TCP').map(({ number, name }) => ({ number, name, owner })),
    ),
  );
}
