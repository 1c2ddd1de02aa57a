// The machine slept: connections died meanwhile without a sign, and nobody says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startCluster } from '../cluster/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { get } from '../harness/http.ts';
import { leftovers, runProgram } from '../harness/program.ts';
import { kubectlsUnderTest } from '../kubectls.ts';

const UNIX = { skip: process.platform === 'win32' && 'stops processes by signals' };
/** Longer than the gap that counts as one. */
const SLEEP_MS = 8_000;

for (const kubectl of kubectlsUnderTest()) {
  test(`after waking, tunnels, logs and the watch work again (kubectl ${kubectl.version})`, UNIX, async () => {
    const cluster = await startCluster();
    await cluster.addExample({ terminationMs: 500 });
    const program = runProgram(['deploy/example-go'], { kubectl: kubectl.path, kubeconfig: cluster.kubeconfig });
    const port = (await program.connected(3)).get('go:8080') ?? 0;
    await get(port, '/before');
    await program.sees('stdout', /\/before/);
    await eventually(
      () => leftovers(program.pid).some(({ command }) => command.includes('--watch')),
      () => 'the watch does not run',
    );
    const kubectls = () => leftovers(program.pid).filter(({ command }) => / (?:port-forward|logs|get) /.test(command));
    const asleep = kubectls();
    // They hang from now on, as on a connection that leads nowhere.
    for (const { pid } of [...asleep, { pid: program.pid }]) process.kill(pid, 'SIGSTOP');
    await delay(SLEEP_MS);
    process.kill(program.pid, 'SIGCONT');
    assert.equal((await get(port, '/after')).status, 200);
    await program.sees('stdout', /\/after/);
    const before = cluster.podNames('example-go').at(-1);
    await cluster.rollout('example-go');
    await program.sees('stderr', new RegExp(`pod ${before} replaced by`));
    const { code } = await program.end();
    assert.equal(code, 0, program.stderr());
    assert.deepEqual(leftovers(program.pid), []);
    cluster.stop();
  });
}
