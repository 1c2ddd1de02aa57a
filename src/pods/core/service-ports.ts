// The ports of a Service and where they lead, as `kubectl port-forward svc/NAME` has it.

import { integer, list, object, optional, string, unexpected } from '../../values/decode.ts';
import { oneLine } from '../../values/quote.ts';

const port = object((field) => ({
  port: field('port', integer),
  name: field('name', optional(string)),
  protocol: field('protocol', optional(string)) ?? 'TCP',
  /** A container's port by number or name. */
  target: field('targetPort', optional(targetPort)) || field('port', integer),
}));

export type ServicePort = Readonly<ReturnType<typeof port>>;

/** Reads kubectl's JSON of the Service. Clients of a headless one ask the pods themselves, by the Service's own number. */
export function decodeServicePorts(service: unknown): readonly ServicePort[] {
  return object((field) => {
    const headless = field('spec.clusterIP', optional(string)) === 'None';
    const ports = field('spec.ports', list(port));
    return headless ? ports.map((one) => ({ ...one, target: one.port })) : ports;
  })(service, '');
}

/** The container's port that REMOTE means: what the Service has no port for is a container's own. */
export function containerPortOf(ports: readonly ServicePort[], remote: number | string): number | string {
  const meant = ports.filter(({ port, name }) => port === remote || name === remote);
  return (meant.find(({ protocol }) => protocol === 'TCP') ?? meant[0])?.target ?? remote;
}

function targetPort(value: unknown, path: string): number | string {
  if (typeof value === 'number') return integer(value, path);
  if (typeof value !== 'string') throw unexpected(path, 'a number or a name', value);
  return oneLine(value);
}
