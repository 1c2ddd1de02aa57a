// A simulated pod: its containers' life from Pending to gone, told to the API as a changed object at each step.
import { randomUUID } from 'node:crypto';
import { kubeTime } from './clock.ts';
import { type ContainerHost, type ContainerSpec, SimContainer } from './container.ts';
import type { OwnerReference } from './kube-objects.ts';
import { randomId } from './names.ts';
import type { ForwardPod, PortTarget } from './port-forward.ts';

export interface PodTemplate {
  readonly containers: readonly ContainerSpec[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Pending before the containers start. Default 20. */
  readonly startAfterMs?: number;
  /** From the start of the containers until the pod may be ready. Default 0. */
  readonly readyDelayMs?: number;
  /** From the delete until the processes are gone. Default 100. */
  readonly terminationMs?: number;
  readonly graceSeconds?: number;
  /** Never scheduled: stays Pending with this message. */
  readonly unschedulable?: string;
}

export interface PodIdentity {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly owner: readonly OwnerReference[] | undefined;
  /** Of a Job: containers that end are not started again. */
  readonly restarts: boolean;
}

export interface PodHooks {
  /** From the end of the processes until the object is gone. */
  readonly removeAfterMs: number;
  /** Kubernetes ≥ 1.27 shows Succeeded or Failed before a deleted pod goes; earlier ones leave it Running. */
  readonly endPhase: boolean;
  readonly onChange: (pod: SimPod) => void;
  readonly onGone: (pod: SimPod) => void;
}

const CONTAINER_START_MS = 20;

export class SimPod implements ContainerHost, ForwardPod {
  readonly name: string;
  readonly namespace: string;
  readonly uid = randomUUID();
  readonly sandboxId = randomId();
  readonly createdAt = kubeTime();
  readonly identity: PodIdentity;
  readonly template: PodTemplate;
  readonly containers: readonly SimContainer[];
  readonly ports = new Map<number, number>();
  /** Container ports on which nothing shall listen for now. */
  readonly refused = new Set<number>();
  readonly restarts: boolean;
  scheduled = false;
  started = false;
  mayBeReady: boolean;
  deletion: { readonly at: string; readonly graceSeconds: number } | undefined;
  /** The processes are gone for good. */
  ended = false;
  gone = false;
  evicted: { readonly reason: string; readonly message: string } | undefined;
  readySince = kubeTime();
  readonly #hooks: PodHooks;
  readonly #waiting: (() => void)[] = [];
  #wasReady = false;

  constructor(identity: PodIdentity, template: PodTemplate, hooks: PodHooks) {
    this.identity = identity;
    this.name = identity.name;
    this.namespace = identity.namespace;
    this.restarts = identity.restarts;
    this.template = template;
    this.#hooks = hooks;
    this.mayBeReady = (template.readyDelayMs ?? 0) === 0;
    this.containers = template.containers.map((spec) => new SimContainer(spec, this));
  }

  get terminating(): boolean {
    return this.deletion !== undefined;
  }

  get phase(): 'Pending' | 'Running' | 'Succeeded' | 'Failed' {
    if (this.evicted !== undefined) return 'Failed';
    const main = this.containers.filter(({ spec }) => (spec.role ?? 'main') === 'main');
    const ends = main.map(({ state }) => (state.kind === 'terminated' ? state.exitCode : undefined));
    if (!this.restarts && this.containers.some(({ hasFailed, spec }) => hasFailed && spec.role === 'init'))
      return 'Failed';
    const finished = ends.every((code) => code !== undefined);
    if (finished && ((this.ended && this.#hooks.endPhase) || !this.restarts)) {
      return ends.every((code) => code === 0) ? 'Succeeded' : 'Failed';
    }
    return this.started && main.some(({ current }) => current !== undefined) ? 'Running' : 'Pending';
  }

  get ready(): boolean {
    return (
      this.phase === 'Running' &&
      this.mayBeReady &&
      this.containers.every((container) => container.ready || container.spec.role === 'init')
    );
  }

  container(name: string): SimContainer | undefined {
    return this.containers.find(({ spec }) => spec.name === name);
  }

  /** Begins its life; the object is told as ADDED first. */
  start(): void {
    this.changed();
    if (this.template.unschedulable !== undefined) return;
    this.#after(this.template.startAfterMs ?? 20, () => {
      this.scheduled = true;
      this.changed();
      this.#after(CONTAINER_START_MS, () => this.#startContainers());
    });
  }

  resolvePort(port: number): PortTarget {
    if (this.ended) return { kind: 'gone' };
    const real = this.ports.get(port);
    return real === undefined || this.refused.has(port) ? { kind: 'refused' } : { kind: 'port', port: real };
  }

  async whenReady(): Promise<void> {
    while (!this.ready) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** As `kubectl label --overwrite`. */
  relabel(labels: Readonly<Record<string, string>>): void {
    Object.assign(this.identity.labels, labels);
    this.changed();
  }

  setReady(ready: boolean): void {
    for (const container of this.containers) container.setReady(ready);
  }

  /** Marks it as terminating; its processes end after `terminationMs`, the object goes after that. */
  delete(graceMs: number = this.template.terminationMs ?? 100): void {
    if (this.deletion !== undefined) return;
    const graceSeconds = this.template.graceSeconds ?? 30;
    this.deletion = { at: kubeTime(Date.now() + graceSeconds * 1000), graceSeconds };
    this.changed();
    for (const container of this.containers) container.terminate();
    this.#after(graceMs, () => {
      this.end(0);
      this.#after(this.#hooks.removeAfterMs, () => this.remove());
    });
  }

  /** The object goes at once, whatever still runs ends. */
  remove(): void {
    if (this.gone) return;
    if (!this.ended) this.end(137);
    this.gone = true;
    this.#hooks.onGone(this);
  }

  end(exitCode: number): void {
    this.ended = true;
    for (const container of this.containers) container.kill(exitCode);
    this.changed();
  }

  changed(): void {
    if (this.gone) return;
    if (this.ready !== this.#wasReady) {
      this.#wasReady = this.ready;
      this.readySince = kubeTime();
    }
    this.#hooks.onChange(this);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #startContainers(): void {
    this.started = true;
    const readyDelayMs = this.template.readyDelayMs ?? 0;
    if (readyDelayMs > 0) {
      this.#after(readyDelayMs, () => {
        this.mayBeReady = true;
        this.changed();
      });
    }
    void this.#startInOrder();
  }

  /** Init containers one after the other, each to its end unless it is a sidecar; then the main ones together. */
  async #startInOrder(): Promise<void> {
    const role = (container: SimContainer) => container.spec.role ?? 'main';
    for (const container of this.containers.filter((candidate) => role(candidate) !== 'main')) {
      if (this.ended) return;
      container.start();
      if (role(container) === 'init') await container.whenEnded();
      if (role(container) === 'init' && container.hasFailed) return;
    }
    if (this.ended) return;
    for (const container of this.containers) if (role(container) === 'main') container.start();
  }

  #after(ms: number, act: () => void): void {
    setTimeout(() => void (this.gone || act()), ms).unref();
  }
}
