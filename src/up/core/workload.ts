// Which workload is the app's, and by which label the pods of its newest revision are known: what helm writes on all
// objects of a release, and what the workload's own controller says.
import { NAME_LABELS } from '../../request/core/asked-apps.ts';
import { integer, list, object, optional, string, stringMap } from '../../values/decode.ts';

export type Kind = 'deployment' | 'statefulset' | 'daemonset';

export type Workload = Readonly<NonNullable<ReturnType<typeof workload>>>;

export interface RevisionLabel {
  readonly key: 'pod-template-hash' | 'controller-revision-hash';
  readonly value: string;
}

const REVISION = 'deployment.kubernetes.io/revision';
const RELEASE = 'meta.helm.sh/release-name';
const KINDS: Readonly<Record<string, Kind>> = {
  Deployment: 'deployment',
  StatefulSet: 'statefulset',
  DaemonSet: 'daemonset',
};

const image = object((field) => field('image', optional(string)) ?? '');

const workload = object((field) => {
  const kind = KINDS[field('kind', optional(string)) ?? ''];
  if (kind === undefined) return undefined;
  const generation = field('metadata.generation', optional(integer)) ?? 0;
  const annotations = field('metadata.annotations', stringMap);
  const matchLabels = field('spec.selector?.matchLabels', stringMap);
  return {
    kind,
    name: field('metadata.name', string),
    uid: field('metadata.uid', string),
    generation,
    /** Its controller has seen this generation. */
    observed: (field('status?.observedGeneration', optional(integer)) ?? 0) >= generation,
    /** The helm release that it belongs to. */
    release: annotations[RELEASE],
    images: field('spec.template.spec.containers', list(image)),
    podLabels: field('spec.template.metadata?.labels', stringMap),
    /** For asking for what it owns. */
    selector: Object.entries(matchLabels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    /** Of a Deployment: the number that its newest ReplicaSet carries too. */
    revision: annotations[REVISION],
    /** Of a StatefulSet: the value of its newest pods' hash label. */
    updateRevision: field('status?.updateRevision', optional(string)),
  };
});

/** Reads what `kubectl get deployments,statefulsets,daemonsets -o json` prints; the first kinds come first. */
export function decodeWorkloads(value: unknown): readonly Workload[] {
  const order = Object.values(KINDS);
  return object((field) => field('items', list(workload)))(value, '')
    .flatMap((one) => one ?? [])
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

export type Choice =
  /** `ignoresImage`: the release has workloads, but none runs the image that it was given. */
  { readonly kind: 'found'; readonly workload: Workload; readonly ignoresImage: boolean } | { readonly kind: 'none' };

export function ofRelease(workloads: readonly Workload[], release: string, image: string): Choice {
  const own = workloads.filter((one) => one.release === release);
  const running = own.find((one) => one.images.includes(image));
  const chosen = running ?? own[0];
  return chosen === undefined
    ? { kind: 'none' }
    : { kind: 'found', workload: chosen, ignoresImage: running === undefined };
}

export function ofApp(workloads: readonly Workload[], name: string): Choice {
  for (const label of NAME_LABELS) {
    const found = workloads.find(({ podLabels }) => podLabels[label] === name);
    if (found !== undefined) return { kind: 'found', workload: found, ignoresImage: false };
  }
  return { kind: 'none' };
}

const REVISIONS: Readonly<Record<Kind, 'replicasets' | 'controllerrevisions' | undefined>> = {
  deployment: 'replicasets',
  daemonset: 'controllerrevisions',
  statefulset: undefined,
};

/** What a workload's revisions are kept as; undefined where the workload itself says which is the newest. */
export function revisionsOf({ kind }: Workload): 'replicasets' | 'controllerrevisions' | undefined {
  return REVISIONS[kind];
}

const ownedRevision = object((field) => ({
  owners: field('metadata.ownerReferences', list(object((owner) => owner('uid', string)))),
  labels: field('metadata.labels', stringMap),
  number: Number(field('metadata.annotations', stringMap)[REVISION] ?? field('revision', optional(integer)) ?? 0),
}));

/**
 * The label of the newest revision's pods; undefined while the controller has not made it yet.
 * @param revisions what `kubectl get` printed of `revisionsOf`
 */
export function newestRevision(of: Workload, revisions: unknown): RevisionLabel | undefined {
  if (!of.observed) return undefined;
  if (of.kind === 'statefulset') return label('controller-revision-hash', of.updateRevision);
  const own = object((field) => field('items', list(ownedRevision)))(revisions, '').filter(({ owners }) =>
    owners.includes(of.uid),
  );
  if (of.kind === 'deployment') {
    const current = own.find(({ number }) => number === Number(of.revision));
    return label('pod-template-hash', current?.labels['pod-template-hash']);
  }
  const newest = own.reduce<(typeof own)[number] | undefined>(
    (a, b) => (a !== undefined && a.number > b.number ? a : b),
    undefined,
  );
  return label('controller-revision-hash', newest?.labels['controller-revision-hash']);
}

function label(key: RevisionLabel['key'], value: string | undefined): RevisionLabel | undefined {
  return value === undefined || value === '' ? undefined : { key, value };
}
