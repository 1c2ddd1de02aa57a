// What a kubectl that watches the pods says and does besides, and what of it is told.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../harness/eventually.ts';
import { FAKE_KUBECTL, fakeEnv } from '../harness/fake-kubectl.ts';
import { makeFolder } from '../harness/program.ts';
import { endConnected, linesOf, nothingLeftOf, type Place, startPlace } from './connect-setup.ts';

const cwd = tmpdir();
const KLOG =
  'I1122 11:51:36.975813   13229 round_trippers.go:553] GET https://127.0.0.1/api/v1/pods 200 OK in 5 milliseconds\n';

describe('a watch that says more than it should', { concurrency: 3 }, () => {
  let place: Place;
  before(async () => {
    place = await startPlace(FAKE_KUBECTL);
  });
  after(() => place.stop());

  const noises: readonly (readonly [title: string, stderr: string, exitCode: number])[] = [
    ['what -v=6 adds', KLOG, 0],
    ['what -v=6 adds, when somebody else ends it', KLOG, 1],
    ['a warning about throttling', `W${KLOG.slice(1)}`, 0],
    ['the words of a credential plugin', 'Your login expires in 5 minutes.\n', 0],
    ['the words of a credential plugin, when somebody else ends it', 'Your login expires in 5 minutes.\n', 1],
  ];
  for (const [title, stderr, exitCode] of noises) {
    test(`${title} says nothing about the API server, and neither does Ctrl-C`, async () => {
      const folder = makeFolder();
      const calls = join(folder.path, 'calls');
      const rule = { match: '--watch', stderr, exitCode, crashAfterMs: 50 };
      const program = place.run(['example-go-1', '--no-logs'], { cwd, env: fakeEnv({ calls, rules: [rule] }) });
      await program.connected(1);
      await eventually(
        () => (readFileSync(calls, 'utf8').match(/--watch/g)?.length ?? 0) >= 4,
        () => readFileSync(calls, 'utf8'),
      );
      await endConnected(program);
      assert.equal(program.stderr(), '');
      folder.remove();
    });
  }

  test("kubectl's own word on why it ended is told", async () => {
    const rule = { match: '--watch', stderr: `${KLOG}error: unexpected EOF\n${KLOG}`, exitCode: 1 };
    const program = place.run(['example-go-1', '--no-logs'], { cwd, env: fakeEnv({ rules: [rule] }) });
    await program.sees('stderr', /^the API server does not answer: unexpected EOF; trying again\n/);
    await endConnected(program);
  });
});

test('a pod that may be asked for, but not listed or watched, is followed all the same', async () => {
  const place = await startPlace();
  await place.cluster.addExample();
  const [pod = ''] = place.cluster.podNames('example-go');
  place.cluster.fail({ verb: 'list', resource: 'pods', status: 403 });
  place.cluster.fail({ verb: 'watch', resource: 'pods', status: 403 });
  const program = place.run([pod, '--no-logs'], { cwd });
  await program.connected(3);
  await program.sees('stderr', /^Warning: the pods cannot be watched, so they are listed every few seconds: /m);
  place.cluster.crash(pod, 'go', { exitCode: 3 });
  await program.sees('stderr', /^container go of pod \S+ ended with exit code 3/m);
  await endConnected(program);
  assert.doesNotMatch(program.stderr(), /does not answer/);
  place.stop();
});

describe('a kubectl that floods us with garbage leaves us able to hear', () => {
  let place: Place;
  before(async () => {
    place = await startPlace();
  });
  after(() => place.stop());

  async function start(verb: string, flood: string) {
    // A watch is ended so soon that its flood is hardly to be seen among the processes.
    const script = `#!/bin/sh\ncase "$* " in *"${verb} "*) : >"$0.floods"; exec ${flood};; esac\nexec '${FAKE_KUBECTL}' "$@"\n`;
    const folder = makeFolder({ kubectl: script });
    const path = join(folder.path, 'kubectl');
    chmodSync(path, 0o755);
    const program = place.run(['example-go-1', '--no-logs'], { cwd, kubectl: path, env: fakeEnv({}) });
    return { program, folder, isFlooded: () => existsSync(`${path}.floods`) };
  }

  const floods: readonly (readonly [title: string, command: string, reason: string])[] = [
    ['lines', 'yes', 'get printed something that is not JSON'],
    [
      'JSON of another kind',
      `yes '{"type":"ADDED","object":{}}'`,
      'printed something unexpected: object.metadata: expected an object, got nothing',
    ],
  ];
  for (const [title, flood, reason] of floods) {
    test(`it tells of ${title} instead of the pods, and ends the watch`, async () => {
      const { program, folder } = await start('--watch', flood);
      await program.connected(1);
      await program.sees('stderr', new RegExp(`^the API server does not answer: kubectl ${reason}; `));
      await endConnected(program);
      folder.remove();
    });
  }

  for (const flood of ['yes', 'cat /dev/zero']) {
    for (const verb of ['port-forward', '--watch']) {
      test(`Ctrl-C ends it during ${flood} instead of ${verb}`, async () => {
        const { program, folder, isFlooded } = await start(verb, flood);
        if (verb === '--watch') await program.connected(1);
        await eventually(isFlooded, () => `${flood} was not started`);
        const { code } = await program.end('SIGINT');
        assert.equal(code, verb === '--watch' ? 0 : 130);
        await nothingLeftOf(program.pid);
        folder.remove();
      });
    }
  }
});

test('with -v=6 neither the end of a watch nor Ctrl-C is news of the API server', async () => {
  const place = await startPlace();
  const { cluster } = place;
  await cluster.addExample();
  const program = place.run(['deploy/example-go', '--no-logs', '-v=6'], { cwd });
  await program.connected(3);
  for (const _ of ['first', 'second']) {
    await eventually(
      () => cluster.endWatches() > 0,
      () => 'no watch',
    );
  }
  await eventually(
    () => cluster.openStreams('watch') > 0,
    () => 'no watch after two',
  );
  await endConnected(program);
  assert.deepEqual(
    linesOf(program.stderr()).filter((line) => !/^I\d{4} /.test(line)),
    [],
  );
  place.stop();
});
