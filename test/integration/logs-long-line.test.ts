// A line longer than any buffer: it passes through whole, in bounded memory.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startCluster } from '../cluster/cluster.ts';
import { BUNDLE } from '../harness/program.ts';
import { kubectlsUnderTest } from '../kubectls.ts';

const MIB = 1024 * 1024;
const SIZE = 100 * MIB;

test('100 MiB without a newline pass through in bounded memory', { timeout: 120_000 }, async () => {
  const cluster = await startCluster();
  await cluster.addExample();
  const [pod = ''] = cluster.podNames('example-go');
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig, KUBECTL_PATH: kubectlsUnderTest()[0]?.path };
  const child = spawn(process.execPath, [BUNDLE, 'deploy/example-go', '-c', 'go'], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let received = 0;
  let peak = 0;
  let foreign = 0;
  const ended = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      for (let at = chunk.indexOf(0x78); at !== -1 && at < chunk.length; at += 1) {
        if (chunk[at] === 0x78) received += 1;
        else if (received > 0 && received < SIZE) foreign += 1;
      }
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peak = Math.max(peak, Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024);
      if (received >= SIZE) resolve();
    });
    child.once('close', () => resolve());
  });
  const log = cluster.logs(pod, 'go');
  const block = Buffer.alloc(MIB, 'x');
  for (let left = SIZE; left > 0; left -= block.length) log.write(block);
  log.write('\n');
  await ended;
  child.kill('SIGINT');
  await new Promise((resolve) => child.once('close', resolve));
  cluster.stop();
  assert.equal(received, SIZE);
  assert.equal(foreign, 0);
  assert.ok(peak < 160 * MIB, `${Math.round(peak / MIB)} MiB resident`);
});
