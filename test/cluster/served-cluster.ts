// The cluster in a process of its own, for benches and the demo: started, ordered about and ended from here.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ClusterOptions } from './cluster.ts';

export interface ServedCluster {
  readonly kubeconfig: string;
  readonly pid: number;
  /** Calls the cluster's method of that name; rejects with its error. */
  order(order: string, ...args: readonly unknown[]): Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * Resolves when the example is ready. The cluster has a process group of its own, so that Ctrl-C in a terminal leaves it to
 * us; it also ends with this process.
 */
export async function serveCluster(options: ClusterOptions = {}): Promise<ServedCluster> {
  const script = fileURLToPath(new URL('./serve.ts', import.meta.url));
  const args = ['--import', 'tsx', script, '--stdin', '--options', JSON.stringify(options)];
  const child = spawn(process.execPath, args, {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, 'line'), ended.then(() => undefined)]);
  if (first === undefined) throw new Error('the embedded cluster ended before it was ready');
  const kubeconfig = String(first[0]);
  const control = readFileSync(join(dirname(kubeconfig), 'control'), 'utf8').trim();
  return {
    kubeconfig,
    pid: child.pid ?? 0,
    order: async (order, ...orderArgs) => {
      const response = await fetch(control, { method: 'POST', body: JSON.stringify({ order, args: orderArgs }) });
      const answer = (await response.json()) as { result?: unknown; error?: string };
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.result;
    },
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
