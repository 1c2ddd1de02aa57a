// What can be named of pods after -c and -p.
import type { Pod } from '../../pods/core/pod.ts';
import type { ServicePort } from '../../pods/core/service-ports.ts';
import type { Suggestion } from './completed-word.ts';

export function suggestContainers(pods: readonly Pod[]): readonly Suggestion[] {
  const names = pods.flatMap(({ containers }) => containers.map(({ name }) => name));
  return [...new Set(names)].map((value) => ({ value }));
}

/** Below these a local port takes root. */
const FIRST_FREE = 1024;

/**
 * Mappings that make sense; once a local port is typed, only what it may lead to.
 * @param servicePorts of a Service that is the target: its ports are what REMOTE means
 */
export function suggestPorts(
  pods: readonly Pod[],
  servicePorts: readonly ServicePort[] | undefined,
  typed: string,
): readonly Suggestion[] {
  const colon = typed.lastIndexOf(':') + 1;
  const local = typed.slice(0, colon);
  const ports = servicePorts?.map(({ port, name }) => ({ number: port, name, of: 'service' })) ?? portsOf(pods);
  const suggestions = ports.flatMap(({ number, name, of }) => {
    const description = name === undefined ? of : `${name} of ${of}`;
    if (local === '') return [{ value: number < FIRST_FREE ? `:${number}` : `${number}:${number}`, description }];
    const remotes = name === undefined ? [`${number}`] : [`${number}`, name];
    return remotes.map((remote) => ({ value: `${local}${remote}`, description }));
  });
  return suggestions.filter(({ value }, index) => suggestions.findIndex((one) => one.value === value) === index);
}

function portsOf(pods: readonly Pod[]) {
  return pods.flatMap(({ containers }) =>
    containers.flatMap(({ name: of, ports }) =>
      ports.filter(({ protocol }) => protocol === 'TCP').map(({ number, name }) => ({ number, name, of })),
    ),
  );
}
