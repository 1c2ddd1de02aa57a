// Sends a request for objects to what answers it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from './api-error.ts';
import type { OpenStreams } from './cuts.ts';
import { type PodEndpointOptions, podOrNotFound, serveLog } from './pod-endpoints.ts';
import { getObject, listObjects, sendJson, WatchResponse } from './read-endpoint.ts';
import type { ApiRequest } from './requests.ts';
import type { Simulation } from './simulation.ts';
import { changeObject, getScale } from './write-endpoint.ts';

export class ObjectEndpoint {
  readonly #simulation: Simulation;
  readonly #streams: OpenStreams;
  readonly #podOptions: PodEndpointOptions;
  readonly #watches = new Set<WatchResponse>();

  constructor(simulation: Simulation, streams: OpenStreams, podOptions: PodEndpointOptions) {
    this.#simulation = simulation;
    this.#streams = streams;
    this.#podOptions = podOptions;
  }

  async serve(request: ApiRequest, response: ServerResponse, incoming: IncomingMessage): Promise<void> {
    const { store } = this.#simulation;
    const { resource, verb } = request;
    if (resource === undefined) throw new ApiError(404, 'the server could not find the requested resource');
    if (verb === 'delete' || verb === 'patch' || verb === 'update') {
      sendJson(response, 200, changeObject(this.#simulation, request, await readJson(incoming)));
    } else if (verb === 'create') {
      throw new ApiError(405, 'the server does not allow this method on the requested resource');
    } else if (request.subresource === 'log') {
      const pod = podOrNotFound(this.#simulation.findPod(request.name ?? '', request.namespace), request.name);
      await serveLog(pod, request, response, this.#streams, this.#podOptions);
    } else if (request.subresource === 'portforward') {
      throw new ApiError(400, 'Upgrade request required');
    } else if (request.subresource === 'scale') sendJson(response, 200, getScale(this.#simulation, request));
    else if (verb === 'get') sendJson(response, 200, getObject(store, request, resource));
    else if (verb === 'list') sendJson(response, 200, listObjects(store, request, resource));
    else this.#watch(new WatchResponse(response, request, resource), request, response);
  }

  /** 410 Gone for all watches, and for every version so far. */
  expire(): void {
    this.#simulation.store.compact();
    for (const watch of this.#watches) watch.expire();
  }

  #watch(watch: WatchResponse, request: ApiRequest, response: ServerResponse): void {
    this.#watches.add(watch);
    const cut = watch.cut.bind(watch);
    const forget = this.#streams.add({ kind: 'watch', pod: undefined, container: undefined, cut });
    response.on('close', () => {
      this.#watches.delete(watch);
      forget();
    });
    watch.start(this.#simulation.store, request);
  }
}

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw new ApiError(400, 'the body is no JSON');
  }
}
