// Answers a test has ordered instead of the real ones: errors and delays for requests that match.
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from './api-error.ts';
import type { ApiRequest } from './requests.ts';

export interface RequestMatch {
  readonly verb?: ApiRequest['verb'];
  /** Plural, e.g. `pods`; with a subresource `pods/log`, `pods/portforward`. */
  readonly resource?: string;
  readonly name?: string;
  /** Part of the path. */
  readonly path?: string;
  /** After so many requests the order is used up; without it, it stands until `clearFaults`. */
  readonly times?: number;
}

export interface FailOrder extends RequestMatch {
  readonly status: number;
  readonly message?: string;
  /** The Status' reason, where it is not the usual one of its code; empty: none is shown. */
  readonly reason?: string;
}

export interface DelayOrder extends RequestMatch {
  readonly ms: number;
}

type Order = { left: number; match: RequestMatch } & (
  | { kind: 'fail'; order: FailOrder }
  | { kind: 'delay'; order: DelayOrder }
);

export class Faults {
  #orders: Order[] = [];

  fail(order: FailOrder): void {
    this.#orders.push({ kind: 'fail', order, match: order, left: order.times ?? Number.POSITIVE_INFINITY });
  }

  delay(order: DelayOrder): void {
    this.#orders.push({ kind: 'delay', order, match: order, left: order.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#orders = [];
  }

  /** Waits and throws as ordered for this request. */
  async apply(request: ApiRequest): Promise<void> {
    for (const order of this.#orders.filter(({ match }) => matches(match, request))) {
      order.left--;
      if (order.left <= 0) this.#orders = this.#orders.filter((other) => other !== order);
      if (order.kind === 'delay') await sleep(order.order.ms);
      else throw failure(order.order, request);
    }
  }
}

function failure(order: FailOrder, request: ApiRequest): ApiError {
  return new ApiError(order.status, order.message ?? usualMessage(order.status, request), undefined, order.reason);
}

function matches(match: RequestMatch, request: ApiRequest): boolean {
  const resource = [request.resource?.plural, request.subresource].filter((part) => part !== undefined).join('/');
  return (
    (match.verb === undefined || match.verb === request.verb) &&
    (match.resource === undefined || match.resource === resource) &&
    (match.name === undefined || match.name === request.name) &&
    (match.path === undefined || request.path.includes(match.path))
  );
}

function usualMessage(status: number, request: ApiRequest): string {
  if (status === 401) return 'Unauthorized';
  if (status === 403) {
    const { resource, name, subresource, namespace } = request;
    const plural = resource?.plural ?? '';
    const full = subresource === undefined ? plural : `${plural}/${subresource}`;
    const group = resource?.groupVersion.includes('/') ? resource.groupVersion.split('/')[0] : '';
    const subject = name === undefined ? `${plural} is` : `${plural} "${name}" is`;
    const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
    return `${subject} forbidden: User "nobody" cannot ${request.verb} resource "${full}" in API group "${group}" ${where}`;
  }
  return status === 500 ? 'Internal error occurred: ordered by the test' : `ordered by the test: ${status}`;
}
