// The cluster without its API: workloads, pods and services, kept in the object store.
import { kubeTime } from './clock.ts';
import { type KubeObject, ownedBy, resourceOfKind } from './kube-objects.ts';
import { randomId } from './names.ts';
import { ObjectStore } from './object-store.ts';
import { type PodTemplate, SimPod } from './pod.ts';
import { renderPod } from './render-pod.ts';
import { type DeployOptions, Workload } from './workload.ts';

export interface SimulationOptions {
  /** From the end of a deleted pod's processes until its object is gone. */
  readonly removeAfterMs: number;
  /** Whether a deleted pod's phase becomes Succeeded or Failed before it goes. */
  readonly endPhase: boolean;
}

export interface ServiceOptions {
  readonly name: string;
  readonly namespace?: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly port: number; readonly targetPort?: number | string; readonly name?: string }[];
}

export class Simulation {
  readonly store = new ObjectStore();
  readonly #options: SimulationOptions;
  readonly #pods = new Map<string, SimPod>();
  readonly #workloads = new Map<string, Workload>();

  constructor(options: SimulationOptions) {
    this.#options = options;
    for (const name of ['default', 'kube-system']) this.addNamespace(name);
  }

  addNamespace(name: string): void {
    const metadata = { name, uid: randomId().slice(0, 36), creationTimestamp: kubeTime() };
    this.#put({ apiVersion: 'v1', kind: 'Namespace', metadata, spec: {}, status: { phase: 'Active' } });
  }

  addService(options: ServiceOptions): void {
    const { name, namespace = 'default', selector } = options;
    const ports = options.ports.map(({ port, targetPort = port, name: portName }) => ({
      name: portName,
      port,
      targetPort,
      protocol: 'TCP',
    }));
    const metadata = { name, namespace, uid: randomId().slice(0, 36), creationTimestamp: kubeTime() };
    const spec = { selector, ports, type: 'ClusterIP', clusterIP: '10.96.0.10' };
    this.#put({ apiVersion: 'v1', kind: 'Service', metadata, spec, status: { loadBalancer: {} } });
  }

  deploy(options: DeployOptions): Workload {
    const workload = new Workload(options, {
      createPod: (name, owner, ownerObject, labels) =>
        this.#makePod(name, options.namespace ?? 'default', labels, owner, ownerObject),
      put: (object) => this.#put(object),
      remove: (object) => this.#remove(object),
    });
    this.#workloads.set(`${workload.namespace}/${workload.name}`, workload);
    workload.plan();
    return workload;
  }

  /** A pod that no controller looks after. */
  addPod(
    options: PodTemplate & { readonly name: string; readonly namespace?: string; readonly restarts?: boolean },
  ): SimPod {
    const { name, namespace = 'default', labels = {}, restarts = true } = options;
    const pod = this.#track({ name, namespace, labels, owner: undefined, restarts }, options, () => {});
    pod.start();
    return pod;
  }

  pod(name: string, namespace = 'default'): SimPod {
    const pod = this.#pods.get(`${namespace}/${name}`);
    if (pod === undefined) throw new Error(`no pod ${namespace}/${name}`);
    return pod;
  }

  findPod(name: string, namespace: string | undefined): SimPod | undefined {
    return this.#pods.get(`${namespace}/${name}`);
  }

  findWorkload(name: string, namespace: string | undefined): Workload | undefined {
    return this.#workloads.get(`${namespace}/${name}`);
  }

  workload(name: string, namespace = 'default'): Workload {
    const workload = this.findWorkload(name, namespace);
    if (workload === undefined) throw new Error(`no workload ${namespace}/${name}`);
    return workload;
  }

  /** Ends all processes. */
  stop(): void {
    // First, so that an init container's end does not start the next one.
    for (const pod of this.#pods.values()) pod.ended = true;
    for (const pod of this.#pods.values()) for (const container of pod.containers) container.kill(0);
    for (const pod of this.#pods.values()) pod.gone = true;
  }

  #makePod(
    name: string,
    namespace: string,
    labels: Record<string, string>,
    workload: Workload,
    owner: KubeObject,
  ): SimPod {
    const identity = { name, namespace, labels, owner: ownedBy(owner), restarts: workload.kind !== 'Job' };
    return this.#track(identity, workload.template, (pod, gone) => (gone ? workload.podGone(pod) : workload.plan()));
  }

  #track(identity: SimPod['identity'], template: PodTemplate, tell: (pod: SimPod, gone: boolean) => void): SimPod {
    const key = `${identity.namespace}/${identity.name}`;
    const pod = new SimPod(identity, template, {
      ...this.#options,
      onChange: (changed) => {
        this.#put(renderPod(changed));
        tell(changed, false);
      },
      onGone: (gone) => {
        this.#pods.delete(key);
        this.#remove(renderPod(gone));
        tell(gone, true);
      },
    });
    this.#pods.set(key, pod);
    return pod;
  }

  #put(object: KubeObject): void {
    this.store.put(resourceOfKind(object.kind).plural, object);
  }

  #remove(object: KubeObject): void {
    this.store.delete(resourceOfKind(object.kind).plural, object);
  }
}
