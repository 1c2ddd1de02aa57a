// What is on disk about a detached session, so that `list` and `stop` find it.

import type { OpenTunnel, SessionEvent } from '../../output/core/events.ts';
import { type Decoder, integer, list, object, optional, string, stringThat, unexpected } from '../../values/decode.ts';

export type SessionState = 'Connected' | 'PodLost' | 'ApiLost';

/** Tells a process from another one that has got the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in whatever form the system says it. */
  readonly started: string;
  /** Where its number is valid: on a machine until its next start, in a container. */
  readonly place: Place;
}

export interface Place {
  readonly host: string;
  /** Changes with every start of the machine; '' where `started` is a date. */
  readonly boot: string;
  /** The process namespace; '' where there is none. */
  readonly namespace: string;
}

export interface SessionRecord {
  readonly id: string;
  readonly app: string;
  readonly pod: string;
  /** Undefined until the context's own is known. */
  readonly namespace: string | undefined;
  readonly context: string | undefined;
  readonly tunnels: readonly OpenTunnel[];
  readonly state: SessionState;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  readonly process: ProcessIdentity;
}

const SESSION_STATES: readonly string[] = ['Connected', 'PodLost', 'ApiLost'] satisfies SessionState[];

/** A name that is safe for a file and that nobody takes for a process's number. */
export const SESSION_ID = /^[a-z][a-z0-9]{5}$/;

const tunnel: Decoder<OpenTunnel> = object((field) => ({
  app: field('app', optional(string)) ?? '',
  container: field('container', string),
  remotePort: field('remotePort', integer),
  portName: field('portName', optional(string)),
  addresses: field('addresses', list(string)),
  localPort: field('localPort', integer),
  pod: field('pod', string),
}));

const place: Decoder<Place> = object((field) => ({
  host: field('host', string),
  boot: field('boot', string),
  namespace: field('namespace', string),
}));

/** 0 and negative numbers mean whole groups to kill(2), and 1 is never ours. */
const processNumber: Decoder<number> = (value, path) => {
  const number = integer(value, path);
  if (number < 2) throw unexpected(path, 'the number of a process', value);
  return number;
};

const processIdentity: Decoder<ProcessIdentity> = object((field) => ({
  pid: field('pid', processNumber),
  started: field('started', string),
  place: field('place', place),
}));

/** @throws {UserError} */
export const decodeSessionRecord: Decoder<SessionRecord> = object((field) => ({
  id: field(
    'id',
    stringThat((text) => SESSION_ID.test(text), 'an ID'),
  ),
  app: field('app', string),
  pod: field('pod', string),
  namespace: field('namespace', optional(string)),
  context: field('context', optional(string)),
  tunnels: field('tunnels', list(tunnel)),
  state: field(
    'state',
    stringThat((text) => SESSION_STATES.includes(text), 'a state'),
  ) as SessionState,
  createdMs: field('createdMs', integer),
  process: field('process', processIdentity),
}));

/** The record after `event`; the same one if nothing in it has changed. */
export function recordAfter(record: SessionRecord, event: SessionEvent): SessionRecord {
  switch (event.kind) {
    case 'pod-selected':
    case 'pod-restored':
      return changed(record, event.pod, 'Connected');
    case 'pod-replaced':
      return changed(record, event.to, 'Connected');
    case 'pod-lost':
      return changed(record, record.pod, 'PodLost');
    case 'api-lost':
      return changed(record, record.pod, record.state === 'Connected' ? 'ApiLost' : record.state);
    case 'api-restored':
      return changed(record, record.pod, record.state === 'ApiLost' ? 'Connected' : record.state);
    default:
      return record;
  }
}

function changed(record: SessionRecord, pod: string, state: SessionState): SessionRecord {
  if (record.pod === pod && record.state === state) return record;
  return { ...record, pod, state, tunnels: record.tunnels.map((entry) => ({ ...entry, pod })) };
}
