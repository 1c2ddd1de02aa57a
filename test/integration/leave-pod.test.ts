// When a pod is left for another one, and what becomes of its connections then.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { describe, test } from 'node:test';
import type { Program as PodProgram } from '../cluster/program.ts';
import { get } from '../harness/http.ts';
import { endConnected, type Place, startPlace } from './connect-setup.ts';

const cwd = tmpdir();

/** Answers HTTP with its name, and whatever begins with `echo` with the same. */
async function addPod(
  place: Place,
  name: string,
  revision = '1',
  port: { name?: string; containerPort: number } = { containerPort: 8080 },
) {
  const program: PodProgram = async (process) => {
    await process.listen(port.containerPort, (socket) => {
      socket.on('data', (chunk) => {
        if (String(chunk).startsWith('echo')) socket.write(chunk);
        else socket.end(`HTTP/1.0 200 OK\r\n\r\n${name}`);
      });
    });
  };
  const labels = { app: 'web', 'pod-template-hash': revision };
  const pod = place.cluster.addPod({
    name,
    labels,
    containers: [{ name: 'web', ports: [port], program }],
  });
  await pod.whenReady();
}

async function startFollowing(args: readonly string[] = []) {
  const place = await startPlace();
  await addPod(place, 'used');
  const program = place.run(['-l', 'app=web', ...args], { cwd });
  const port = (await program.connected(1)).get('web:8080') ?? 0;
  await place.cluster.streamsOpened('watch');
  const finish = async () => {
    await endConnected(program);
    place.stop();
  };
  return { place, program, port, finish };
}

async function openEcho(port: number): Promise<{ socket: Socket; says(text: string): Promise<void> }> {
  const socket = connect(port, '127.0.0.1');
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('closed')));
      socket.once('data', (chunk) => {
        assert.equal(String(chunk), text);
        socket.removeAllListeners();
        resolve();
      });
      socket.write(text);
    });
  await says('echo 1');
  return { socket, says };
}

describe('a pod that stops serving is left for one that is ready', { concurrency: 2 }, () => {
  const faults: readonly (readonly [title: string, fail: (place: Place) => void, told: RegExp])[] = [
    [
      'when its container waits to be started again',
      ({ cluster }) => cluster.crash('used', 'web', { exitCode: 3, restartAfterMs: 60_000, crashLoop: true }),
      /container web of pod used ended with exit code 3[^\n]*\n(?:[^\n]*\n)*pod used replaced by other\n/,
    ],
    [
      'when it is not ready for a few seconds',
      ({ cluster }) => cluster.setReady('used', false),
      /^pod used is not ready: [^\n]*\npod used replaced by other\n/m,
    ],
  ];
  for (const [title, fail, told] of faults) {
    test(title, async () => {
      const { place, program, port, finish } = await startFollowing(['--no-logs']);
      assert.equal((await get(port)).body, 'used');
      await addPod(place, 'other');
      fail(place);
      await program.sees('stderr', told);
      assert.equal((await get(port)).body, 'other');
      await finish();
    });
  }

  test('its open connections stay, and new ones go to the other', async () => {
    const { place, program, port, finish } = await startFollowing(['--no-logs']);
    const { socket, says } = await openEcho(port);
    await addPod(place, 'other');
    place.cluster.setReady('used', false);
    await program.sees('stderr', /pod used replaced by other/);
    while ((await get(port)).body !== 'other');
    await says('echo 2');
    socket.destroy();
    await finish();
  });

  test('a new revision that fails is left for the one before, which still serves', async () => {
    const { place, program, port, finish } = await startFollowing(['--no-logs']);
    await addPod(place, 'newer', '2');
    // Pods that nobody owns are of one workload.
    await program.sees('stderr', /pod used replaced by newer/);
    place.cluster.crash('newer', 'web', { exitCode: 1, restartAfterMs: 60_000, crashLoop: true });
    await program.sees('stderr', /pod newer replaced by used/);
    assert.equal((await get(port)).body, 'used');
    await finish();
  });

  test('of one that was there before the session only the last lines are shown', async () => {
    const place = await startPlace();
    // The newest is used, and of those of one second the first by name: in this order that is the same one.
    for (const name of ['z-other', 'used']) await addPod(place, name);
    const log = place.cluster.logs('z-other', 'web');
    for (let line = 1; line <= 20; line += 1) log.write(`old line ${line}\n`);
    const program = place.run(['-l', 'app=web', '--tail=2'], { cwd });
    await program.connected(1);
    await place.cluster.streamsOpened('watch');
    place.cluster.crash('used', 'web', { exitCode: 3, restartAfterMs: 60_000, crashLoop: true });
    await program.sees('stdout', /old line 20\n/);
    assert.deepEqual(program.stdout().match(/old line \d+/g), ['old line 19', 'old line 20']);
    await program.sees(
      'stderr',
      /^pod used replaced by z-other\nthe log of pod used goes on beside it, until that pod ends$/m,
    );
    await endConnected(program);
    place.stop();
  });
});

describe('a port that was asked for by its name', { concurrency: 2 }, () => {
  for (const [target, mapping] of [
    [['-l', 'app=web'], ':http'],
    [['svc/web'], ':80'],
  ] as const) {
    test(`is followed to the number that it has in the next pod, with ${target.join(' ')} -p ${mapping}`, async () => {
      const place = await startPlace();
      place.cluster.addService({ name: 'web', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] });
      await addPod(place, 'first', '1', { name: 'http', containerPort: 8080 });
      const program = place.run([...target, '-p', mapping, '--no-logs'], { cwd });
      const port = (await program.connected(1)).get('web:8080') ?? 0;
      assert.equal((await get(port)).body, 'first');
      await place.cluster.streamsOpened('watch');

      await addPod(place, 'second', '2', { name: 'http', containerPort: 9000 });
      await program.sees(
        'stderr',
        /^pod first replaced by second\n.* leads to port 9000 now: that is http of pod second\n/m,
      );
      while ((await get(port)).body !== 'second');

      await addPod(place, 'third', '3', { name: 'other', containerPort: 9000 });
      await program.sees(
        'stderr',
        new RegExp(`^pod third has no port http: local port ${port} waits for a pod that`, 'm'),
      );
      place.cluster.deletePod('second');
      await program.sees('stderr', /^pod third also exposes 9000/m);
      const waiting = get(port);
      await addPod(place, 'fourth', '4', { name: 'http', containerPort: 7000 });
      await program.sees('stderr', /pod third replaced by fourth/);
      while ((await get(port)).body !== 'fourth');
      await waiting;
      await endConnected(program);
      place.stop();
    });
  }
});

describe('a pod whose labels have changed', { concurrency: 2 }, () => {
  test('keeps its open connections while it runs, and gets no new one', async () => {
    const { place, program, port, finish } = await startFollowing(['--no-logs', '--hold', '60s']);
    const { socket, says } = await openEcho(port);
    place.cluster.pod('used').relabel({ app: 'debug' });
    await program.sees(
      'stderr',
      /^pod used does not match the selector any more: connections wait up to 60 s for the next one$/m,
    );
    const waiting = get(port);
    await addPod(place, 'other');
    assert.equal((await waiting).body, 'other');
    // Longer than the connections of a deleted pod are left.
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    await says('echo 2');
    socket.destroy();
    await finish();
  });

  const absences: readonly (readonly [title: string, away: (program: ReturnType<Place['run']>) => Promise<unknown>])[] =
    [
      ['at once', async () => undefined],
      ['soon', (program) => program.sees('stderr', /does not match the selector any more/)],
      // Longer than the log of a pod that is gone is read.
      ['later', () => new Promise((resolve) => setTimeout(resolve, 6_000))],
    ];
  for (const [title, away] of absences) {
    test(`has each line of its log shown once when they are as they were ${title}`, async () => {
      const { place, program, finish } = await startFollowing();
      const log = place.cluster.logs('used', 'web');
      log.write('line 1\n');
      await program.sees('stdout', /line 1\n/);
      place.cluster.pod('used').relabel({ app: 'debug' });
      await away(program);
      log.write('line 2\n');
      place.cluster.pod('used').relabel({ app: 'web' });
      await program.sees('stdout', /line 2\n/);
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      log.write('line 3\n');
      await program.sees('stdout', /line 3\n/);
      assert.deepEqual(program.stdout().match(/line \d/g), ['line 1', 'line 2', 'line 3']);
      await finish();
    });
  }

  test('is used again when they are as they were', async () => {
    const { place, program, port, finish } = await startFollowing(['--no-logs', '--hold', '60s']);
    place.cluster.pod('used').relabel({ app: 'debug' });
    await program.sees(
      'stderr',
      /^pod used does not match the selector any more: connections wait up to 60 s for the next one$/m,
    );
    place.cluster.pod('used').relabel({ app: 'web' });
    await program.sees('stderr', /^pod used is back$/m);
    assert.equal((await get(port)).body, 'used');
    await finish();
  });
});
