// A program that starts children as its arguments say (shell scripts) and then does what stdin says; for the tests of
// how children end.
import { createInterface } from 'node:readline';
import { startChild } from '../../src/processes/child.ts';

const children = process.argv.slice(2).map((script) => {
  const child = startChild('sh', ['-c', script]);
  child.stdout.on('data', (chunk) => process.stdout.write(chunk));
  child.stderr.resume();
  void child.ended.then(() => process.stdout.write('ended\n'));
  return child;
});
process.stdout.write('started\n');

createInterface({ input: process.stdin }).on('line', (order) => void obey(order));

async function obey(order: string): Promise<void> {
  if (order === 'stop') {
    await Promise.all(children.map((child) => child.stop()));
    process.stdin.destroy();
  }
  if (order === 'exit') process.exit(3);
  if (order === 'throw') throw new Error('on purpose');
}
