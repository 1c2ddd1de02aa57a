// What a request asks for, in the API's terms; kept for tests to look at.
import type { IncomingMessage } from 'node:http';
import { RESOURCES, type Resource } from './kube-objects.ts';

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'discovery';
  readonly resource: Resource | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  /** `log`, `portforward`, `scale`, `status`. */
  readonly subresource: string | undefined;
  readonly accept: string;
  readonly userAgent: string;
  readonly atMs: number;
  /** A port-forward that was accepted, over SPDY (POST) or WebSocket (GET). */
  upgraded: boolean;
}

const OBJECT_PATH =
  /^\/(?:api|apis\/[^/]+)\/(v\d+)(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[a-z]+)(?:\/(?<name>[^/]+))?(?:\/(?<sub>[a-z]+))?$/;
const NAMESPACE_PATH = /^\/api\/v1\/namespaces(?:\/(?<name>[^/]+))?$/;

export function parseRequest(incoming: IncomingMessage): ApiRequest {
  const url = new URL(incoming.url ?? '/', 'http://cluster');
  const method = incoming.method ?? 'GET';
  const groups = (NAMESPACE_PATH.exec(url.pathname) ?? OBJECT_PATH.exec(url.pathname))?.groups;
  const plural = groups === undefined ? undefined : (groups['plural'] ?? 'namespaces');
  const resource = RESOURCES.find(
    (candidate) => candidate.plural === plural && `${url.pathname}/`.includes(`/${candidate.groupVersion}/`),
  );
  const name = groups?.['name'] === undefined ? undefined : decodeURIComponent(groups['name']);
  const watching = ['true', '1'].includes(url.searchParams.get('watch') ?? '');
  return {
    method,
    path: url.pathname,
    query: url.searchParams,
    verb: resource === undefined ? 'discovery' : verbOf(method, name, watching),
    resource,
    namespace: groups?.['namespace'],
    name,
    subresource: groups?.['sub'],
    accept: incoming.headers.accept ?? '',
    userAgent: incoming.headers['user-agent'] ?? '',
    atMs: Date.now(),
    upgraded: false,
  };
}

function verbOf(method: string, name: string | undefined, watching: boolean): ApiRequest['verb'] {
  if (method === 'POST') return 'create';
  if (method === 'PUT') return 'update';
  if (method === 'PATCH') return 'patch';
  if (method === 'DELETE') return 'delete';
  if (watching) return 'watch';
  return name === undefined ? 'list' : 'get';
}
