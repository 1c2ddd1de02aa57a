// pods/log and pods/portforward: what kubelet would do with the request.
import type { ServerResponse } from 'node:http';
import { ApiError, notFound } from './api-error.ts';
import type { Instance, SimContainer } from './container.ts';
import type { OpenStreams } from './cuts.ts';
import { LogResponse, parseLogQuery } from './log-endpoint.ts';
import type { SimPod } from './pod.ts';
import { servePortForward } from './port-forward.ts';
import type { ApiRequest } from './requests.ts';
import type { SpdySession } from './spdy-session.ts';

export interface PodEndpointOptions {
  /** kubelet ≤ 1.22: a follower gets nothing more after a rotation. */
  readonly stallAfterRotation: boolean;
  readonly closeDelayMs: number;
}

export async function serveLog(
  pod: SimPod,
  request: ApiRequest,
  response: ServerResponse,
  streams: OpenStreams,
  options: PodEndpointOptions,
): Promise<void> {
  const container = chosenContainer(pod, request.query.get('container'));
  const previous = ['true', '1'].includes(request.query.get('previous') ?? '');
  const instance = previous ? previousInstance(pod, container) : currentInstance(pod, container);
  if (instance.log.lost) {
    response.writeHead(200, { 'Content-Type': 'text/plain' });
    response.end(`unable to retrieve container logs for ${instance.id}`);
    return;
  }
  const stream = new LogResponse(response, pod.name, container.spec.name);
  const forget = streams.add({
    kind: 'logs',
    pod: pod.name,
    container: container.spec.name,
    cut: (how, afterBytes) => stream.cut(how, afterBytes),
  });
  response.on('close', forget);
  await stream.send(instance.log, parseLogQuery(request.query), options.stallAfterRotation);
}

export function serveForward(
  pod: SimPod,
  session: SpdySession,
  streams: OpenStreams,
  options: PodEndpointOptions,
): void {
  const forget = streams.add({
    kind: 'portforward',
    pod: pod.name,
    container: undefined,
    cut: (how) => session.close(how === 'reset' ? 'reset' : 'end'),
  });
  servePortForward(session, pod, { closeDelayMs: options.closeDelayMs, onEnd: forget });
}

function chosenContainer(pod: SimPod, name: string | null): SimContainer {
  if (name === null || name === '') {
    const [only, ...others] = pod.containers;
    if (only !== undefined && others.length === 0) return only;
    const names = pod.containers.map(({ spec }) => spec.name).join(' ');
    throw new ApiError(400, `a container name must be specified for pod ${pod.name}, choose one of: [${names}]`);
  }
  const container = pod.container(name);
  if (container === undefined) throw new ApiError(400, `container ${name} is not valid for pod ${pod.name}`);
  return container;
}

function currentInstance(pod: SimPod, container: SimContainer): Instance {
  if (container.current !== undefined) return container.current;
  const reason = container.state.kind === 'waiting' ? container.state.reason : 'ContainerCreating';
  throw new ApiError(400, `container "${container.spec.name}" in pod "${pod.name}" is waiting to start: ${reason}`);
}

function previousInstance(pod: SimPod, container: SimContainer): Instance {
  const last = container.lastState;
  const id = last?.kind === 'terminated' ? last.containerId : undefined;
  const found = [container.current, container.previous].find(
    (instance) => instance !== undefined && instance.id === id,
  );
  if (found !== undefined) return found;
  throw new ApiError(400, `previous terminated container "${container.spec.name}" in pod "${pod.name}" not found`);
}

export function podOrNotFound(pod: SimPod | undefined, name: string | undefined): SimPod {
  if (pod === undefined) throw notFound('pods', name ?? '');
  return pod;
}
