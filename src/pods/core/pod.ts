// kubectl's JSON of a pod, reduced to the fields this program uses.
import type { Decoder } from '../../values/decode.ts';
import {
  boolean,
  integer,
  list,
  object,
  optional,
  string,
  stringMap,
  stringThat,
  unexpected,
} from '../../values/decode.ts';
import { UserError } from '../../values/errors.ts';
import { isDnsLabel, isDnsSubdomain, isPortName } from '../../values/names.ts';
import { oneLine, quoted } from '../../values/quote.ts';

export interface ContainerPort {
  readonly number: number;
  readonly name: string | undefined;
  readonly protocol: string;
}

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

export interface ContainerStatus {
  readonly state: ContainerState;
  /** The instance before this one, if the container has been restarted. */
  readonly lastTermination: Extract<ContainerState, { kind: 'terminated' }> | undefined;
  readonly restartCount: number;
  readonly containerId: string | undefined;
  readonly ready: boolean;
}

export interface Container {
  readonly name: string;
  /** A native sidecar is an init container with `restartPolicy: Always`; other init containers are `init`. */
  readonly role: 'main' | 'sidecar' | 'init';
  readonly ports: readonly ContainerPort[];
  /** Its readiness is probed, so that ready means that it serves. */
  readonly probed?: boolean;
  readonly status: ContainerStatus | undefined;
}

export interface Pod {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  /** The controlling owner. */
  readonly owner: { readonly kind: string; readonly name: string } | undefined;
  /** Has a deletionTimestamp. */
  readonly terminating: boolean;
  readonly phase: string;
  readonly ready: boolean;
  /** The pod's own reason and message (e.g. Evicted), or those of an unmet PodScheduled condition. */
  readonly reason: string | undefined;
  readonly message: string | undefined;
  /** In the pod's order; sidecars and other init containers come first, as the kubelet starts them. */
  readonly containers: readonly Container[];
}

export type WatchEvent = { readonly kind: 'added' | 'modified' | 'deleted'; readonly pod: Pod };

const text: Decoder<string> = (value, path) => oneLine(string(value, path));
const name = stringThat(isDnsSubdomain, "a Kubernetes object's name");
const portNumber: Decoder<number> = (value, path) => {
  const number = integer(value, path);
  if (number < 1 || number > 65535) throw unexpected(path, 'a port number', value);
  return number;
};

const timestampMs: Decoder<number> = (value, path) => {
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

const status = object((field) => ({
  name: field('name', string),
  status: {
    state: field('state', optional(state)) ?? WAITING,
    lastTermination: field('lastState', optional(object((last) => last('terminated', optional(terminated))))),
    restartCount: field('restartCount', optional(integer)) ?? 0,
    containerId: field('containerID', optional(text)) || undefined,
    ready: field('ready', optional(boolean)) ?? false,
  } satisfies ContainerStatus,
}));

const port = object(
  (field): ContainerPort => ({
    number: field('containerPort', portNumber),
    name: field('name', optional(stringThat(isPortName, "a port's name"))),
    protocol: field('protocol', optional(text)) ?? 'TCP',
  }),
);

type ContainerSpec = Omit<Container, 'status'>;

const container = (init: boolean) =>
  object((field): ContainerSpec => {
    const sidecar = field('restartPolicy', optional(string)) === 'Always';
    return {
      name: field('name', stringThat(isDnsLabel, "a container's name")),
      role: init ? (sidecar ? 'sidecar' : 'init') : 'main',
      ports: field('ports', list(port)),
      probed: field('readinessProbe', optional(object(() => true))) ?? false,
    };
  });

const condition = object((field) => ({
  type: field('type', string),
  met: field('status', string) === 'True',
  reason: field('reason', optional(text)),
  message: field('message', optional(text)),
}));

const owner = object((field) => ({
  kind: field('kind', text),
  name: field('name', text),
  controller: field('controller', optional(boolean)) ?? false,
}));

const metadata = object((field) => ({
  name: field('name', name),
  namespace: field('namespace', optional(name)) ?? '',
  uid: field('uid', optional(text)) ?? '',
  labels: field('labels', stringMap),
  annotations: field('annotations', stringMap),
  createdMs: field('creationTimestamp', optional(timestampMs)) ?? 0,
  terminating: field('deletionTimestamp', optional(timestampMs)) !== undefined,
  owners: field('ownerReferences', list(owner)),
}));

const spec = object((field) => [
  ...field('initContainers', list(container(true))),
  ...field('containers', list(container(false))),
]);

const podStatus = object((field) => ({
  phase: field('phase', optional(text)) ?? 'Pending',
  reason: field('reason', optional(text)),
  message: field('message', optional(text)),
  conditions: field('conditions', list(condition)),
  containers: [...field('initContainerStatuses', list(status)), ...field('containerStatuses', list(status))],
}));

const NO_STATUS: ReturnType<typeof podStatus> = {
  phase: 'Pending',
  reason: undefined,
  message: undefined,
  conditions: [],
  containers: [],
};

const pod = object((field): Pod => {
  field('kind', optional(stringThat((kind) => kind === 'Pod', 'a Pod')));
  const { owners, ...meta } = field('metadata', metadata);
  const containers = field('spec', spec);
  const now = field('status', optional(podStatus)) ?? NO_STATUS;
  const controller = owners.find((one) => one.controller);
  const unscheduled = now.conditions.find((one) => one.type === 'PodScheduled' && !one.met);
  return {
    ...meta,
    owner: controller && { kind: controller.kind, name: controller.name },
    phase: now.phase,
    ready: now.conditions.some((one) => one.type === 'Ready' && one.met),
    reason: now.reason ?? unscheduled?.reason,
    message: now.message ?? unscheduled?.message,
    containers: containers.map((one) => ({
      ...one,
      status: now.containers.find((entry) => entry.name === one.name)?.status,
    })),
  };
});

/** One pod, as `kubectl get pod NAME -o json` prints it. */
export function decodePod(value: unknown): Pod {
  return pod(value, '');
}

/** The pods of a `List` or `PodList`. */
export function decodePodList(value: unknown): Pod[] {
  const isList = (kind: string) => kind === 'List' || kind === 'PodList';
  const items = object((field) => {
    field('kind', stringThat(isList, 'a List'));
    return field('items', list(pod));
  });
  return [...items(value, '')];
}

const EVENT_KINDS: Readonly<Record<string, WatchEvent['kind']>> = {
  ADDED: 'added',
  MODIFIED: 'modified',
  DELETED: 'deleted',
};

/** One line of `--watch --output-watch-events`. */
export function decodeWatchEvent(value: unknown): WatchEvent {
  return object((field): WatchEvent => {
    const type = field('type', string);
    const kind = Object.hasOwn(EVENT_KINDS, type) ? EVENT_KINDS[type] : undefined;
    if (kind !== undefined) return { kind, pod: field('object', pod) };
    const said = field('object', optional(object((status) => status('message', optional(text)))));
    throw new UserError(`the watch of pods printed an event of type ${quoted(type)}${said ? `: ${said}` : ''}`);
  })(value, '');
}
