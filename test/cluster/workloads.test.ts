// What the simulated controllers and pods do, seen through kubectl or the cluster's own interface.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { type Cluster, startCluster } from './cluster.ts';
import type { SimPod } from './pod.ts';
import { echoProgram, tickProgram } from './programs.ts';
import { availableKubectls, Kubectl } from './run-kubectl.ts';
import { serveCluster } from './served-cluster.ts';
import type { DeployOptions } from './workload.ts';

const KUBECTL = availableKubectls().at(-1) ?? 'kubectl';

async function withCluster(act: (cluster: Cluster, kubectl: Kubectl) => Promise<void>): Promise<void> {
  const cluster = await startCluster({ removeAfterMs: 10 });
  const kubectl = new Kubectl(KUBECTL, cluster.kubeconfig);
  try {
    await act(cluster, kubectl);
  } finally {
    cluster.stop();
    kubectl.remove();
  }
}

const CONTAINERS: DeployOptions['containers'] = [{ name: 'main', program: echoProgram(7000) }];

function only(pods: readonly SimPod[]): SimPod {
  assert.equal(pods.length, 1);
  const [pod] = pods;
  assert.ok(pod !== undefined);
  return pod;
}

test('Recreate ends the old pod before the new one is made', async () => {
  await withCluster(async (cluster) => {
    const app = cluster.deploy({ name: 'app', strategy: 'Recreate', terminationMs: 10, containers: CONTAINERS });
    await app.settled();
    const old = only(app.pods);
    const done = cluster.rollout('app');
    let together = 0;
    while (app.pods.length > 0 && !old.gone) {
      together = Math.max(together, app.pods.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await done;
    assert.equal(together, 1);
    assert.notEqual(only(app.pods).name, old.name);
  });
});

test('a StatefulSet keeps the names of its pods over deletes, rollouts and scaling', async () => {
  await withCluster(async (cluster) => {
    const db = cluster.deploy({
      name: 'db',
      kind: 'StatefulSet',
      replicas: 2,
      terminationMs: 10,
      containers: CONTAINERS,
    });
    await db.settled();
    const uids = () => db.pods.map(({ uid }) => uid);
    const names = () => cluster.podNames('db').toSorted();
    const first = uids();
    assert.deepEqual(names(), ['db-0', 'db-1']);
    await cluster.rollout('db');
    assert.deepEqual(names(), ['db-0', 'db-1']);
    assert.deepEqual(
      uids().filter((uid) => first.includes(uid)),
      [],
    );
    const [zero] = db.pods.filter(({ name }) => name === 'db-0');
    cluster.deletePod('db-0');
    await db.settled();
    assert.notEqual(cluster.pod('db-0').uid, zero?.uid);
    await cluster.scale('db', 1);
    assert.deepEqual(names(), ['db-0']);
  });
});

test('a deleted, evicted or scaled Deployment comes back to its replicas', async () => {
  await withCluster(async (cluster) => {
    const app = cluster.deploy({ name: 'app', replicas: 2, terminationMs: 10, containers: CONTAINERS });
    await app.settled();
    const [first = '', second = ''] = cluster.podNames('app');
    cluster.deletePod(first);
    await app.settled();
    assert.equal(cluster.podNames('app').includes(second), true);
    cluster.evict(second);
    await app.settled();
    assert.equal(cluster.pod(second).phase, 'Failed');
    await cluster.scale('app', 0);
    await cluster.scale('app', 3);
    assert.equal(app.pods.filter(({ ready }) => ready).length, 3);
  });
});

test('a container that always fails backs off and counts its restarts', async () => {
  await withCluster(async (cluster, kubectl) => {
    const outputs: number[] = [];
    const pod = cluster.addPod({
      name: 'loop',
      containers: [
        {
          name: 'main',
          restartDelaysMs: [1, 1, 60_000],
          program: (process) => {
            outputs.push(process.instance);
            process.log(`instance ${process.instance}\n`);
            process.exit(7);
          },
        },
      ],
    });
    // By selector: of a pod that it was given by name, kubectl drops what changes between its get and its watch.
    const watch = kubectl.start(
      ...['get', 'pods', '--field-selector=metadata.name=loop', '-o', 'json', '--watch', '--output-watch-events'],
    );
    const [, message] = await watch.printed(
      /"restartCount":2,.*"waiting":\{"message":"(back-off[^"]*)","reason":"CrashLoopBackOff"\}.*\n/,
    );
    assert.equal(message, `back-off 20s restarting failed container=main pod=loop_default(${pod.uid})`);
    watch.child.kill();
    assert.deepEqual(outputs, [0, 1, 2]);
    for (const flag of [[], ['--previous']]) {
      assert.equal((await kubectl.run('logs', 'loop', ...flag)).stdout, 'instance 2\n');
    }
    assert.equal(pod.ready, false);
    assert.equal(pod.containers[0]?.restartCount, 2);
  });
});

test('sidecars run beside the main containers, init containers before them', async () => {
  await withCluster(async (cluster, kubectl) => {
    const order: string[] = [];
    const pod = cluster.addPod({
      name: 'layered',
      containers: [
        {
          name: 'proxy',
          role: 'sidecar',
          ports: [{ containerPort: 9000, name: 'admin' }],
          program: () => void order.push('proxy'),
        },
        { name: 'setup', role: 'init', program: () => void order.push('setup') },
        { name: 'main', ports: [{ containerPort: 53, protocol: 'UDP' }], program: () => void order.push('main') },
      ],
    });
    await pod.whenReady();
    assert.deepEqual(order, ['proxy', 'setup', 'main']);
    const { stdout } = await kubectl.run('get', 'pod', 'layered', '-o', 'json');
    const { spec, status } = JSON.parse(stdout);
    assert.deepEqual(
      spec.initContainers.map(({ restartPolicy }: { restartPolicy?: string }) => restartPolicy),
      ['Always', undefined],
    );
    assert.deepEqual(spec.containers[0].ports, [{ containerPort: 53, protocol: 'UDP' }]);
    assert.equal(status.initContainerStatuses[1].state.terminated.reason, 'Completed');
  });
});

test('readiness can be late, taken away and given back', async () => {
  await withCluster(async (cluster, kubectl) => {
    const pod = cluster.addPod({ name: 'late', containers: [{ name: 'main', readyAfterMs: 50 }] });
    const waiting = kubectl.run('wait', '--for=condition=Ready', 'pod/late', '--timeout=10s');
    assert.equal(pod.ready, false);
    assert.equal((await waiting).code, 0);
    cluster.setReady('late', false);
    const { stdout } = await kubectl.run(
      'get',
      'pod',
      'late',
      '-o',
      'jsonpath={.status.conditions[?(@.type=="Ready")].status}',
    );
    assert.equal(stdout, 'False');
    cluster.setReady('late', true);
    assert.equal(pod.ready, true);
  });
});

test('a pod that cannot be scheduled or pulled stays Pending and says why', async () => {
  await withCluster(async (cluster, kubectl) => {
    cluster.addPod({ name: 'homeless', unschedulable: '0/1 nodes are available', containers: CONTAINERS });
    cluster.addPod({ name: 'imageless', containers: [{ name: 'main', waiting: { reason: 'ImagePullBackOff' } }] });
    const watch = kubectl.start('get', 'pods', '--watch');
    await watch.printed(/imageless .*ImagePullBackOff/);
    watch.child.kill();
    const { stdout } = await kubectl.run(
      'get',
      'pod',
      'homeless',
      '-o',
      'jsonpath={.status.phase} {.status.conditions[0].message}',
    );
    assert.equal(stdout, 'Pending 0/1 nodes are available');
    const forward = await kubectl.run('port-forward', 'pod/homeless', ':7000');
    assert.equal(forward.stderr, 'error: unable to forward port because pod is not running. Current status=Pending\n');
  });
});

test('a port can be refused and accepted again while its program runs', async () => {
  await withCluster(async (cluster) => {
    const pod = cluster.addPod({ name: 'app', containers: CONTAINERS });
    await pod.whenReady();
    cluster.refusePort('app', 7000);
    assert.equal(pod.resolvePort(7000).kind, 'refused');
    cluster.acceptPort('app', 7000);
    assert.equal(pod.resolvePort(7000).kind, 'port');
  });
});

test('a reset by the server in the pod is told as one', async () => {
  await withCluster(async (cluster, kubectl) => {
    const program: DeployOptions['containers'][number]['program'] = (process) =>
      process.listen(7000, (socket) => void socket.once('data', () => socket.resetAndDestroy()));
    await cluster.addPod({ name: 'rude', containers: [{ name: 'main', program }] }).whenReady();
    const forward = await kubectl.forward('rude', 7000);
    const socket = connect(forward.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('hello');
    await once(socket, 'close');
    assert.equal(await forward.ended, 1);
    assert.match(forward.stderr(), /read: connection reset by peer/);
  });
});

test('a server that does not read holds its client back', async () => {
  await withCluster(async (cluster, kubectl) => {
    await cluster
      .addPod({
        name: 'deaf',
        containers: [{ name: 'main', program: (process) => process.listen(7000, (socket) => void socket.pause()) }],
      })
      .whenReady();
    const forward = await kubectl.forward('deaf', 7000);
    const socket = connect(forward.port, '127.0.0.1');
    socket.on('error', () => {});
    const piece = Buffer.alloc(1024 * 1024);
    let written = 0;
    while (socket.write(piece) || (await drainedWithin(socket, 500))) written += piece.length;
    assert.ok(written < 64 * 1024 * 1024, `${written} bytes went through`);
    socket.destroy();
    await forward.stop();
  });
});

/** Only time shows that nothing more is taken; on a busy machine less has gone through by then, not more. */
function drainedWithin(socket: import('node:net').Socket, ms: number): Promise<boolean> {
  return Promise.race([
    once(socket, 'drain').then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), ms)),
  ]);
}

test('kubectl can delete pods, restart and scale workloads', async () => {
  await withCluster(async (cluster, kubectl) => {
    await cluster.addExample({ terminationMs: 10 });
    const [first = ''] = cluster.podNames('example-go');
    assert.equal((await kubectl.run('delete', 'pod', first)).stdout.startsWith(`pod "${first}" deleted`), true);
    await cluster.workload('example-go').settled();
    const [second] = cluster.podNames('example-go');
    assert.notEqual(second, first);
    assert.equal((await kubectl.run('rollout', 'restart', 'deploy/example-go')).code, 0);
    assert.equal((await kubectl.run('rollout', 'status', 'deploy/example-go', '--timeout=10s')).code, 0);
    assert.equal((await kubectl.run('scale', 'deploy/example-go', '--replicas=2')).code, 0);
    await cluster.workload('example-go').settled();
    assert.equal(cluster.podNames('example-go').length, 2);
    assert.equal(cluster.podNames('example-go').includes(second ?? ''), false);
  });
});

test('a stopped kubelet ends logs as if complete and refuses new ones', async () => {
  await withCluster(async (cluster, kubectl) => {
    const pod = cluster.addPod({ name: 'app', containers: [{ name: 'main', program: tickProgram(10) }] });
    await pod.whenReady();
    const follow = kubectl.start('logs', '-f', 'app');
    await follow.printed(/tick 2/);
    cluster.stopKubelet();
    assert.equal(await follow.ended, 0);
    assert.match((await kubectl.run('logs', 'app')).stderr, /^Error from server: Get .*connect: connection refused\n$/);
    cluster.startKubelet();
    assert.match((await kubectl.run('logs', 'app', '--tail=1')).stdout, /^tick \d+\n$/);
  });
});

test('a burst of lines is numbered, stamped and of the asked length', async () => {
  await withCluster(async (cluster, kubectl) => {
    await cluster.addPod({ name: 'app', containers: [{ name: 'main' }] }).whenReady();
    const log = cluster.logs('app', 'main');
    log.write('before\n', 1n);
    log.burst(10_000, { lineBytes: 100 });
    log.writeLines(1, { prefix: 'after' });
    const { stdout } = await kubectl.run('logs', 'app', '--timestamps');
    const lines = stdout.split('\n').slice(1, -2);
    assert.equal(lines.length, 10_000);
    let last = '';
    for (const [index, line] of lines.entries()) {
      assert.equal(line.length, 31 + 99);
      assert.equal(line.slice(31, 47), `line ${String(index + 1).padStart(10, '0')} `);
      assert.ok(line.slice(0, 30) > last);
      last = line.slice(0, 30);
    }
    const tail = (await kubectl.run('logs', 'app', '--tail=5001')).stdout.split('\n');
    assert.deepEqual([tail[0]?.slice(0, 15), tail.at(-2)], ['line 0000005001', 'after 1']);
  });
});

test('a cluster in a process of its own takes orders and ends with its parent, leaving nothing behind', async () => {
  const served = await serveCluster({ webSocket: false });
  const [pod] = (await served.order('podNames', 'example-go')) as string[];
  await served.order('writeLog', pod, 'go', 'ordered from outside\n');
  const kubectl = new Kubectl(KUBECTL, served.kubeconfig);
  assert.match((await kubectl.run('logs', pod ?? '', '-c', 'go', '--tail=1')).stdout, /^ordered from outside\n$/);
  await served.order('rollout', 'example-go');
  assert.notDeepEqual(await served.order('podNames', 'example-go'), [pod]);
  await assert.rejects(served.order('dance'), /no order dance/);
  await served.stop();
  assert.equal(existsSync(served.kubeconfig), false);
  kubectl.remove();
});

test('a late close is heard of as late as ordered', async () => {
  const cluster = await startCluster({ closeDelayMs: 300 });
  const kubectl = new Kubectl(KUBECTL, cluster.kubeconfig);
  const program: DeployOptions['containers'][number]['program'] = (process) =>
    process.listen(7000, (socket) => void socket.end('bye'));
  await cluster.addPod({ name: 'app', containers: [{ name: 'main', program }] }).whenReady();
  const forward = await kubectl.forward('app', 7000);
  const socket = connect(forward.port, '127.0.0.1');
  await once(socket, 'data').then(([chunk]) => assert.equal(String(chunk), 'bye'));
  const heardAt = performance.now();
  await text(socket);
  // The order is about time, so time is looked at: only that it is not too short.
  assert.ok(performance.now() - heardAt > 200);
  await forward.stop();
  cluster.stop();
  kubectl.remove();
});
