// What the tests of connecting share: a cluster with a kubectl, the program in it, and what must hold when it has ended.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, type ClusterOptions, startCluster } from '../cluster/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import {
  type End,
  leftovers,
  type Program,
  endOf as programEndOf,
  type RunOptions,
  runProgram,
} from '../harness/program.ts';
import { availableKubectls } from '../kubectls.ts';

export const HAS_IPV6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
);

/** The newest there is: for what does not depend on the protocol. */
export function newestKubectl(): string {
  const path = availableKubectls().at(-1)?.path;
  assert.ok(path !== undefined, 'no kubectl found');
  return path;
}

export interface Place {
  readonly cluster: Cluster;
  run(args: readonly string[], options?: RunOptions): Program;
  /** Runs it to its end, after which nothing may be left of it. */
  toEnd(args: readonly string[], options?: RunOptions): Promise<End>;
  stop(): void;
}

/** A cluster, and a home for kubectl's cache that no other cluster on the same port has been in. */
export async function startPlace(kubectl: string = newestKubectl(), options: ClusterOptions = {}): Promise<Place> {
  const cluster = await startCluster(options);
  const home = mkdtempSync(join(tmpdir(), 'draft-connect-home-'));
  const settings = (more: RunOptions = {}): RunOptions => ({
    kubectl,
    kubeconfig: cluster.kubeconfig,
    ...more,
    env: { HOME: home, KUBECACHEDIR: undefined, ...more.env },
  });
  const running = new Set<Program>();
  const run: Place['run'] = (args, more) => {
    const program = runProgram(args, settings(more));
    running.add(program);
    void program.ended.then(() => running.delete(program));
    return program;
  };
  return {
    cluster,
    run,
    toEnd: (args, more) => endOf(run(args, more)),
    stop() {
      // What a failed test has left would keep its process alive.
      for (const program of running) program.child.kill('SIGKILL');
      cluster.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export async function endOf(program: Program): Promise<End> {
  const end = await programEndOf(program);
  await nothingLeftOf(program.pid);
  return end;
}

/** Ctrl-C once connected: exit status 0, and nothing is left. */
export async function endConnected(program: Program): Promise<void> {
  const { code, signal } = await program.end('SIGINT');
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, program.stderr());
  await nothingLeftOf(program.pid);
}

export async function nothingLeftOf(pid: number): Promise<void> {
  await eventually(
    () => leftovers(pid).length === 0,
    () => `still there: ${JSON.stringify(leftovers(pid))}`,
  );
}

/** Holds a port of one address until it is closed. */
export function occupy(host: string, port = 0): Promise<{ port: number; close(): void }> {
  return new Promise((resolve, reject) => {
    const server: Server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true, ipv6Only: host.includes(':') }, () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve({ port: address.port, close: () => server.close() });
    });
  });
}

async function isFree(port: number): Promise<boolean> {
  for (const host of HAS_IPV6 ? ['127.0.0.1', '::1'] : ['127.0.0.1']) {
    const held = await occupy(host, port).catch(() => undefined);
    held?.close();
    if (held === undefined) return false;
  }
  return true;
}

let nextPort = 20_000 + (process.pid % 1_000) * 10;

/** A port that is free on both addresses and that the system does not give out by itself. */
export async function freePort(wanted?: number): Promise<number> {
  if (wanted !== undefined && (await isFree(wanted))) return wanted;
  for (;;) {
    nextPort = nextPort >= 32_000 ? 20_000 : nextPort + 1;
    const port = nextPort;
    if (await isFree(port)) return port;
  }
}

/** Each line of stderr, so that a test can say exactly what was told. */
export function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** A failure's whole stderr: `Error: …` and, if there is something to do about it, `Hint: …`; warnings may go before. */
export function errorOf(end: Pick<End, 'stderr'>): { error: string; hint: string | undefined } {
  const lines = linesOf(end.stderr);
  const at = lines.findIndex((line) => line.startsWith('Error: '));
  assert.ok(at >= 0, `no Error line:\n${end.stderr}`);
  const [error = '', hint, ...more] = lines.slice(at);
  assert.deepEqual(more, [], end.stderr);
  if (hint !== undefined) assert.match(hint, /^Hint: /);
  return { error: error.slice('Error: '.length), hint: hint?.slice('Hint: '.length) };
}
