// kubectl's JSON of a pod, reduced to the fields this program uses.
import { boolean, list, object, optional, string, stringMap, stringThat } from '../../values/decode.ts';
import { UserError } from '../../values/errors.ts';
import { isDnsSubdomain } from '../../values/names.ts';
import { quoted } from '../../values/quote.ts';
import { type Container, container, containerStatus, text, timestampMs } from './container.ts';

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
  /** In the pod's order; sidecars and other init containers come first, as the kubelet starts them, ephemeral ones last. */
  readonly containers: readonly Container[];
}

export type WatchEvent = { readonly kind: 'added' | 'modified' | 'deleted'; readonly pod: Pod };

const name = stringThat(isDnsSubdomain, "a Kubernetes object's name");

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
  ...field('initContainers', list(container('init'))),
  ...field('containers', list(container('main'))),
  ...field('ephemeralContainers', list(container('ephemeral'))),
]);

const podStatus = object((field) => ({
  phase: field('phase', optional(text)) ?? 'Pending',
  reason: field('reason', optional(text)),
  message: field('message', optional(text)),
  conditions: field('conditions', list(condition)),
  containers: [
    ...field('initContainerStatuses', list(containerStatus)),
    ...field('containerStatuses', list(containerStatus)),
    ...field('ephemeralContainerStatuses', list(containerStatus)),
  ],
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
