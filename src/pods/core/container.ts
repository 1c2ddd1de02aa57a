// The containers of a pod in kubectl's JSON, reduced to the fields this program uses.
import type { Decoder } from '../../values/decode.ts';
import {
  boolean,
  integer,
  integerIn,
  list,
  object,
  optional,
  string,
  stringThat,
  unexpected,
} from '../../values/decode.ts';
import { isDnsLabel, isPortName } from '../../values/names.ts';
import { oneLine } from '../../values/quote.ts';

export type ContainerPort = Readonly<ReturnType<typeof port>>;

export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string | undefined; readonly message: string | undefined }
  /** `startedMs`: milliseconds since the epoch, by the node's clock. */
  | { readonly kind: 'running'; readonly startedMs?: number | undefined }
  | {
      readonly kind: 'terminated';
      readonly exitCode: number;
      readonly reason: string | undefined;
      readonly containerId: string | undefined;
    };

export type ContainerStatus = Readonly<ReturnType<typeof containerStatus>['status']>;

export interface Container {
  readonly name: string;
  /** A native sidecar is an init container with `restartPolicy: Always`; other init containers are `init`. */
  readonly role: 'main' | 'sidecar' | 'init' | 'ephemeral';
  readonly ports: readonly ContainerPort[];
  /** Its readiness is probed, so that ready means that it serves. */
  readonly probed?: boolean;
  readonly status: ContainerStatus | undefined;
}

export const text: Decoder<string> = (value, path) => oneLine(string(value, path));

export const timestampMs: Decoder<number> = (value, path) => {
  const ms = Date.parse(string(value, path));
  if (Number.isNaN(ms)) throw unexpected(path, 'a time', value);
  return ms;
};

const terminated = object(
  (field): Extract<ContainerState, { kind: 'terminated' }> => ({
    kind: 'terminated',
    exitCode: field('exitCode', optional(integer)) ?? 0,
    reason: field('reason', optional(text)),
    containerId: field('containerID', optional(text)) || undefined,
  }),
);

const waiting = object(
  (field): ContainerState => ({
    kind: 'waiting',
    reason: field('reason', optional(text)),
    message: field('message', optional(text)),
  }),
);

const runningState = object(
  (field): ContainerState => ({ kind: 'running', startedMs: field('startedAt', optional(timestampMs)) }),
);

const state = object((field): ContainerState => {
  const running = field('running', optional(runningState));
  const ended = field('terminated', optional(terminated));
  // a state without members is what the API calls waiting
  return running ?? ended ?? field('waiting', optional(waiting)) ?? WAITING;
});

const WAITING: ContainerState = { kind: 'waiting', reason: undefined, message: undefined };

export const containerStatus = object((field) => ({
  name: field('name', string),
  status: {
    state: field('state', optional(state)) ?? WAITING,
    /** The instance before this one, if the container has been restarted. */
    lastTermination: field('lastState?.terminated', optional(terminated)),
    restartCount: field('restartCount', optional(integer)) ?? 0,
    containerId: field('containerID', optional(text)) || undefined,
    ready: field('ready', optional(boolean)) ?? false,
  },
}));

const port = object((field) => ({
  number: field('containerPort', integerIn(1, 65_535, 'a port number')),
  name: field('name', optional(stringThat(isPortName, "a port's name"))),
  protocol: field('protocol', optional(text)) ?? 'TCP',
}));

type ContainerSpec = Omit<Container, 'status'>;

/** @param role of those in one list of the pod's; sidecars stand among the init containers */
export const container = (role: Exclude<Container['role'], 'sidecar'>) =>
  object((field): ContainerSpec => {
    const always = field('restartPolicy', optional(string)) === 'Always';
    return {
      name: field('name', stringThat(isDnsLabel, "a container's name")),
      role: role === 'init' && always ? 'sidecar' : role,
      ports: field('ports', list(port)),
      probed: field('readinessProbe', optional(object(() => true))) ?? false,
    };
  });

/** It runs as long as its pod, and connections may go to it. */
export function isServing({ role }: Container): boolean {
  return role === 'main' || role === 'sidecar';
}
