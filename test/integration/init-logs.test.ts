// Logs of containers that do not run as long as their pod.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { after, before, describe, test } from 'node:test';
import type { ContainerSpec } from '../cluster/container.ts';
import type { Process } from '../cluster/program.ts';
import { sitesProgram } from '../cluster/programs.ts';
import { endConnected, linesOf, type Place, startPlace } from './connect-setup.ts';

const cwd = tmpdir();
const web: ContainerSpec = { name: 'web', ports: [{ containerPort: 80 }], program: sitesProgram([80]) };
const fails = (process: Process) => {
  process.log('no such table\n');
  process.exit(3);
};
/** Works until it is told to end. */
const works = (process: Process) => {
  process.log('migrating\n');
  return new Promise<void>((resolve) => process.ended.addEventListener('abort', () => resolve()));
};

describe('logs of init containers', { concurrency: 4 }, () => {
  let place: Place;
  before(async () => {
    place = await startPlace();
  });
  after(() => place.stop());

  test('are shown when one fails', async () => {
    place.cluster.deploy({ name: 'failing', containers: [{ name: 'migrate', role: 'init', program: fails }, web] });
    const program = place.run(['deploy/failing'], { cwd });
    await program.sees('stdout', /^\[migrate\]: no such table$/m);
    await program.end();
    assert.deepEqual(linesOf(program.stdout()), ['[migrate]: no such table']);
  });

  test('are shown while it runs, each line once, and the session goes on when the pod is ready', async () => {
    place.cluster.deploy({ name: 'working', containers: [{ name: 'migrate', role: 'init', program: works }, web] });
    const program = place.run(['deploy/working'], { cwd });
    await program.sees('stdout', /^\[migrate\]: migrating$/m);
    const [pod = ''] = place.cluster.podNames('working');
    place.cluster.logs(pod, 'migrate').write('done\n');
    await program.sees('stdout', /^\[migrate\]: done$/m);
    place.cluster.crash(pod, 'migrate', { exitCode: 0 });
    await program.connected(1);
    await endConnected(program);
    assert.deepEqual(program.stdout().match(/^\[migrate\].*$/gm), ['[migrate]: migrating', '[migrate]: done']);
  });

  test('of a new revision are shown beside the pod that still serves', async () => {
    place.cluster.deploy({ name: 'rolled', containers: [web] });
    await place.cluster.workload('rolled').settled();
    const program = place.run(['deploy/rolled'], { cwd });
    await program.connected(1);
    await place.cluster.streamsOpened('watch');
    place.cluster.workload('rolled').rollout({ containers: [{ name: 'migrate', role: 'init', program: fails }, web] });
    await program.sees('stdout', /^\[migrate\]: no such table$/m);
    await endConnected(program);
  });

  test('are shown of a ready pod when -c names it, and there is nothing to connect to', async () => {
    const done = (process: Process) => process.log('migrated\n');
    const pod = place.cluster.addPod({
      name: 'ready',
      containers: [{ name: 'migrate', role: 'init', program: done }, web],
    });
    await pod.whenReady();
    const program = place.run(['ready', '-c', 'migrate'], { cwd });
    await program.sees('stdout', /^\[migrate\]: migrated$/m);
    await endConnected(program);
    assert.deepEqual(linesOf(program.stderr()), ['container migrate of pod ready exposes no TCP port: logs only']);
  });
});
