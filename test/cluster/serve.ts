// Runs the cluster with the example in a process of its own: prints the kubeconfig's path and ends on SIGINT, SIGTERM or,
// with --stdin, at the end of its standard input. `--options JSON` are startCluster's.
import { parseArgs } from 'node:util';
import { startCluster } from './cluster.ts';
import { startControl } from './control.ts';

const { values } = parseArgs({ options: { stdin: { type: 'boolean' }, options: { type: 'string', default: '{}' } } });
const cluster = await startCluster(JSON.parse(values.options));
await startControl(cluster);
await cluster.addExample();

const stop = () => {
  cluster.stop();
  process.exit(0);
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
if (values.stdin === true) process.stdin.on('end', stop).resume();
process.stdout.write(`${cluster.kubeconfig}\n`);
