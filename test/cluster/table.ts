// The server-side tables kubectl prints for people: pods with their readiness, everything else with name and age.
import type { KubeObject } from './kube-objects.ts';

interface Cell {
  readonly name: string;
  readonly read: (object: KubeObject) => string | number;
}

interface Statuses {
  readonly phase?: string;
  readonly containerStatuses?: readonly {
    readonly ready: boolean;
    readonly restartCount: number;
    readonly state: {
      readonly waiting?: { readonly reason?: string };
      readonly terminated?: { readonly reason?: string };
    };
  }[];
}

const NAME: Cell = { name: 'Name', read: (object) => object.metadata.name };
const AGE: Cell = { name: 'Age', read: (object) => age(Date.now() - Date.parse(object.metadata.creationTimestamp)) };
const POD_CELLS: readonly Cell[] = [
  NAME,
  { name: 'Ready', read: (pod) => `${statuses(pod).filter((status) => status.ready).length}/${statuses(pod).length}` },
  { name: 'Status', read: podStatus },
  { name: 'Restarts', read: (pod) => statuses(pod).reduce((sum, status) => sum + status.restartCount, 0) },
  AGE,
];

export function wantsTable(accept: string): boolean {
  return accept.includes('as=Table');
}

export function tableOf(objects: readonly KubeObject[], resourceVersion: string): object {
  const cells = objects[0]?.kind === 'Pod' ? POD_CELLS : [NAME, AGE];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion },
    columnDefinitions: cells.map(({ name }) => ({
      name,
      type: name === 'Restarts' ? 'integer' : 'string',
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority: 0,
    })),
    rows: objects.map((object) => ({
      cells: cells.map(({ read }) => read(object)),
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  };
}

function statuses(pod: KubeObject): NonNullable<Statuses['containerStatuses']> {
  return (pod.status as Statuses | undefined)?.containerStatuses ?? [];
}

function podStatus(pod: KubeObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const reasons = statuses(pod).map(({ state }) => state.waiting?.reason ?? state.terminated?.reason);
  return reasons.find((reason) => reason !== undefined) ?? (pod.status as Statuses | undefined)?.phase ?? 'Unknown';
}

function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  return seconds < 7200 ? `${Math.floor(seconds / 60)}m` : `${Math.floor(seconds / 3600)}h`;
}
