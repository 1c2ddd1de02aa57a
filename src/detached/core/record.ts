// What is on disk about a session that runs, so that `list`, `env` and `stop` find it.

import type { OpenTunnel, SessionEvent } from '../../output/core/events.ts';
import {
  type Decoder,
  integer,
  integerIn,
  list,
  object,
  optional,
  type ReadField,
  string,
  stringThat,
} from '../../values/decode.ts';

const SESSION_STATES = ['Connected', 'PodLost', 'ApiLost', 'Ended'] as const;
export type SessionState = (typeof SESSION_STATES)[number];

const place = object((field) => ({
  host: field('host', string),
  /** Changes with every start of the machine; '' where `started` is a date. */
  boot: field('boot', string),
  /** The process namespace; '' where there is none. */
  namespace: field('namespace', string),
  /** The ID of the installation; '' where there is none. */
  machine: field('machine', optional(string)) ?? '',
}));

export type Place = Readonly<ReturnType<typeof place>>;

/** 0 and negative numbers mean whole groups to kill(2), and 1 is never ours. */
const processNumber = integerIn(2, Number.MAX_SAFE_INTEGER, 'the number of a process');

/** Tells a process from another one that has got the same number. */
const processIdentity = object((field) => ({
  pid: field('pid', processNumber),
  /** When it started, in whatever form the system says it. */
  started: field('started', string),
  /** Where its number is valid: on a machine until its next start, in a container. */
  place: field('place', place),
}));

export type ProcessIdentity = Readonly<ReturnType<typeof processIdentity>>;

/** `foreground`: it has a terminal or a script that waits for it. */
const SESSION_MODES = ['foreground', 'detached'] as const;
export type SessionMode = (typeof SESSION_MODES)[number];

/** One of the apps that a session is connected to. */
export type AppRecord = Readonly<ReturnType<typeof readApp>>;

export interface SessionRecord {
  readonly id: string;
  readonly mode: SessionMode;
  /** At least one. */
  readonly apps: readonly AppRecord[];
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  readonly process: ProcessIdentity;
}

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

const readApp = (field: ReadField) => ({
  app: field('app', string),
  pod: field('pod', string),
  /** Undefined where kubectl does not say. */
  namespace: field('namespace', optional(string)),
  context: field('context', optional(string)),
  tunnels: field('tunnels', list(tunnel)),
  state: field('state', oneOf(SESSION_STATES, 'a state')),
});

/** @throws {UserError} */
export const decodeSessionRecord: Decoder<SessionRecord> = object((field) => ({
  id: field(
    'id',
    stringThat((text) => SESSION_ID.test(text), 'an ID'),
  ),
  // Earlier versions had detached sessions only, of one app each.
  mode: field('mode', optional(oneOf(SESSION_MODES, 'a mode'))) ?? 'detached',
  apps: field('apps', optional(list(object(readApp)))) ?? [readApp(field)],
  createdMs: field('createdMs', integer),
  process: field('process', processIdentity),
}));

function oneOf<Word extends string>(words: readonly Word[], expected: string): Decoder<Word> {
  return stringThat((text) => words.some((word) => word === text), expected) as Decoder<Word>;
}

/** The names of its apps, for messages. */
export function namesOf({ apps }: SessionRecord): string {
  return apps.map(({ app }) => app).join(', ');
}

/** The apps after `event`; the same list if nothing in it has changed. */
export function appsAfter(apps: readonly AppRecord[], event: SessionEvent): readonly AppRecord[] {
  const concerns = ({ app }: AppRecord) => event.app === undefined || event.app === app;
  const next = apps.map((one) => (concerns(one) ? appAfter(one, event) : one));
  return next.every((one, index) => one === apps[index]) ? apps : next;
}

function appAfter(record: AppRecord, event: SessionEvent): AppRecord {
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
    case 'app-ended':
      // Another program may have its local ports by now.
      return { ...record, state: 'Ended', tunnels: [] };
    default:
      return record;
  }
}

function changed(record: AppRecord, pod: string, state: SessionState): AppRecord {
  if (record.pod === pod && record.state === state) return record;
  return { ...record, pod, state, tunnels: record.tunnels.map((entry) => ({ ...entry, pod })) };
}
