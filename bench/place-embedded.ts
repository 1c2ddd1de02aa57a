// The embedded cluster, in a process of its own.
import { PATTERN_PORT } from '../test/cluster/pattern-program.ts';
import { serveCluster } from '../test/cluster/served-cluster.ts';
import type { App, Place } from './place.ts';

const EXAMPLE: App = {
  name: 'example-go',
  selector: 'draft=example-go',
  containers: ['go', 'multi-port'],
  ports: [8080, 80, 81],
};

export async function openEmbedded(kubectl: string): Promise<Place> {
  const cluster = await serveCluster();
  const order = cluster.order;

  async function deploy(name: string, containers: number, ports: number): Promise<App> {
    const all = Array.from({ length: ports }, (_, index) => 7001 + index);
    const parts = Array.from({ length: containers }, (_, index) => ({
      name: `c${index + 1}`,
      ports: all.filter((_, at) => at % containers === index),
    }));
    const selector = { draft: name };
    const specs = parts.map((part) => ({
      name: part.name,
      ports: part.ports.map((containerPort) => ({ containerPort })),
      program: { kind: 'sites', ports: part.ports },
    }));
    await order('deploy', { name, selector, containers: specs });
    const order_ = parts.flatMap((part) => part.ports);
    return { name, selector: `draft=${name}`, containers: parts.map((part) => part.name), ports: order_ };
  }

  async function podOf(app: App): Promise<string> {
    const [pod] = (await order('podNames', app.name)) as string[];
    if (pod === undefined) throw new Error(`${app.name} has no pod`);
    return pod;
  }

  return {
    name: 'embedded',
    kubectl,
    env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
    example: EXAMPLE,
    deploy,
    async deployBytes(name, bytes) {
      const containers = [{ name: 'go', ports: [{ containerPort: 8080 }], program: { kind: 'go', port: 8080 } }];
      await order('deploy', { name, selector: { draft: name }, containers });
      return { name, selector: `draft=${name}`, containers: ['go'], ports: [8080], downPath: `/down?bytes=${bytes}` };
    },
    async deployPattern(name, probed) {
      const container = { name: 'app', ports: [{ containerPort: PATTERN_PORT }], program: { kind: 'pattern' } };
      const probe = { readinessProbe: { tcpSocket: { port: PATTERN_PORT } } };
      await order('deploy', { name, selector: { draft: name }, containers: [{ ...container, ...(probed && probe) }] });
      return { name, selector: `draft=${name}`, containers: ['app'], ports: [PATTERN_PORT] };
    },
    podOf,
    order,
    async burst(app, lines) {
      await order('burst', await podOf(app), app.containers[0], lines);
    },
    async openWriter(app) {
      const pod = await podOf(app);
      return { write: (line) => void order('writeLog', pod, app.containers[0], `${line}\n`), close() {} };
    },
    async rollout(app) {
      void order('rollout', app.name);
    },
    async remove(app) {
      if (app.name !== EXAMPLE.name) await order('scale', app.name, 0);
    },
    stop: () => cluster.stop(),
  };
}
