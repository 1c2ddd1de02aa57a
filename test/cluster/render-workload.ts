// Workloads and their ReplicaSets as the API's objects.
import { type KubeObject, ownedBy } from './kube-objects.ts';
import type { PodTemplate, SimPod } from './pod.ts';

export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'ReplicaSet' | 'Job';

type Labels = Readonly<Record<string, string>>;

export interface WorkloadFacts {
  readonly kind: WorkloadKind;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly createdAt: string;
  readonly generation: number;
  readonly strategy: string;
  readonly selector: Labels;
  readonly template: PodTemplate;
  readonly replicas: number;
  readonly pods: readonly SimPod[];
  /** Those of the present revision. */
  readonly updated: readonly SimPod[];
  /** Of a Deployment; 0 while its controller has not made the ReplicaSet. */
  readonly revisionNumber: number;
}

export interface ReplicaSetFacts {
  readonly uid: string;
  readonly createdAt: string;
  readonly revision: string;
  readonly number: number;
  readonly pods: readonly SimPod[];
  readonly replicas: number;
}

export function renderWorkload(facts: WorkloadFacts): KubeObject {
  const { kind, name, namespace, uid, createdAt: creationTimestamp, generation, strategy, selector, template } = facts;
  return {
    apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: {
      name,
      namespace,
      uid,
      creationTimestamp,
      labels: { ...selector, ...template.labels },
      ...(kind === 'Deployment' && { annotations: revisionAnnotation(facts.revisionNumber) }),
      generation,
    },
    spec: { ...renderSpec(facts, facts.replicas, {}), ...(kind === 'Deployment' && { strategy: { type: strategy } }) },
    status: {
      observedGeneration: generation,
      ...counts(facts.pods),
      updatedReplicas: facts.updated.filter((pod) => !pod.terminating).length,
      ...(kind === 'Job' && { conditions: jobConditions(facts) }),
      ...(kind === 'DaemonSet' && { desiredNumberScheduled: facts.replicas }),
    },
  };
}

export function renderReplicaSet(facts: WorkloadFacts, set: ReplicaSetFacts): KubeObject {
  const { namespace, selector, template } = facts;
  const hash = { 'pod-template-hash': set.revision };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${facts.name}-${set.revision}`,
      namespace,
      uid: set.uid,
      creationTimestamp: set.createdAt,
      labels: { ...selector, ...template.labels, ...hash },
      annotations: revisionAnnotation(set.number),
      ownerReferences: ownedBy(renderWorkload(facts)),
    },
    spec: renderSpec(facts, set.replicas, hash),
    status: counts(set.pods),
  };
}

function revisionAnnotation(number: number): Labels {
  return { 'deployment.kubernetes.io/revision': String(number) };
}

function renderSpec(
  { kind, selector, template }: WorkloadFacts,
  replicas: number,
  hash: Labels,
): Record<string, unknown> {
  const { containers, annotations, labels } = template;
  return {
    ...(kind === 'Job' ? { parallelism: replicas, completions: replicas } : { replicas }),
    selector: { matchLabels: { ...selector, ...hash } },
    template: {
      metadata: { labels: { ...selector, ...labels, ...hash }, annotations },
      spec: { containers: containers.map(({ name, ports }) => ({ name, image: `test.local/${name}:1`, ports })) },
    },
  };
}

/** It makes no second pod for one that has failed. */
function jobConditions({ pods, replicas }: WorkloadFacts): object[] {
  const isOver = pods.length >= replicas && pods.every(({ phase }) => phase === 'Succeeded' || phase === 'Failed');
  if (!isOver) return [];
  if (pods.every(({ phase }) => phase === 'Succeeded')) return [{ type: 'Complete', status: 'True' }];
  return [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }];
}

function counts(pods: readonly SimPod[]): Record<string, number> {
  const live = pods.filter((pod) => !pod.terminating);
  const ready = live.filter((pod) => pod.ready).length;
  return { replicas: live.length, readyReplicas: ready, availableReplicas: ready };
}
