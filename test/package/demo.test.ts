// The README's demo as somebody tries it: started, curled before and after it has replaced a pod, ended with Ctrl-C.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createDeferred } from '../../src/values/deferred.ts';
import { get } from '../harness/http.ts';
import { availableKubectls } from '../kubectls.ts';

const program = fileURLToPath(new URL('../../scripts/demo', import.meta.url));
const skip = process.platform === 'win32' || (availableKubectls().length === 0 && 'no kubectl');

const CONTAINERS = ['example-go/go', 'example-go/multi-port', 'example-go/multi-port', 'greeter/web'];

test('the demo connects two apps, answers at one address before and after a rollout, and leaves nothing', {
  skip,
}, async (t) => {
  // A process group of its own, as a shell gives it, so that Ctrl-C can be sent to all of it.
  const demo = spawn(program, ['-p', ':8080,:80,:81,:8000'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEMO_ROLLOUT_SECONDS: '4' },
    detached: true,
  });
  const closed = once(demo, 'close');
  t.after(() => {
    if (demo.exitCode === null && demo.signalCode === null) process.kill(-(demo.pid ?? 0), 'SIGTERM');
  });
  let stderr = '';
  const replaced = createDeferred();
  demo.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (stderr.includes(' replaced by ')) replaced.resolve();
  });
  const requests: string[] = [];
  const ports: number[] = [];
  const askAll = async (path: string) => {
    for (const port of ports) assert.equal((await get(port, path)).status, 200, `${path} on ${port}`);
  };
  for await (const line of createInterface({ input: demo.stdout })) {
    const port = /^Connect to \S+ on localhost:(\d+)$/.exec(line)?.[1];
    if (port !== undefined) ports.push(Number(port));
    if (port !== undefined && ports.length === 4) {
      await askAll('/before');
      await replaced.promise;
      await askAll('/after');
    }
    if (/ \/(before|after)\b/.test(line)) requests.push(line);
    if (requests.length === 8) process.kill(-(demo.pid ?? 0), 'SIGINT');
  }
  assert.deepEqual(await closed, [0, null], stderr);
  for (const path of ['/before', '/after']) {
    const asked = requests.filter((line) => line.includes(path));
    assert.deepEqual(asked.map((line) => /^\[(\S+)\]: /.exec(line)?.[1]).sort(), CONTAINERS);
  }
  const folder = /In (.*):/.exec(stderr)?.[1] ?? '';
  assert.match(folder, /draft-connect-demo-/);
  assert.equal(existsSync(folder), false);
  for (const port of ports) await assert.rejects(get(port), String(port));
});
