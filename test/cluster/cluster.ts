// The embedded cluster as tests see it: a simulated Kubernetes behind a loopback API server for the real kubectl.
import { ApiError } from './api-error.ts';
import { ApiServer } from './api-server.ts';
import type { CrashOrder } from './container.ts';
import type { ContainerLog } from './container-log.ts';
import { type CutOrder, OpenStreams } from './cuts.ts';
import { type Example, makeExample } from './example.ts';
import { type DelayOrder, type FailOrder, Faults } from './faults.ts';
import { type Kubeconfig, writeKubeconfig } from './kubeconfig.ts';
import { ObjectEndpoint } from './object-endpoint.ts';
import type { PodTemplate, SimPod } from './pod.ts';
import { type PodEndpointOptions, podOrNotFound, serveForward } from './pod-endpoints.ts';
import type { ApiRequest } from './requests.ts';
import { type ServiceOptions, Simulation } from './simulation.ts';
import type { DeployOptions, Workload } from './workload.ts';

export interface ClusterOptions {
  /** Port-forward over SPDY (kubectl ≤ 1.30, and newer ones that were refused a WebSocket). Default true. */
  readonly spdy?: boolean;
  /** Port-forward over WebSocket (kubectl ≥ 1.31). Default true. */
  readonly webSocket?: boolean;
  /** Habits of which server: a deleted pod's last phase, when its object goes, log rotation. Default `1.34`. */
  readonly kubernetes?: '1.34' | '1.20';
  /** From the end of a deleted pod's processes until its object goes; default 100. Real ones: up to 1000, 1.20 up to 10000. */
  readonly removeAfterMs?: number;
  /** How much later than a server in a pod closes its client hears of it; default 0, containerd 1.6 about 1000. */
  readonly closeDelayMs?: number;
}

export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = new Cluster(options);
  await cluster.startApi();
  return cluster;
}

export class Cluster {
  readonly #simulation: Simulation;
  readonly #api: ApiServer;
  readonly #faults = new Faults();
  readonly #streams = new OpenStreams();
  readonly #objects: ObjectEndpoint;
  readonly #podOptions: PodEndpointOptions;
  #kubeconfig: Kubeconfig | undefined;

  constructor(options: ClusterOptions) {
    const old = options.kubernetes === '1.20';
    this.#simulation = new Simulation({ removeAfterMs: options.removeAfterMs ?? 100, endPhase: !old });
    this.#podOptions = { stallAfterRotation: old, closeDelayMs: options.closeDelayMs ?? 0 };
    this.#objects = new ObjectEndpoint(this.#simulation, this.#streams, this.#podOptions);
    const { spdy = true, webSocket = true } = options;
    this.#api = new ApiServer(
      { spdy, webSocket, gitVersion: old ? 'v1.20.2' : 'v1.34.4' },
      {
        object: (request, response, incoming) => this.#objects.serve(request, response, incoming),
        checkForward: (request) => {
          const pod = this.#podOf(request);
          if (pod.phase !== 'Running') throw new ApiError(500, `pod ${pod.name} is not running`);
        },
        forward: (request, session) => serveForward(this.#podOf(request), session, this.#streams, this.#podOptions),
      },
      this.#faults,
    );
  }

  /** Path of a kubeconfig whose only context is `embedded`, namespace `default`. */
  get kubeconfig(): string {
    return this.#kubeconfig?.path ?? '';
  }

  get url(): string {
    return `http://127.0.0.1:${this.#api.port}`;
  }

  /** Every request so far, watches and upgrades included. */
  get requests(): readonly ApiRequest[] {
    return this.#api.requests;
  }

  /** Requests for logs so far: which kubectl calls came, with their query. */
  get logRequests(): readonly ApiRequest[] {
    return this.requests.filter((request) => request.subresource === 'log');
  }

  /** Ends everything and removes the kubeconfig. */
  stop(): void {
    this.#api.stop();
    this.#simulation.stop();
    this.#kubeconfig?.remove();
  }

  // Objects

  /** Deploys the reference example and returns what its containers count; resolves when it is ready. */
  async addExample(changes: Partial<DeployOptions> = {}): Promise<Example['counters']> {
    const example = makeExample(changes);
    await this.deploy(example.options).settled();
    return example.counters;
  }

  /** Makes a workload; `await workload.settled()` waits for its pods. */
  deploy(options: DeployOptions): Workload {
    return this.#simulation.deploy(options);
  }

  addPod(
    options: PodTemplate & { readonly name: string; readonly namespace?: string; readonly restarts?: boolean },
  ): SimPod {
    return this.#simulation.addPod(options);
  }

  addService(options: ServiceOptions): void {
    this.#simulation.addService(options);
  }

  addNamespace(name: string): void {
    this.#simulation.addNamespace(name);
  }

  workload(name: string, namespace?: string): Workload {
    return this.#simulation.workload(name, namespace);
  }

  pod(name: string, namespace?: string): SimPod {
    return this.#simulation.pod(name, namespace);
  }

  /** Names of a workload's pods, oldest first, those that terminate included. */
  podNames(workload: string, namespace?: string): string[] {
    return this.workload(workload, namespace).pods.map((pod) => pod.name);
  }

  // What happens to them

  /** A new revision; resolves when it is ready and nothing of the old one is left. */
  rollout(workload: string, changes: Partial<PodTemplate> = {}, namespace?: string): Promise<void> {
    const found = this.workload(workload, namespace);
    found.rollout(changes);
    return found.settled();
  }

  scale(workload: string, replicas: number, namespace?: string): Promise<void> {
    const found = this.workload(workload, namespace);
    found.scale(replicas);
    return found.settled();
  }

  /** Marks the pod as terminating; its processes end after `graceMs` (default: its `terminationMs`). */
  deletePod(name: string, options: { readonly graceMs?: number; readonly namespace?: string } = {}): void {
    this.pod(name, options.namespace).delete(options.graceMs);
  }

  /** The kubelet gives the pod up: its phase is Failed, with this reason. */
  evict(name: string, message = 'The node was low on resource: memory.'): void {
    const pod = this.pod(name);
    pod.evicted = { reason: 'Evicted', message };
    pod.end(137);
  }

  /** Ends the container's process as if by itself; it is started again after its back-off. */
  crash(pod: string, container: string, order: CrashOrder = {}): void {
    this.#container(pod, container).crash(order);
  }

  setReady(pod: string, ready: boolean): void {
    this.pod(pod).setReady(ready);
  }

  /** New connections to this port are refused, as if nothing listened. */
  refusePort(pod: string, port: number): void {
    this.pod(pod).refused.add(port);
  }

  acceptPort(pod: string, port: number): void {
    this.pod(pod).refused.delete(port);
  }

  /** The log of the container's present (or last) instance, or of the one before, to write to, rotate or lose. */
  logs(pod: string, container: string, which: 'current' | 'previous' = 'current'): ContainerLog {
    const instance = this.#container(pod, container)[which];
    if (instance === undefined) throw new Error(`container ${container} of ${pod} has no ${which} instance`);
    return instance.log;
  }

  // What happens to the API

  /** Ends open streams of one kind; returns how many. */
  cutStreams(order: CutOrder): number {
    return this.#streams.cut(order);
  }

  openStreams(kind?: CutOrder['kind']): number {
    return this.#streams.list(kind).length;
  }

  /** Resolves when at least `count` streams of this kind are open at once. */
  streamsOpened(kind: CutOrder['kind'], count = 1): Promise<void> {
    return this.#streams.opened(kind, count);
  }

  /** Ends all watches as the server does when their time is up. */
  endWatches(): number {
    return this.cutStreams({ kind: 'watch', how: 'end' });
  }

  /** 410 Gone: an error event on each watch, and every version so far is too old to go on from. */
  expireWatches(): void {
    this.#objects.expire();
  }

  fail(order: FailOrder): void {
    this.#faults.fail(order);
  }

  delay(order: DelayOrder): void {
    this.#faults.delay(order);
  }

  clearFaults(): void {
    this.#faults.clear();
  }

  /** Refuses connections and cuts the open ones, after `graceMs` if given (SIGTERM on a real one: 60 s). Pods go on. */
  stopApi(graceMs = 0): void {
    this.#api.stop(graceMs);
  }

  async startApi(): Promise<void> {
    await this.#api.start();
    this.#kubeconfig ??= writeKubeconfig(this.url);
  }

  /** As if kubelet was killed: logs end as if complete, forwards are lost, both fail until it is started again. */
  stopKubelet(): void {
    const message = 'dial tcp 127.0.0.1:10250: connect: connection refused';
    this.fail({ resource: 'pods/log', status: 500, reason: '', message: `Get "https://127.0.0.1:10250/": ${message}` });
    this.fail({ resource: 'pods/portforward', status: 500, message: `error dialing backend: ${message}` });
    this.cutStreams({ kind: 'logs', how: 'end' });
    this.cutStreams({ kind: 'portforward', how: 'end' });
  }

  /** Ends all other faults, too. */
  startKubelet(): void {
    this.clearFaults();
  }

  #container(pod: string, name: string) {
    const container = this.pod(pod).container(name);
    if (container === undefined) throw new Error(`no container ${name} in ${pod}`);
    return container;
  }

  #podOf(request: ApiRequest): SimPod {
    return podOrNotFound(this.#simulation.findPod(request.name ?? '', request.namespace), request.name);
  }
}
