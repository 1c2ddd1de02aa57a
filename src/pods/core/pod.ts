// kubectl's JSON of a pod, reduced to the fields this program uses.
import { boolean, list, object, optional, string, stringMap, stringThat } from '../../values/decode.ts';
import { UserError } from '../../values/errors.ts';
import { isDnsSubdomain } from '../../values/names.ts';
import { quoted } from '../../values/quote.ts';
import { type Container, container, containerStatus, text, timestampMs } from './container.ts';

export type Pod = Readonly<ReturnType<typeof pod>>;

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

const pod = object((field) => {
  field('kind', optional(stringThat((kind) => kind === 'Pod', 'a Pod')));
  const metadata = {
    name: field('metadata.name', name),
    namespace: field('metadata.namespace', optional(name)) ?? '',
    uid: field('metadata.uid', optional(text)) ?? '',
    labels: field('metadata.labels', stringMap),
    annotations: field('metadata.annotations', stringMap),
    /** Milliseconds since the epoch. */
    createdMs: field('metadata.creationTimestamp', optional(timestampMs)) ?? 0,
    /** Has a deletionTimestamp. */
    terminating: field('metadata.deletionTimestamp', optional(timestampMs)) !== undefined,
  };
  const controller = field('metadata.ownerReferences', list(owner)).find((one) => one.controller);
  const conditions = field('status?.conditions', list(condition));
  const unscheduled = conditions.find((one) => one.type === 'PodScheduled' && !one.met);
  const containers = [
    ...field('spec.initContainers', list(container('init'))),
    ...field('spec.containers', list(container('main'))),
    ...field('spec.ephemeralContainers', list(container('ephemeral'))),
  ];
  const statuses = [
    ...field('status?.initContainerStatuses', list(containerStatus)),
    ...field('status?.containerStatuses', list(containerStatus)),
    ...field('status?.ephemeralContainerStatuses', list(containerStatus)),
  ];
  const withStatus = (one: (typeof containers)[number]): Container => ({
    ...one,
    status: statuses.find((each) => each.name === one.name)?.status,
  });
  return {
    ...metadata,
    /** The controlling owner. */
    owner: controller && { kind: controller.kind, name: controller.name },
    phase: field('status?.phase', optional(text)) ?? 'Pending',
    ready: conditions.some((one) => one.type === 'Ready' && one.met),
    /** The pod's own reason and message (e.g. Evicted), or those of an unmet PodScheduled condition. */
    reason: field('status?.reason', optional(text)) ?? unscheduled?.reason,
    message: field('status?.message', optional(text)) ?? unscheduled?.message,
    /** In the pod's order; sidecars and other init containers come first, as the kubelet starts them, ephemeral ones last. */
    containers: containers.map(withStatus),
  };
});

/** One pod, as `kubectl get pod NAME -o json` prints it. */
export function decodePod(value: unknown): Pod {
  return pod(value, '');
}

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
    const said = field('object?.message', optional(text));
    throw new UserError(`the watch of pods printed an event of type ${quoted(type)}${said ? `: ${said}` : ''}`);
  })(value, '');
}
