// The shapes of the API's objects as far as this server fills them in, and the resources it serves.

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid: string;
  creationTimestamp: string;
  resourceVersion?: string;
  generation?: number;
  generateName?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: readonly OwnerReference[];
  managedFields?: readonly unknown[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: true;
  readonly blockOwnerDeletion: true;
}

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: Record<string, unknown>;
  readonly status?: Record<string, unknown>;
}

export interface Resource {
  readonly groupVersion: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
}

function resource(groupVersion: string, kind: string, shortNames: string[], namespaced = true): Resource {
  const singular = kind.toLowerCase();
  return { groupVersion, plural: `${singular}s`, singular, kind, shortNames, namespaced };
}

export const RESOURCES: readonly Resource[] = [
  resource('v1', 'Pod', ['po']),
  resource('v1', 'Service', ['svc']),
  resource('v1', 'Namespace', ['ns'], false),
  resource('v1', 'Event', ['ev']),
  resource('apps/v1', 'Deployment', ['deploy']),
  resource('apps/v1', 'ReplicaSet', ['rs']),
  resource('apps/v1', 'StatefulSet', ['sts']),
  resource('apps/v1', 'DaemonSet', ['ds']),
  resource('batch/v1', 'Job', []),
  resource('batch/v1', 'CronJob', ['cj']),
];

export function resourceOfKind(kind: string): Resource {
  const found = RESOURCES.find((candidate) => candidate.kind === kind);
  if (found === undefined) throw new Error(`no such kind: ${kind}`);
  return found;
}

/** The controlling owner, as Kubernetes writes it into what a controller makes. */
export function ownedBy(owner: KubeObject): readonly OwnerReference[] {
  const { name, uid } = owner.metadata;
  return [{ apiVersion: owner.apiVersion, kind: owner.kind, name, uid, controller: true, blockOwnerDeletion: true }];
}
