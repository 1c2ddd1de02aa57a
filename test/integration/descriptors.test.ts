// Few descriptors: what cannot be had is said or waited for, and nothing else is lost for it.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startCluster } from '../cluster/cluster.ts';
import { get } from '../harness/http.ts';
import { leftovers, runProgram, runToEnd } from '../harness/program.ts';
import { kubectlsUnderTest } from '../kubectls.ts';

/** Runs the program with so many descriptors; the rest are its own arguments. */
const withDescriptors = (count: number) => ['bash', '-c', `ulimit -n ${count}; exec "$0" "$@"`] as const;

const UNIX = { skip: process.platform === 'win32' && 'has no limit of descriptors' };
const [kubectl] = kubectlsUnderTest();
const BUNDLE = new URL('../../dist/kubectl-draft_connect', import.meta.url).pathname;

for (const count of [20, 22, 24, 26]) {
  test(`with ${count} descriptors a start ends in words`, UNIX, async () => {
    const args = [process.execPath, BUNDLE, 'pod/web', '--kubeconfig', '/nonexistent'];
    const { code, stderr } = await runToEnd(args, { command: [...withDescriptors(count)] as [string, ...string[]] });
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^Error: (?:kubectl '.*' cannot be run: there are too many open files|stat \/nonexistent)/);
  });
}

for (const { path, version } of kubectl === undefined ? [] : kubectlsUnderTest()) {
  test(`with 64 descriptors three tunnels live through a rollout (kubectl ${version})`, UNIX, async () => {
    const cluster = await startCluster();
    await cluster.addExample({ terminationMs: 500 });
    const program = runProgram([process.execPath, BUNDLE, 'deploy/example-go'], {
      command: [...withDescriptors(64)] as [string, ...string[]],
      kubectl: path,
      kubeconfig: cluster.kubeconfig,
    });
    const port = (await program.connected(3)).get('go:8080') ?? 0;
    const held = Array.from({ length: 20 }, () => connect(port, '127.0.0.1').on('error', () => {}));
    await program.sees('stderr', /\d+ connections are open: further ones are closed/);
    const before = cluster.podNames('example-go').at(-1);
    await cluster.rollout('example-go');
    await program.sees('stderr', new RegExp(`pod ${before} replaced by`));
    for (const socket of held) socket.destroy();
    while ((await get(port).catch(() => undefined))?.status !== 200);
    const { code } = await program.end();
    assert.equal(code, 0, program.stderr());
    assert.deepEqual(leftovers(program.pid), []);
    cluster.stop();
  });
}
