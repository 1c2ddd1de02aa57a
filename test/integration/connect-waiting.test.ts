// Which pod is used, and what is said while none can be.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { kubeTime } from '../cluster/clock.ts';
import type { ContainerSpec } from '../cluster/container.ts';
import type { PodTemplate } from '../cluster/pod.ts';
import type { Process } from '../cluster/program.ts';
import { sitesProgram, tickProgram } from '../cluster/programs.ts';
import { eventually } from '../harness/eventually.ts';
import { get } from '../harness/http.ts';
import { endConnected, endOf, errorOf, linesOf, type Place, startPlace } from './connect-setup.ts';

const web = (changes: Partial<ContainerSpec> = {}): ContainerSpec => ({
  name: 'web',
  ports: [{ containerPort: 80 }],
  program: sitesProgram([80]),
  ...changes,
});
const WAIT_HINT = 'wait longer with --timeout, or look at it with: kubectl describe pods -n default --context embedded';

describe('waiting for a pod', { concurrency: 4 }, () => {
  let place: Place;
  const cwd = tmpdir();
  before(async () => {
    place = await startPlace();
  });
  after(() => place.stop());

  const crashing = (process: Process) => process.exit(3);
  const troubles: readonly (readonly [name: string, template: PodTemplate, reason: RegExp])[] = [
    [
      'pending',
      { containers: [web()], unschedulable: '0/1 nodes are available: 1 Insufficient cpu.' },
      /^pod POD is Pending: Unschedulable: 0\/1 nodes are available: 1 Insufficient cpu\.$/,
    ],
    [
      'pull',
      { containers: [web({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "web:1"' } })] },
      /^container web of pod POD: ImagePullBackOff: Back-off pulling image "web:1"$/,
    ],
    [
      'crash',
      { containers: [web({ program: crashing, restartDelaysMs: [50, 60_000] })] },
      /^container web of pod POD: CrashLoopBackOff: its last run ended with exit code 3 \(Error\), back-off 10s$/,
    ],
    [
      'unready',
      { containers: [web({ readyAfterMs: 60_000 })] },
      /^pod POD is not ready: container web has not passed the readiness probe yet \(--unready takes it all the same\)$/,
    ],
    [
      'init',
      { containers: [{ name: 'migrate', role: 'init', program: () => new Promise<void>(() => {}) }, web()] },
      /^init container migrate of pod POD is still running$/,
    ],
  ];
  for (const [name, template, reason] of troubles) {
    test(`it says why the pod is not ready (${name}), and the error after the time-out repeats it`, async () => {
      place.cluster.deploy({ name, ...template });
      const end = await place.toEnd([`deploy/${name}`, '--timeout', '3s'], { cwd });
      assert.equal(end.code, 1);
      assert.equal(end.stdout, '');
      const pod = place.cluster.podNames(name)[0] ?? '';
      const told = linesOf(end.stderr).filter((line) => line.startsWith('waiting for a ready pod: '));
      assert.ok(told.length > 0, end.stderr);
      // Told when it changes, not more often.
      for (const [at, line] of told.entries()) assert.notEqual(line, told[at - 1]);
      const { error, hint } = errorOf(end);
      const [, last = ''] = /^no pod became ready within 3 s: (.*)$/.exec(error) ?? [];
      assert.match(last.replaceAll(pod, 'POD'), reason);
      assert.equal(told.at(-1), `waiting for a ready pod: ${last}`);
      assert.equal(hint, WAIT_HINT);
    });
  }

  test('it waits for pods when the selector matches none', async () => {
    const end = await place.toEnd(['-l', 'app=nobody', '--timeout', '500ms'], { cwd });
    assert.deepEqual(linesOf(end.stderr), [
      'waiting for a ready pod: there is no pod that matches app=nobody in namespace default (context embedded)',
      'Error: no pod became ready within 0.5 s: there is no pod that matches app=nobody in namespace default (context embedded)',
      `Hint: ${WAIT_HINT}`,
    ]);
    assert.equal(end.code, 1);
  });

  test('it connects as soon as the pod is ready', async () => {
    place.cluster.deploy({ name: 'late', containers: [web({ readyAfterMs: 60_000 })] });
    const program = place.run(['deploy/late'], { cwd });
    await program.sees('stderr', /waiting for a ready pod: pod \S+ is not ready/);
    place.cluster.setReady(place.cluster.podNames('late')[0] ?? '', true);
    const ports = await program.connected(1);
    assert.equal((await get(ports.get('web:80') ?? 0)).status, 200);
    await endConnected(program);
  });

  test('a container that a pod lacks is an error as soon as there is a pod, ready or not', async () => {
    place.cluster.deploy({ name: 'lacking', containers: [web({ readyAfterMs: 60_000 })] });
    const end = await place.toEnd(['deploy/lacking', '-c', 'abc'], { cwd });
    assert.deepEqual(errorOf(end), { error: "container 'abc' not found", hint: "the pod's containers are: web" });
    assert.equal(end.stdout, '');
    const program = place.run(['-l', 'app=lacking-too', '-c', 'abc'], { cwd });
    await program.sees('stderr', /there is no pod/);
    place.cluster.deploy({ name: 'lacking-too', containers: [web({ readyAfterMs: 60_000 })] });
    const late = await endOf(program);
    assert.equal(errorOf(late).error, "container 'abc' not found");
    assert.equal(late.code, 1);
  });

  test('a pod that comes only later is found', async () => {
    const program = place.run(['-l', 'app=later'], { cwd });
    await program.sees('stderr', /there is no pod/);
    place.cluster.deploy({ name: 'later', containers: [web()] });
    const ports = await program.connected(1);
    assert.equal((await get(ports.get('web:80') ?? 0)).status, 200);
    await endConnected(program);
  });

  test('the logs of a pod that is long not ready are shown meanwhile, each line once', async () => {
    const program = (process: Process) => process.log('waiting for the database\n');
    place.cluster.deploy({ name: 'slow', containers: [web({ program, ports: [], readyAfterMs: 60_000 })] });
    const shown = place.run(['deploy/slow'], { cwd });
    await shown.sees('stdout', /^\[web\]: waiting for the database\n$/);
    place.cluster.logs(place.cluster.podNames('slow')[0] ?? '', 'web').write('still waiting\n');
    await shown.sees('stdout', /still waiting\n/);
    place.cluster.setReady(place.cluster.podNames('slow')[0] ?? '', true);
    await shown.sees('stderr', /logs only/);
    place.cluster.logs(place.cluster.podNames('slow')[0] ?? '', 'web').write('found it\n');
    await shown.sees('stdout', /found it\n/);
    assert.equal(shown.stdout(), '[web]: waiting for the database\n[web]: still waiting\n[web]: found it\n');
    await endConnected(shown);
  });

  test('the log of a pod that was waited for ends when another one is used', async () => {
    const own = await startPlace();
    // It is never silent: a log that is would be read anew by itself.
    const program = tickProgram(200);
    own.cluster.deploy({ name: 'both', replicas: 2, containers: [web({ program, ports: [], readyAfterMs: 60_000 })] });
    const shown = own.run(['deploy/both'], { cwd });
    await shown.sees('stdout', /tick/);
    const pods = own.cluster.podNames('both');
    for (const pod of pods) own.cluster.logs(pod, 'web').write(`this is ${pod}\n`);
    const [, waitedFor] = await shown.sees('stdout', /this is (\S+)/);
    const other = pods.find((pod) => pod !== waitedFor) ?? '';
    own.cluster.setReady(other, true);
    await shown.sees('stdout', new RegExp(`this is ${other}`));
    await eventually(
      () => own.cluster.openStreams('logs') === 1,
      () => `${own.cluster.openStreams('logs')} logs are open`,
    );
    await endConnected(shown);
    own.stop();
  });

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    test(`${signal} before it is connected is exit status ${code}`, async () => {
      const name = `interrupted-${code}`;
      place.cluster.deploy({ name, containers: [web({ readyAfterMs: 60_000 })] });
      const program = place.run([`deploy/${name}`], { cwd });
      await program.sees('stderr', /waiting for a ready pod/);
      program.child.kill(signal);
      const end = await endOf(program);
      assert.equal(end.code, code);
      assert.doesNotMatch(end.stderr, /Error/);
      assert.equal(end.stdout, '');
    });
  }

  test('SIGTERM once connected is exit status 0', async () => {
    await place.cluster.deploy({ name: 'ended', containers: [web()] }).settled();
    const program = place.run(['deploy/ended'], { cwd });
    await program.connected(1);
    program.child.kill('SIGTERM');
    const end = await endOf(program);
    assert.equal(end.code, 0);
    assert.equal(end.stderr, '');
  });

  test('the newest Ready pod that is not terminating is used, and the others are counted', async () => {
    const { cluster } = place;
    const labels = { app: 'several' };
    const add = async (name: string, ready = true) => {
      const pod = cluster.addPod({
        name,
        labels,
        containers: [web(ready ? {} : { readyAfterMs: 60_000 })],
        terminationMs: 30_000,
      });
      if (ready) await pod.whenReady();
      // Creation times are whole seconds: the next pod's must be a later one.
      const created = kubeTime();
      await eventually(
        () => kubeTime() !== created,
        () => 'the next second',
      );
    };
    for (const name of ['old', 'newest', 'terminating']) await add(name);
    await add('unready', false);
    cluster.deletePod('terminating');
    const end = await place.toEnd(['-l', 'app=several', '--dry-run'], { cwd });
    assert.match(end.stdout, /^Would connect to web:80 of pod newest on /);
    const program = place.run(['-l', 'app=several'], { cwd });
    await program.connected(1);
    assert.deepEqual(linesOf(program.stderr()), [
      'pod newest in namespace default (context embedded); 1 other pod matches',
    ]);
    await endConnected(program);
  });

  test('a note says how many other pods there are', async () => {
    await place.cluster.deploy({ name: 'three', replicas: 3, containers: [web()] }).settled();
    const program = place.run(['deploy/three', '--no-logs'], { cwd });
    await program.connected(1);
    assert.match(program.stderr(), /^pod three-\S+ in namespace default \(context embedded\); 2 other pods match\n$/);
    await endConnected(program);
  });

  test('a workload with zero replicas is an error at once', async () => {
    place.cluster.deploy({ name: 'none', replicas: 0, containers: [web()] });
    const end = await place.toEnd(['deploy/none'], { cwd });
    assert.deepEqual(linesOf(end.stderr), [
      'Error: deployment none has zero replicas: there is no pod to connect to',
      'Hint: scale it up: kubectl scale deployment/none --replicas=1 -n default --context embedded',
    ]);
    assert.equal(end.code, 1);
  });

  test('a pod that has ended for good is not waited for: the error says how it ended', async () => {
    place.cluster.addPod({
      name: 'done',
      labels: { app: 'done' },
      restarts: false,
      containers: [web({ program: (process) => process.exit(4) })],
    });
    const end = await place.toEnd(['done'], { cwd });
    assert.deepEqual(errorOf(end), {
      error: 'pod done has ended (Failed): container web ended with exit code 4',
      hint: 'a TARGET such as deploy/NAME follows the app from pod to pod',
    });
    assert.equal(end.code, 1);
    const another = await place.toEnd(['-l', 'app=done', '--timeout', '500ms'], { cwd });
    assert.match(errorOf(another).error, /^no pod became ready within 0\.5 s: pod done has ended \(Failed\)/);
  });
});
