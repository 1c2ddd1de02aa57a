// Builds pods for the unit tests: a Ready one, and what a test wants different about it.
import type { Container, ContainerStatus } from '../../src/pods/core/container.ts';
import type { Pod } from '../../src/pods/core/pod.ts';

export function makePod(changes: Partial<Pod> = {}): Pod {
  return {
    name: 'web-1',
    namespace: 'default',
    uid: 'u1',
    labels: {},
    annotations: {},
    createdMs: 0,
    owner: undefined,
    terminating: false,
    phase: 'Running',
    ready: true,
    reason: undefined,
    message: undefined,
    containers: [makeContainer('go', [8080])],
    ...changes,
  };
}

/** A port is a number, `http=80` or `dns=53/UDP`. */
export function makeContainer(
  name: string,
  ports: readonly (number | string)[],
  changes: Partial<Container> = {},
): Container {
  return {
    name,
    role: 'main',
    ports: ports.map((port) => {
      const [, portName, number, protocol] = /^(?:(.*)=)?(\d+)(?:\/(.*))?$/.exec(String(port)) ?? [];
      return { number: Number(number), name: portName, protocol: protocol ?? 'TCP' };
    }),
    status: makeStatus({}),
    ...changes,
  };
}

export function makeStatus(changes: Partial<ContainerStatus>): ContainerStatus {
  return {
    state: { kind: 'running' },
    lastTermination: undefined,
    restartCount: 0,
    containerId: 'containerd://1',
    ready: true,
    ...changes,
  };
}
