// The real cluster behind $KUBECONFIG: orders to it by kubectl, and by the script $CLUSTER_COMMAND what kubectl cannot do.
import { execFile } from 'node:child_process';
import { availableKubectls } from '../kubectls.ts';

/** Why the tier cannot run here; undefined when it can. */
export const NO_CLUSTER =
  process.env['KUBECONFIG'] === undefined || process.env['CLUSTER_COMMAND'] === undefined
    ? 'no real cluster: $KUBECONFIG and $CLUSTER_COMMAND name one'
    : undefined;
if (NO_CLUSTER !== undefined) console.error(`SKIPPED: ${NO_CLUSTER}`);

/** Containers with their ports, as the example has them. */
const EXAMPLE = [
  { name: 'go', image: 'test.local/example-go:1', ports: [8080] },
  { name: 'multi-port', image: 'test.local/nginx:1', ports: [80, 81] },
];

export interface WorkloadOptions {
  readonly kind?: 'Deployment' | 'StatefulSet';
  readonly strategy?: 'RollingUpdate' | 'Recreate';
  readonly replicas?: number;
  readonly containers?: readonly string[];
  /** Of the container `go`. */
  readonly env?: Readonly<Record<string, string>>;
  /** A shell script that the container `go` runs instead of its server. */
  readonly script?: string;
}

export interface Workload {
  readonly name: string;
  /** For example `deploy/NAME`. */
  readonly target: string;
  /** Pods that are not being deleted. */
  podNames(): Promise<readonly string[]>;
  rollout(): Promise<void>;
  scale(replicas: number): Promise<void>;
  /** Returns when its containers have ended and, with `wait`, the object is gone. */
  deletePod(pod: string, options?: { wait?: boolean }): Promise<void>;
  /** Waits until as many pods as wanted are ready and all others are being deleted, which may take a kubelet long. */
  settled(): Promise<void>;
  remove(): Promise<void>;
}

export function run(file: string, args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(file, [...args], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${file} ${args.join(' ')}: ${stderr.trim() || error.message}`));
    });
    child.stdin?.end(input ?? '');
  });
}

/** Runs kubectl, not the one under test. */
export function kubectl(args: readonly string[], input?: string): Promise<string> {
  const path = availableKubectls().at(-1)?.path;
  if (path === undefined) throw new Error('no kubectl');
  return run(path, args, input);
}

/** One of the script's orders, for example `crash POD CONTAINER` or `stop apiserver`. */
export function order(...args: string[]): Promise<string> {
  return run(process.env['CLUSTER_COMMAND'] ?? '', args);
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Asks until the answer is true. */
export async function until(what: string, ask: () => Promise<boolean>, withinMs = 120_000): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!(await ask())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(100);
  }
}

interface PodObject {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly containerStatuses?: readonly { name: string; ready: boolean; restartCount: number }[];
  };
}

export async function podsOf(app: string): Promise<readonly PodObject[]> {
  const list = await kubectl(['get', 'pods', '-l', `draft=${app}`, '-o', 'json']);
  return (JSON.parse(list) as { items: PodObject[] }).items;
}

export async function restarts(pod: string, container: string): Promise<number> {
  const object = JSON.parse(await kubectl(['get', 'pod', pod, '-o', 'json'])) as PodObject;
  return object.status.containerStatuses?.find(({ name }) => name === container)?.restartCount ?? 0;
}

/** What an earlier run has left is removed without waiting for it, since that may take long: hence a name for each run. */
export async function createWorkload(test: string, options: WorkloadOptions = {}): Promise<Workload> {
  const name = `${test}-${process.pid}`;
  const { kind = 'Deployment', containers = EXAMPLE.map((each) => each.name) } = options;
  let wanted = options.replicas ?? 1;
  const manifest = JSON.stringify(manifestOf(name, { ...options, kind, containers, test }));
  const object = `${kind.toLowerCase()}/${name}`;
  await kubectl(['delete', 'deployments,statefulsets', '-l', `test=${test}`, '--ignore-not-found', '--wait=false']);
  await kubectl(['create', '-f', '-'], manifest);

  const workload: Workload = {
    name,
    target: `${kind === 'Deployment' ? 'deploy' : 'sts'}/${name}`,
    async podNames() {
      const pods = await podsOf(name);
      return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map((pod) => pod.metadata.name);
    },
    async rollout() {
      await kubectl(['rollout', 'restart', object]);
      await kubectl(['rollout', 'status', object, '--timeout=60s']);
    },
    async scale(replicas) {
      wanted = replicas;
      await kubectl(['scale', object, `--replicas=${replicas}`]);
    },
    async deletePod(pod, { wait = true } = {}) {
      await kubectl(['delete', 'pod', pod, `--wait=${wait}`]);
    },
    settled: () =>
      until(`${wanted} ready pods of ${name}`, async () => {
        const pods = (await podsOf(name)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
        const ready = pods.filter(
          ({ status }) => (status.containerStatuses ?? []).filter((each) => each.ready).length === containers.length,
        );
        return pods.length === wanted && ready.length === wanted;
      }),
    async remove() {
      await kubectl(['delete', object, '--ignore-not-found', '--wait=false']);
    },
  };
  if (options.script === undefined) await workload.settled();
  return workload;
}

function manifestOf(
  name: string,
  options: WorkloadOptions & { kind: 'Deployment' | 'StatefulSet'; containers: readonly string[]; test: string },
): unknown {
  const { kind, strategy = 'RollingUpdate', replicas = 1, env = {}, script } = options;
  const labels = { draft: name };
  const command = script === undefined ? {} : { command: ['sh', '-c', script] };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, labels: { ...labels, test: options.test } },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      ...(kind === 'Deployment' ? { strategy: { type: strategy } } : { serviceName: name }),
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 2,
          containers: EXAMPLE.filter((each) => options.containers.includes(each.name)).map((each) => ({
            name: each.name,
            image: each.image,
            imagePullPolicy: 'Never',
            ports: each.ports.map((containerPort) => ({ containerPort })),
            ...(each.name === 'go'
              ? { ...command, env: Object.entries(env).map(([key, value]) => ({ name: key, value })) }
              : {}),
          })),
        },
      },
    },
  };
}
