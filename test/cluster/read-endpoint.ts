// get, list and watch of the stored objects.
import type { ServerResponse } from 'node:http';
import { ApiError, notFound } from './api-error.ts';
import type { CutHow } from './cuts.ts';
import type { KubeObject, Resource } from './kube-objects.ts';
import type { ObjectStore, StoreEvent } from './object-store.ts';
import type { ApiRequest } from './requests.ts';
import { fieldPredicate, labelPredicate, type Predicate } from './selectors.ts';
import { tableOf, wantsTable } from './table.ts';

export function sendJson(response: ServerResponse, code: number, body: object): void {
  const text = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(code, { 'Content-Type': 'application/json', 'Content-Length': text.length });
  response.end(text);
}

export function getObject(store: ObjectStore, request: ApiRequest, resource: Resource): object {
  const name = request.name ?? '';
  const object = store.get(resource.plural, request.namespace, name);
  if (object === undefined) throw notFound(resource.plural, name);
  return wantsTable(request.accept) ? tableOf([object], object.metadata.resourceVersion ?? '') : object;
}

export function listObjects(store: ObjectStore, request: ApiRequest, resource: Resource): object {
  const wanted = predicateOf(request, resource);
  const items = store.list(resource.plural, request.namespace).filter(wanted);
  const resourceVersion = String(store.version);
  if (wantsTable(request.accept)) return tableOf(items, resourceVersion);
  return {
    kind: `${resource.kind}List`,
    apiVersion: resource.groupVersion,
    metadata: { resourceVersion },
    items: items.map(({ apiVersion: _apiVersion, kind: _kind, ...rest }) => rest),
  };
}

function predicateOf(request: ApiRequest, resource: Resource): Predicate {
  const labels = labelPredicate(request.query.get('labelSelector') ?? '', resource.plural);
  const fields = fieldPredicate(request.query.get('fieldSelector') ?? '');
  const named = request.name;
  return (object) => labels(object) && fields(object) && (named === undefined || object.metadata.name === named);
}

/** A running watch, for ending it. */
export class WatchResponse {
  readonly #response: ServerResponse;
  readonly #table: boolean;
  readonly #wanted: Predicate;
  readonly #plural: string;

  constructor(response: ServerResponse, request: ApiRequest, resource: Resource) {
    this.#response = response;
    this.#table = wantsTable(request.accept);
    this.#wanted = predicateOf(request, resource);
    this.#plural = resource.plural;
  }

  /** Sends what there is, or what came after the asked version, and then every change. */
  start(store: ObjectStore, request: ApiRequest): void {
    const asked = request.query.get('resourceVersion') ?? '';
    const fromStart = asked === '' || asked === '0';
    const missed = fromStart ? [] : store.since(Number(asked));
    this.#response.writeHead(200, { 'Content-Type': 'application/json' });
    this.#response.flushHeaders();
    if (missed === undefined) {
      this.expire(`too old resource version: ${asked} (${store.version})`);
      return;
    }
    if (fromStart) {
      for (const object of store.list(this.#plural, request.namespace)) {
        if (this.#wanted(object)) this.#send('ADDED', object);
      }
      if (request.query.get('sendInitialEvents') === 'true') this.#mark(store);
    }
    const take = (event: StoreEvent) => this.#take(event, request.namespace);
    for (const event of missed) take(event);
    const unsubscribe = store.subscribe(take);
    this.#response.on('close', unsubscribe);
    const seconds = Number(request.query.get('timeoutSeconds') ?? 0);
    if (seconds > 0) {
      const timer = setTimeout(() => this.#response.end(), seconds * 1000);
      this.#response.on('close', () => clearTimeout(timer));
    }
  }

  /** 410 Gone, as an event on the running watch. */
  expire(message = 'The resourceVersion for the provided watch is too old.'): void {
    this.#response.end(`${JSON.stringify({ type: 'ERROR', object: new ApiError(410, message).status })}\n`);
  }

  cut(how: CutHow): void {
    if (how === 'end') this.#response.end();
    else if (how === 'reset') this.#response.socket?.resetAndDestroy();
    else this.#response.socket?.destroySoon();
  }

  #take(event: StoreEvent, namespace: string | undefined): void {
    const { object, previous } = event;
    if (event.resource !== this.#plural || (namespace !== undefined && object.metadata.namespace !== namespace)) return;
    const was = previous !== undefined && this.#wanted(previous);
    const is = event.type !== 'DELETED' && this.#wanted(object);
    if (is) this.#send(was ? 'MODIFIED' : 'ADDED', object);
    else if (was) this.#send('DELETED', object);
  }

  #send(type: string, object: KubeObject): void {
    // Ended, but its client has not closed yet.
    if (this.#response.writableEnded) return;
    const shown = this.#table ? tableOf([object], object.metadata.resourceVersion ?? '') : object;
    this.#response.write(`${JSON.stringify({ type, object: shown })}\n`);
  }

  /** The end of the first list, which newer clients may ask for. */
  #mark(store: ObjectStore): void {
    const metadata = { resourceVersion: String(store.version), annotations: { 'k8s.io/initial-events-end': 'true' } };
    this.#response.write(
      `${JSON.stringify({ type: 'BOOKMARK', object: { kind: 'Bookmark', apiVersion: 'v1', metadata } })}\n`,
    );
  }
}
