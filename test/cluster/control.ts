// Lets another process give the cluster its orders: POST /control with `{"order": METHOD, "args": […]}`, the methods being
// the cluster's own, and programs named as data.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { Cluster } from './cluster.ts';
import type { ContainerSpec } from './container.ts';
import { patternProgram } from './pattern-program.ts';
import type { Program } from './program.ts';
import { echoProgram, goProgram, sitesProgram, tickProgram } from './programs.ts';
import type { DeployOptions } from './workload.ts';

/** A program as data. */
export type ProgramData =
  | { readonly kind: 'go'; readonly port: number }
  | { readonly kind: 'sites'; readonly ports: readonly number[] }
  | { readonly kind: 'echo'; readonly port: number }
  | { readonly kind: 'tick'; readonly everyMs: number }
  | { readonly kind: 'pattern' };

export type ContainerData = Omit<ContainerSpec, 'program'> & { readonly program?: ProgramData };
export type DeployData = Omit<DeployOptions, 'containers'> & { readonly containers: readonly ContainerData[] };

type Orders = Readonly<Record<string, (...args: never[]) => unknown>>;

function ordersOf(cluster: Cluster): Orders {
  return {
    deploy: (data: DeployData) =>
      cluster
        .deploy({ ...data, containers: data.containers.map(({ program, ...rest }) => withProgram(rest, program)) })
        .settled(),
    podNames: cluster.podNames.bind(cluster),
    rollout: cluster.rollout.bind(cluster),
    scale: cluster.scale.bind(cluster),
    deletePod: cluster.deletePod.bind(cluster),
    evict: cluster.evict.bind(cluster),
    crash: cluster.crash.bind(cluster),
    setReady: cluster.setReady.bind(cluster),
    refusePort: cluster.refusePort.bind(cluster),
    acceptPort: cluster.acceptPort.bind(cluster),
    cutStreams: cluster.cutStreams.bind(cluster),
    openStreams: cluster.openStreams.bind(cluster),
    endWatches: cluster.endWatches.bind(cluster),
    expireWatches: cluster.expireWatches.bind(cluster),
    fail: cluster.fail.bind(cluster),
    delay: cluster.delay.bind(cluster),
    clearFaults: cluster.clearFaults.bind(cluster),
    stopApi: cluster.stopApi.bind(cluster),
    startApi: cluster.startApi.bind(cluster),
    stopKubelet: cluster.stopKubelet.bind(cluster),
    startKubelet: cluster.startKubelet.bind(cluster),
    writeLog: (pod: string, container: string, text: string) => cluster.logs(pod, container).write(text),
    writeLines: (pod: string, container: string, count: number, options?: object) =>
      cluster.logs(pod, container).writeLines(count, options),
    burst: (pod: string, container: string, lines: number, options?: object) =>
      cluster.logs(pod, container).burst(lines, options),
    rotateLog: (pod: string, container: string) => cluster.logs(pod, container).rotate(),
    requests: () =>
      cluster.requests.map(({ method, path, query, atMs }) => ({ method, path, query: String(query), atMs })),
  };
}

function withProgram(spec: Omit<ContainerSpec, 'program'>, data: ProgramData | undefined): ContainerSpec {
  return data === undefined ? spec : { ...spec, program: programOf(data) };
}

function programOf(data: ProgramData): Program {
  switch (data.kind) {
    case 'go':
      return goProgram(data.port);
    case 'sites':
      return sitesProgram(data.ports);
    case 'echo':
      return echoProgram(data.port);
    case 'tick':
      return tickProgram(data.everyMs);
    case 'pattern':
      return patternProgram;
  }
}

/** Listens on a random loopback port; its address is in the file `control` beside the kubeconfig. */
export async function startControl(cluster: Cluster): Promise<void> {
  const orders = ordersOf(cluster);
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    try {
      if (request.method !== 'POST' || request.url !== '/control') throw new Error('POST /control is all there is');
      const { order, args = [] } = JSON.parse(Buffer.concat(chunks).toString()) as { order: string; args?: never[] };
      const carryOut = orders[order];
      if (carryOut === undefined) throw new Error(`no order ${order}; there are ${Object.keys(orders).join(', ')}`);
      const result = await carryOut(...args);
      response.end(`${JSON.stringify({ result: result ?? null })}\n`);
    } catch (error) {
      response.statusCode = 400;
      response.end(`${JSON.stringify({ error: String(error) })}\n`);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  writeFileSync(join(dirname(cluster.kubeconfig), 'control'), `http://127.0.0.1:${port}/control\n`);
}
