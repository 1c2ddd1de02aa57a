// A Deployment, StatefulSet, DaemonSet, ReplicaSet or Job: keeps its number of pods, replaces them on a rollout by its
// strategy. Decides anew from what there is after each change, as a real controller does.
import { randomUUID } from 'node:crypto';
import { kubeTime } from './clock.ts';
import type { KubeObject } from './kube-objects.ts';
import { randomName } from './names.ts';
import type { PodTemplate, SimPod } from './pod.ts';
import { renderReplicaSet, renderWorkload, type WorkloadFacts, type WorkloadKind } from './render-workload.ts';

export interface DeployOptions extends PodTemplate {
  readonly name: string;
  readonly namespace?: string;
  readonly kind?: WorkloadKind;
  readonly replicas?: number;
  readonly strategy?: 'RollingUpdate' | 'Recreate';
  /** What the pods are found by; default `app: NAME`. They carry it together with `labels`. */
  readonly selector?: Readonly<Record<string, string>>;
}

export interface WorkloadHost {
  /** Makes and starts a pod. */
  createPod(name: string, workload: Workload, owner: KubeObject, labels: Record<string, string>): SimPod;
  put(object: KubeObject): void;
  remove(object: KubeObject): void;
}

export class Workload {
  readonly name: string;
  readonly namespace: string;
  readonly kind: WorkloadKind;
  readonly selector: Readonly<Record<string, string>>;
  readonly #host: WorkloadHost;
  readonly #uid = randomUUID();
  readonly #createdAt = kubeTime();
  readonly #strategy: 'RollingUpdate' | 'Recreate';
  readonly #waiting = new Set<() => void>();
  readonly #replicaSets = new Map<string, { uid: string; createdAt: string }>();
  template: PodTemplate;
  replicas: number;
  revision = randomName(10);
  #generation = 1;
  #pods: SimPod[] = [];
  #revisions = new Map<SimPod, string>();
  #planned = false;
  #deleted = false;

  constructor(options: DeployOptions, host: WorkloadHost) {
    this.#host = host;
    this.name = options.name;
    this.namespace = options.namespace ?? 'default';
    this.kind = options.kind ?? 'Deployment';
    this.selector = options.selector ?? { app: options.name };
    this.template = options;
    this.replicas = options.replicas ?? 1;
    this.#strategy = options.strategy ?? 'RollingUpdate';
  }

  get pods(): readonly SimPod[] {
    return this.#pods;
  }

  /** Takes the changes of a template over in a new revision. */
  rollout(changes: Partial<PodTemplate> = {}): void {
    this.template = { ...this.template, ...changes };
    this.revision = randomName(10);
    this.#generation++;
    this.plan();
  }

  scale(replicas: number): void {
    this.replicas = replicas;
    this.#generation++;
    this.plan();
  }

  /** Deletes it together with its pods. */
  delete(): void {
    this.#deleted = true;
    this.replicas = 0;
    for (const pod of this.#pods) pod.delete();
    for (const revision of this.#replicaSets.keys()) this.#host.remove(this.#renderReplicaSet(revision));
    this.#host.remove(this.render());
  }

  podGone(pod: SimPod): void {
    this.#pods = this.#pods.filter((other) => other !== pod);
    this.#revisions.delete(pod);
    this.plan();
  }

  /** Resolves when exactly the wanted pods are there, ready, and none else is left. */
  async settled(): Promise<void> {
    while (!this.#isSettled()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** Looks at everything again, once the present change is told. */
  plan(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      if (this.#deleted) return;
      this.#tell();
      if (this.kind === 'StatefulSet') this.#planOrdinals();
      else if (this.kind === 'Deployment' && this.#strategy === 'RollingUpdate') this.#planRolling();
      else this.#planRecreate();
    });
  }

  #isSettled(): boolean {
    const pods = this.#pods.filter((pod) => pod.terminating || pod.phase !== 'Failed');
    if (this.kind === 'Job') return pods.length >= this.replicas;
    return pods.length === this.replicas && pods.every((pod) => pod.ready && !pod.terminating && this.#isNew(pod));
  }

  #isNew(pod: SimPod): boolean {
    return this.#revisions.get(pod) === this.revision;
  }

  #active(): SimPod[] {
    return this.#pods.filter((pod) => !pod.terminating && (this.kind === 'Job' || pod.phase !== 'Failed'));
  }

  /** One more than wanted at most, never fewer ready ones than wanted. */
  #planRolling(): void {
    const active = this.#active();
    const fresh = active.filter((pod) => this.#isNew(pod));
    const old = active.filter((pod) => !this.#isNew(pod));
    const surge = old.length > 0 ? 1 : 0;
    if (fresh.length < this.replicas && active.length < this.replicas + surge) {
      this.#create();
      this.plan();
      return;
    }
    const ready = active.filter((pod) => pod.ready).length;
    const surplus = [...old, ...(old.length === 0 ? fresh.slice(this.replicas) : [])];
    const next = surplus.find((pod) => !pod.ready) ?? (ready > this.replicas ? surplus[0] : undefined);
    if (next === undefined) return;
    next.delete();
    this.plan();
  }

  #planRecreate(): void {
    const active = this.#active();
    const old = active.filter((pod) => !this.#isNew(pod));
    for (const pod of [...old, ...active.slice(this.replicas)]) pod.delete();
    if (old.length > 0 || this.#pods.some((pod) => !this.#isNew(pod))) return;
    for (let count = active.length; count < this.replicas; count++) this.#create();
  }

  /** NAME-0 first; replaced from the last to the first, each under its old name. */
  #planOrdinals(): void {
    for (let ordinal = 0; ordinal < this.replicas; ordinal++) {
      const pod = this.#pods.find((candidate) => candidate.name === `${this.name}-${ordinal}`);
      if (pod === undefined) this.#create(`${this.name}-${ordinal}`);
      if (pod?.ready !== true || pod.terminating) return;
    }
    const last = this.#pods.toSorted((a, b) => ordinalOf(b) - ordinalOf(a));
    last.find((pod) => ordinalOf(pod) >= this.replicas || !this.#isNew(pod))?.delete();
  }

  #create(name?: string): void {
    const labels: Record<string, string> = { ...this.selector, ...this.template.labels };
    let owner = this.render();
    let prefix = this.name;
    if (this.kind === 'Deployment') {
      labels['pod-template-hash'] = this.revision;
      if (!this.#replicaSets.has(this.revision)) {
        this.#replicaSets.set(this.revision, { uid: randomUUID(), createdAt: kubeTime() });
      }
      owner = this.#renderReplicaSet(this.revision);
      prefix = owner.metadata.name;
      this.#host.put(owner);
    } else if (this.kind === 'StatefulSet' && name !== undefined) {
      labels['statefulset.kubernetes.io/pod-name'] = name;
      labels['controller-revision-hash'] = `${this.name}-${this.revision}`;
    }
    const pod = this.#host.createPod(name ?? `${prefix}-${randomName(5)}`, this, owner, labels);
    this.#pods.push(pod);
    this.#revisions.set(pod, this.revision);
    pod.start();
  }

  #tell(): void {
    this.#host.put(this.render());
    for (const revision of this.#replicaSets.keys()) this.#host.put(this.#renderReplicaSet(revision));
  }

  /** As the API's object. */
  render(): KubeObject {
    return renderWorkload(this.#facts());
  }

  #renderReplicaSet(revision: string): KubeObject {
    const identity = this.#replicaSets.get(revision) ?? { uid: '', createdAt: '' };
    const pods = this.#pods.filter((pod) => this.#revisions.get(pod) === revision);
    const replicas = revision === this.revision ? this.replicas : pods.filter((pod) => !pod.terminating).length;
    const number = [...this.#replicaSets.keys()].indexOf(revision) + 1;
    return renderReplicaSet(this.#facts(), { ...identity, revision, number, pods, replicas });
  }

  #facts(): WorkloadFacts {
    return {
      kind: this.kind,
      name: this.name,
      namespace: this.namespace,
      uid: this.#uid,
      createdAt: this.#createdAt,
      generation: this.#generation,
      strategy: this.#strategy,
      selector: this.selector,
      template: this.template,
      replicas: this.replicas,
      pods: this.#pods,
      updated: this.#pods.filter((pod) => this.#isNew(pod)),
      revisionNumber: [...this.#replicaSets.keys()].indexOf(this.revision) + 1,
    };
  }
}

function ordinalOf(pod: SimPod): number {
  return Number(pod.name.slice(pod.name.lastIndexOf('-') + 1));
}
