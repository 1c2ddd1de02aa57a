// Pods that are not ready, logs of all pods, and logs without tunnels.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { sitesProgram } from '../cluster/programs.ts';
import { get } from '../harness/http.ts';
import { endConnected, linesOf, type Place, startPlace } from './connect-setup.ts';

const cwd = tmpdir();
const web = { name: 'web', ports: [{ containerPort: 80 }], program: sitesProgram([80]) };

describe('which pods', { concurrency: 4 }, () => {
  let place: Place;
  before(async () => {
    place = await startPlace();
  });
  after(() => place.stop());

  test('--unready connects to a pod that is not ready, and to the next one', async () => {
    place.cluster.deploy({ name: 'unready', containers: [{ ...web, readyAfterMs: 600_000 }] });
    const program = place.run(['deploy/unready', '--unready', '--no-logs'], { cwd });
    const port = (await program.connected(1)).get('web:80') ?? 0;
    assert.equal((await get(port)).status, 200);
    const [pod = ''] = place.cluster.podNames('unready');
    place.cluster.deletePod(pod);
    await program.sees('stderr', /^pod \S+ replaced by \S+$/m);
    assert.equal((await get(port)).status, 200);
    await endConnected(program);
  });

  test('--no-tunnels shows logs alone, of a pod that is not ready, too', async () => {
    place.cluster.deploy({ name: 'logged', containers: [{ ...web, readyAfterMs: 600_000 }] });
    const program = place.run(['deploy/logged', '--no-tunnels'], { cwd });
    await program.sees('stderr', /^/);
    const write = () => place.cluster.logs(place.cluster.podNames('logged')[0] ?? '', 'web').write('here\n');
    await place.cluster.streamsOpened('logs');
    write();
    await program.sees('stdout', /^\[web\]: here$/m);
    await endConnected(program);
    assert.deepEqual(linesOf(program.stdout()), ['[web]: here']);
  });

  test('--all-pods shows the logs of all pods, also of those that come, each line once', async () => {
    const { cluster } = place;
    cluster.deploy({ name: 'many', replicas: 2, containers: [web] });
    await cluster.workload('many').settled();
    const names = cluster.podNames('many');
    for (const name of names) cluster.logs(name, 'web').write(`1 old\n2 old\n3 old ${name}\n`);
    const program = place.run(['deploy/many', '--all-pods', '--tail', '1'], { cwd });
    await program.connected(1);
    for (const name of names) await program.sees('stdout', new RegExp(`^\\[${name}/web\\]: 3 old ${name}$`, 'm'));
    for (const name of names) cluster.logs(name, 'web').write(`new ${name}\n`);
    for (const name of names) await program.sees('stdout', new RegExp(`^\\[${name}/web\\]: new ${name}$`, 'm'));

    cluster.workload('many').scale(3);
    await cluster.workload('many').settled();
    const third = cluster.podNames('many').find((name) => !names.includes(name)) ?? '';
    cluster.logs(third, 'web').write('first\nsecond\n');
    await program.sees('stdout', new RegExp(`^\\[${third}/web\\]: second$`, 'm'));
    for (const name of names) cluster.logs(name, 'web').write(`last ${name}\n`);
    cluster.workload('many').scale(0);
    for (const name of names) await program.sees('stdout', new RegExp(`^\\[${name}/web\\]: last ${name}$`, 'm'));
    await endConnected(program);
    const lines = linesOf(program.stdout()).slice(1);
    const expected = names.flatMap((name) =>
      [`3 old ${name}`, `new ${name}`, `last ${name}`].map((line) => `[${name}/web]: ${line}`),
    );
    assert.deepEqual(lines.toSorted(), [...expected, `[${third}/web]: first`, `[${third}/web]: second`].toSorted());
  });
});
