// Every sentence the program says about a running session.

import { classifyFailure } from '../../kubectl/core/kubectl-errors.ts';
import { placeWords } from '../../kubectl/core/place.ts';
import type { OpenTunnel, SessionEvent } from './events.ts';

/** Where a tunnel can be reached, e.g. `localhost:8080` or `[::1]:8080`; several addresses are joined by a comma. */
export function placeOf(tunnel: Pick<OpenTunnel, 'addresses' | 'localPort'>): string {
  return placesOf(tunnel).join(', ');
}

/** One for each address. */
export function placesOf({ addresses, localPort }: Pick<OpenTunnel, 'addresses' | 'localPort'>): readonly string[] {
  return addresses.map((address) => `${address.includes(':') ? `[${address}]` : address}:${localPort}`);
}

/** `name` and `place` are as they are shown, with colours and links where there are any. */
export function connectLine(
  tunnel: OpenTunnel,
  name: string = tunnel.container,
  place: string = placeOf(tunnel),
): string {
  return `Connect to ${name}:${tunnel.remotePort} on ${place}`;
}

/** `trouble` passes, and is told when it has; what is lost by a `loss` does not come back. */
export type Weight = 'news' | 'trouble' | 'loss';

export function weightOf(event: SessionEvent): Weight {
  switch (event.kind) {
    case 'app-ended':
      return event.failed ? 'loss' : 'news';
    case 'warning':
    case 'connection-expired':
    case 'crowded':
    case 'log-gap':
    case 'log-failed':
      return 'loss';
    case 'pod-lost':
    case 'container-ended':
    case 'forward-failed':
    case 'api-lost':
      return 'trouble';
    default:
      return 'news';
  }
}

/** What a container is called in `Connect to` lines and in front of log lines. @param app undefined where there is only one */
export function containerLabel(container: string, app: string | undefined): string {
  return app === undefined ? container : `${app}/${container}`;
}

/** One sentence without a full stop, with the app in front if it names one; undefined for an event that has no line on stderr. */
export function statusLine(event: SessionEvent): string | undefined {
  const sentence = describe(event);
  return sentence === undefined || event.app === undefined ? sentence : `${event.app}: ${sentence}`;
}

/** The same without the app. */
export function describe(event: SessionEvent): string | undefined {
  switch (event.kind) {
    case 'tunnel-opened':
      return undefined;
    case 'pod-awaited':
      return `waiting for a ready pod: ${event.reason}`;
    case 'pod-selected':
      return `pod ${event.pod}${placeWords(event)}${otherPods(event.others)}`;
    case 'pod-replaced':
      return `pod ${event.from} replaced by ${event.to}`;
    case 'pod-lost':
      return `pod ${event.pod} ${event.reason}${holdWords(event.holdMs)}`;
    case 'pod-restored':
      return `pod ${event.pod} is back`;
    case 'container-ended': {
      const why = event.reason === undefined || event.reason === 'Error' ? '' : ` (${event.reason})`;
      const next = event.backOff === undefined ? '' : `; the kubelet restarts it after a pause (${event.backOff})`;
      return `container ${event.container} of pod ${event.pod} ended with exit code ${event.exitCode}${why}${next}`;
    }
    case 'container-restarted':
      return `container ${event.container} of pod ${event.pod} runs again (restart ${event.restarts})`;
    case 'forward-failed':
      return `port ${event.remotePort} of ${event.container} cannot be reached: ${shortReason(event.reason)}; trying again`;
    case 'forward-restored':
      return `port ${event.remotePort} of ${event.container} can be reached again`;
    case 'connection-expired': {
      const why = event.noPod ? 'no pod is ready' : 'the pod has not taken it';
      return `a connection to port ${event.remotePort} of ${event.container} was closed after ${event.holdMs / 1000} s: ${why}`;
    }
    case 'crowded':
      return `${event.most} connections are open: further ones are closed, because the limit on open files (ulimit -n) allows no more`;
    case 'api-lost':
      return apiLostWords(event.reason);
    case 'api-restored':
      return 'the API server answers again';
    case 'log-gap':
      return `lines of ${event.container} in pod ${event.pod} may be missing: ${event.reason}`;
    case 'log-failed':
      return `the log of ${event.container} in pod ${event.pod} cannot be read: ${event.reason}`;
    case 'app-ended':
      return event.failed ? `Warning: ${event.message}` : event.message;
    case 'note':
      return event.message;
    case 'warning':
      return `Warning: ${event.message}`;
  }
}

function apiLostWords(reason: string): string {
  if (classifyFailure(reason) !== 'unauthorized') return `the API server does not answer: ${reason}; trying again`;
  const why = reason.replace(/^.*getting credentials: (?:exec: )?/, '');
  return `kubectl cannot log in to the API server: ${why}; trying again`;
}

function otherPods(others: number): string {
  if (others === 0) return '';
  return others === 1 ? '; 1 other pod matches' : `; ${others} other pods match`;
}

function holdWords(holdMs: number | undefined): string {
  if (holdMs === undefined) return '';
  return holdMs === 0
    ? ': connections are refused until there is another one'
    : `: connections wait up to ${holdMs / 1000} s for the next one`;
}

/** Container runtimes give the usual reasons at great length. */
function shortReason(reason: string): string {
  if (/connection refused/i.test(reason)) return 'nothing listens there (connection refused)';
  if (/failed to find sandbox|network namespace for sandbox/.test(reason)) return "the pod's sandbox is gone";
  return reason.length <= 200 ? reason : `${reason.slice(0, 200)}…`;
}

/** Why lines of a log may be missing. `notKept`: the node no longer had the log of an earlier instance. */
export const GAP_REASONS = {
  podDeleted: 'the pod was deleted before its log could be read to the end',
  rotated: 'the log was rotated, or the container restarted more than once, while it could not be read',
  notKept: 'the container restarted, and the node deleted its earlier log before it could be read to the end',
} as const;
