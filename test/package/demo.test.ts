// The README's demo as somebody tries it: started, curled, ended with Ctrl-C.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { availableKubectls } from '../kubectls.ts';

const program = fileURLToPath(new URL('../../scripts/demo', import.meta.url));
const skip = process.platform === 'win32' || (availableKubectls().length === 0 && 'no kubectl');

test('the demo connects, answers, shows the requests and leaves nothing', { skip }, async (t) => {
  // A process group of its own, as a shell gives it, so that Ctrl-C can be sent to all of it.
  const demo = spawn(program, ['-p', ':8080,:80,:81'], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const closed = once(demo, 'close');
  t.after(() => {
    if (demo.exitCode === null && demo.signalCode === null) process.kill(-(demo.pid ?? 0), 'SIGTERM');
  });
  let stderr = '';
  demo.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const requests: string[] = [];
  const addresses: string[] = [];
  for await (const line of createInterface({ input: demo.stdout })) {
    const address = /^Connect to \S+ on (localhost:\d+)$/.exec(line)?.[1];
    if (address !== undefined) addresses.push(address);
    if (address !== undefined && addresses.length === 3) {
      for (const each of addresses) assert.equal((await fetch(`http://${each}/tried-by-a-test`)).status, 200, each);
    }
    if (line.includes('/tried-by-a-test')) requests.push(line);
    if (requests.length === 3) process.kill(-(demo.pid ?? 0), 'SIGINT');
  }
  assert.deepEqual(await closed, [0, null], stderr);
  assert.equal(requests.filter((line) => line.startsWith('[go]: ')).length, 1);
  assert.equal(requests.filter((line) => line.startsWith('[multi-port]: ')).length, 2);
  const folder = /In (.*):/.exec(stderr)?.[1] ?? '';
  assert.match(folder, /draft-connect-demo-/);
  assert.equal(existsSync(folder), false);
  for (const each of addresses) await assert.rejects(fetch(`http://${each}/`), each);
});
