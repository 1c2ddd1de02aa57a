// Jobs that complete, and pods that have ended: their logs to the end, and then the end.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { after, before, describe, test } from 'node:test';
import type { Process } from '../cluster/program.ts';
import { endConnected, endOf, errorOf, linesOf, type Place, startPlace } from './connect-setup.ts';

const cwd = tmpdir();
const FAILED = /^pod \S+ has ended \(Failed\): container work ended with exit code 3$/;

describe('what has ended, or ends', { concurrency: 3 }, () => {
  let place: Place;
  before(async () => {
    place = await startPlace();
  });
  after(() => place.stop());

  /** A Job of one pod, which says something and goes on until it is crashed. */
  async function startJob(name: string): Promise<string> {
    const program = (process: Process) => process.log('begun\n');
    place.cluster.deploy({
      kind: 'Job',
      name,
      containers: [{ name: 'work', ports: [{ containerPort: 80 }], program }],
    });
    await place.cluster.workload(name).settled();
    const [pod = ''] = place.cluster.podNames(name);
    await place.cluster.pod(pod).whenReady();
    return pod;
  }

  async function endPod(pod: string, exitCode: number): Promise<void> {
    place.cluster.logs(pod, 'work').write('the last word');
    place.cluster.crash(pod, 'work', { exitCode });
  }

  for (const [by, targetOf] of [
    ['its own name', (pod: string) => `pod/${pod}`],
    ['its Job', (_: string, job: string) => `job/${job}`],
  ] as const) {
    for (const exitCode of [0, 3]) {
      const name = `${by.replaceAll(' ', '-').toLowerCase()}-${exitCode}`;

      test(`a pod that ends with ${exitCode}, by ${by}: its log to the end, then the end`, async () => {
        const job = `ends-${name}`;
        const pod = await startJob(job);
        const program = place.run([targetOf(pod, job)], { cwd });
        await program.sees('stdout', /begun/);
        await place.cluster.streamsOpened('watch');
        await endPod(pod, exitCode);
        const end = await endOf(program);
        assert.equal(end.code, exitCode === 0 ? 0 : 1, end.stderr);
        assert.deepEqual(linesOf(end.stdout).slice(1), ['[work]: begun', '[work]: the last word']);
        if (exitCode === 0) assert.match(end.stderr, /^(?:pod \S+ has ended \(Succeeded\)|job \S+ is complete)\n$/m);
        else assert.match(errorOf(end).error.replace(/^job \S+ has failed \(BackoffLimitExceeded\): /, ''), FAILED);
      });

      test(`a pod that has ended with ${exitCode}, by ${by}: its log, then the end`, async () => {
        const job = `ended-${name}`;
        const pod = await startJob(job);
        await endPod(pod, exitCode);
        const target = targetOf(pod, job);
        const end = await place.toEnd([target], { cwd });
        assert.equal(end.code, exitCode === 0 ? 0 : 1, end.stderr);
        assert.deepEqual(linesOf(end.stdout), ['[work]: begun', '[work]: the last word']);
        assert.doesNotMatch(end.stderr, /waiting/);

        const more = exitCode === 0 ? / there is nothing to connect to any more$/ : FAILED;
        for (const wanted of [['--no-logs'], ['--detach'], ['--', 'true']]) {
          const refused = await place.toEnd([target, ...wanted], { cwd });
          assert.equal(refused.code, 1);
          assert.equal(refused.stdout, '');
          assert.match(errorOf(refused).error.replace(/^job \S+ has failed \(BackoffLimitExceeded\): /, ''), more);
        }
        const preview = await place.toEnd([target, '--dry-run'], { cwd });
        assert.equal(preview.code, 0, preview.stderr);
        assert.equal(preview.stdout, `Would show the log of work of pod ${pod}\n`);
      });
    }
  }

  test('-c and -p may mean the container and port of what is over, which has a log alone', async () => {
    await endPod(await startJob('over'), 0);
    const containers = [{ name: 'web', ports: [{ containerPort: 81 }] }];
    await place.cluster.deploy({ name: 'lives', containers }).settled();
    const program = place.run(['job/over', 'deploy/lives', '-c', 'work', '-c', 'web', '-p', '8080:80'], { cwd });
    await program.connected(1);
    await program.sees('stdout', /^\[over\/work\]: the last word$/m);
    assert.match(program.stderr(), /^over: mapping 8080:80 is skipped: pod over-\S+ has ended$/m);
    await endConnected(program);
  });

  test('a COMMAND ends with the Job that it works with', async () => {
    const pod = await startJob('with-command');
    const program = place.run(['job/with-command', '--', 'sh', '-c', 'echo runs; sleep 600'], { cwd });
    await program.sees('stdout', /runs/);
    await place.cluster.streamsOpened('watch');
    await endPod(pod, 0);
    const end = await endOf(program);
    assert.equal(end.code, 1);
    assert.equal(errorOf(end).error, 'job with-command is complete');
  });
});
