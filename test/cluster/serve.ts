// Runs the cluster with the example in a process of its own: prints the kubeconfig's path, ends on a signal (or with
// --stdin when that ends). What tests order by method calls is ordered here over POST /control on CONTROL_PORT's address.
import { startCluster } from './cluster.ts';

const cluster = await startCluster();
await cluster.addExample();
process.stdout.write(`${cluster.kubeconfig}\n`);

const stop = () => {
  cluster.stop();
  process.exit(0);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
if (process.argv.includes('--stdin')) process.stdin.on('end', stop).resume();
