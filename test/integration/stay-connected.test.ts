// What the cluster does to a connection, and that nobody notices: tunnels.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { type Cluster, startCluster } from '../cluster/cluster.ts';
import type { Program as PodProgram } from '../cluster/program.ts';
import { get } from '../harness/http.ts';
import { startOpenLoop } from '../harness/open-loop.ts';
import { leftovers, type Program, runProgram } from '../harness/program.ts';
import { kubectlsUnderTest } from '../kubectls.ts';

const GREETING = "Hello World, I'm Golang!\n";

function podOf(cluster: Cluster): string {
  const name = cluster.podNames('example-go').at(-1);
  assert.ok(name !== undefined);
  return name;
}

/** One that answers with its name. */
function addWebPod(cluster: Cluster, name: string, revision = name): void {
  const program: PodProgram = async (process) => {
    // Not before the request has come: closed with it unread, the connection would be reset.
    await process.listen(
      8080,
      (socket) => void socket.once('data', () => socket.end(`HTTP/1.0 200 OK\r\n\r\n${name}`)),
    );
  };
  const labels = { app: 'web', 'pod-template-hash': revision };
  cluster.addPod({ name, labels, containers: [{ name: 'web', ports: [{ containerPort: 8080 }], program }] });
}

/** Reads until the other side ends; rejects on reset. */
function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
}

for (const kubectl of kubectlsUnderTest()) {
  describe(`staying connected with kubectl ${kubectl.version} (${kubectl.protocol})`, () => {
    let cluster: Cluster;
    let counters: Awaited<ReturnType<Cluster['addExample']>>;
    let program: Program;
    let ports: ReadonlyMap<string, number>;

    async function start(args: readonly string[] = [], changes: Parameters<Cluster['addExample']>[0] = {}) {
      cluster = await startCluster();
      counters = await cluster.addExample(changes);
      program = runProgram(['deploy/example-go', '--no-logs', ...args], {
        kubectl: kubectl.path,
        kubeconfig: cluster.kubeconfig,
      });
      ports = await program.connected(3);
    }
    async function finish() {
      const { code } = await program.end();
      assert.equal(code, 0, program.stderr());
      assert.deepEqual(leftovers(program.pid), []);
      cluster.stop();
    }
    const port = (remote: string): number => {
      const local = ports.get(remote);
      assert.ok(local !== undefined, remote);
      return local;
    };

    for (const strategy of ['RollingUpdate', 'Recreate'] as const) {
      test(`an open-loop client does not notice a ${strategy} update`, async () => {
        // Longer than a busy machine takes for an answer: what is under way when a process ends, nobody can save.
        await start([], { strategy, terminationMs: 1_000 });
        const client = startOpenLoop({ port: port('go:8080'), perSecond: 50, expect: GREETING });
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        const before = podOf(cluster);
        await cluster.rollout('example-go');
        await program.sees('stderr', new RegExp(`pod ${before} replaced by`));
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        const report = await client.finish();
        assert.deepEqual([...report.failures], []);
        assert.equal(report.answered, report.started);
        await finish();
      });
    }

    test('an open connection stays on its pod while new ones go to the new pod', async () => {
      await start([], { terminationMs: 1_500 });
      const old = podOf(cluster);
      const socket = connect(port('go:8080'), '127.0.0.1');
      const keepAlive = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
      const answers = () => new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(String(chunk))));
      socket.write(keepAlive);
      assert.match(await answers(), /200 OK/);
      const rollout = cluster.rollout('example-go');
      await program.sees('stderr', new RegExp(`pod ${old} replaced by`));
      assert.equal((await get(port('go:8080'))).body, GREETING);
      socket.write(keepAlive);
      assert.match(await answers(), /200 OK/);
      const ended = new Promise((resolve) => socket.once('close', resolve));
      socket.on('error', () => {});
      await rollout;
      await ended;
      await finish();
    });

    test('what is made while the forward to the new pod starts waits for it, though the old pod still serves', async () => {
      cluster = await startCluster();
      addWebPod(cluster, 'old');
      program = runProgram(['-l', 'app=web', '--no-logs'], { kubectl: kubectl.path, kubeconfig: cluster.kubeconfig });
      ports = await program.connected(1);
      assert.equal((await get(port('web:8080'))).body, 'old');
      const next = async (before: string, name: string) => {
        addWebPod(cluster, name);
        await program.sees('stderr', new RegExp(`pod ${before} replaced by ${name}`));
        return (await get(port('web:8080'))).body;
      };
      // On a busy machine the forward may take longer than it is waited for.
      assert.match(await next('old', 'new'), /^(?:old|new)$/);
      await get(port('web:8080'));
      cluster.delay({ resource: 'pods/portforward', ms: 5_000 });
      assert.equal(await next('new', 'newest'), 'new');
      await finish();
    });

    test('a request made before anything listens gets one answer and is counted once', async () => {
      await start();
      cluster.refusePort(podOf(cluster), 8080);
      const before = counters.go.requests;
      setTimeout(() => cluster.acceptPort(podOf(cluster), 8080), 5_000);
      const answer = await get(port('go:8080'));
      assert.deepEqual(answer, { status: 200, body: GREETING });
      assert.equal(counters.go.requests, before + 1);
      await finish();
    });

    test('a request that the application took and did not answer is not sent twice', async () => {
      await start();
      const before = counters.go.requests;
      await assert.rejects(get(port('go:8080'), '/exit?code=3'), /ECONNRESET|socket hang up/);
      assert.equal((await get(port('go:8080'))).body, GREETING);
      assert.equal(counters.go.requests, before + 2);
      await finish();
    });

    test('a connection that hangs since its container restarted is closed, an answered one is not', async () => {
      cluster = await startCluster();
      // The other container's server outlives the one that is declared to listen, and with it what that never answers.
      const helper: PodProgram = async (process) => {
        await process.listen(8080, (socket) => void socket.once('data', (data) => data[0] === 33 && socket.write('!')));
      };
      const web = { name: 'web', ports: [{ containerPort: 8080 }], program: () => {} };
      const pod = cluster.addPod({ name: 'web', containers: [web, { name: 'helper', program: helper }] }).name;
      program = runProgram([pod, '--no-logs'], { kubectl: kubectl.path, kubeconfig: cluster.kubeconfig });
      ports = await program.connected(1);
      const open = (text: string) => {
        const socket = connect(port('web:8080'), '127.0.0.1');
        socket.on('error', () => {});
        socket.write(text);
        return { socket, closed: new Promise((resolve) => socket.once('close', resolve).resume()) };
      };
      const answered = open('!');
      await new Promise((resolve) => answered.socket.once('data', resolve));
      const hung = open('?');
      // One that may have reached the next container is given a minute.
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      cluster.crash(pod, 'web');
      await program.sees('stderr', /container web of pod web runs again/);
      const waiting = open('?');
      await hung.closed;
      assert.equal(answered.socket.readyState, 'open');
      assert.equal(waiting.socket.readyState, 'open');
      waiting.socket.destroy();
      // Nor does the pod leave it behind: its kubectl ends with the pod, also one that does nothing any more.
      for (const { pid, command } of leftovers(program.pid))
        if (/ port-forward /.test(command)) process.kill(pid, 'SIGSTOP');
      cluster.deletePod(pod);
      await answered.closed;
      cluster.addPod({ name: 'web', containers: [web] });
      await finish();
    });

    test('a request that is refused while others wait for their answers is tried again alone', async () => {
      await start();
      const before = counters.go.requests;
      const others = [1, 2, 3].map(() => get(port('go:8080'), '/?delayMs=5000'));
      const cut = Promise.allSettled(others);
      while (counters.go.requests < before + others.length) await new Promise((resolve) => setTimeout(resolve, 10));
      cluster.refusePort(podOf(cluster), 8080);
      setTimeout(() => cluster.acceptPort(podOf(cluster), 8080), 1_000);
      assert.equal((await get(port('go:8080'))).body, GREETING);
      // kubectl ends at the first refusal, and the others with it: whether they reached the application cannot be known.
      await cut;
      assert.equal(counters.go.requests, before + others.length + 1);
      await finish();
    });

    test('of connections that wait, one alone finds out that a pod which ends answers no more', async () => {
      await start(['--hold', '8s'], { terminationMs: 6_000 });
      assert.equal((await get(port('go:8080'))).body, GREETING);
      const gone = cluster.scale('example-go', 0);
      await program.sees('stderr', /is being deleted/);
      // After half of the hold time they may go to the old pod, which ends before it would answer.
      const waiting = Array.from({ length: 12 }, () => get(port('go:8080'), '/?delayMs=4000'));
      setTimeout(() => void cluster.scale('example-go', 1), 5_000);
      const answers = await Promise.allSettled(waiting);
      assert.equal(answers.filter(({ status }) => status === 'rejected').length, 1);
      await gone;
      await finish();
    });

    test('a connection is closed when nothing can serve it within --hold', async () => {
      await start(['--hold', '700ms']);
      await cluster.scale('example-go', 0);
      const sinceMs = performance.now();
      await assert.rejects(get(port('go:8080')), /ECONNRESET|socket hang up/);
      // Time is meant: it waits as long as it was told to.
      assert.ok(performance.now() - sinceMs >= 600);
      await program.sees(
        'stderr',
        /^a connection to port 8080 of go was closed after 0\.7 s: (?:no pod is ready|the pod has not taken it)$/m,
      );
      // Further ones are not told, until one was answered.
      await assert.rejects(get(port('go:8080')), /ECONNRESET|socket hang up/);
      await cluster.scale('example-go', 1);
      await program.sees('stderr', /replaced by/);
      while ((await get(port('go:8080')).catch(() => undefined)) === undefined);
      await cluster.scale('example-go', 0);
      await program.sees('stderr', /(?:is being|was) deleted(?:[\s\S]*)(?:is being|was) deleted/);
      await assert.rejects(get(port('go:8080')), /ECONNRESET|socket hang up/);
      await program.sees('stderr', /(?:was closed after 0\.7 s[\s\S]*){2}/);
      assert.equal(program.stderr().match(/was closed after/g)?.length, 2);
      await finish();
    });

    test('--hold 0 refuses at once', async () => {
      await start(['--hold', '0']);
      assert.equal((await get(port('go:8080'))).body, GREETING);
      await cluster.scale('example-go', 0);
      await program.sees('stderr', /is being deleted|was deleted/);
      const sinceMs = performance.now();
      await assert.rejects(get(port('go:8080')), /ECONNRESET|socket hang up/);
      // Against waiting for the time of the default, not a measure.
      assert.ok(performance.now() - sinceMs < 15_000);
      await finish();
    });

    test('scaled to zero and back, the local ports are the same and work again', async () => {
      await start();
      await cluster.scale('example-go', 0);
      const waiting = get(port('multi-port:81'));
      await cluster.scale('example-go', 1);
      assert.equal((await waiting).status, 200);
      assert.equal((await get(port('go:8080'))).body, GREETING);
      await finish();
    });

    test('a client that half-closes gets an answer that takes its time', async () => {
      await start();
      const socket = connect({ port: port('go:8080'), host: '127.0.0.1', allowHalfOpen: true });
      const answer = readAll(socket);
      socket.end('GET /?delayMs=3000 HTTP/1.0\r\n\r\n');
      assert.match(await answer, /Hello World/);
      await finish();
    });

    test('the API server goes and comes back: told once each, the tunnels work again', async () => {
      await start();
      cluster.stopApi();
      await program.sees('stderr', /the API server does not answer/);
      const waiting = get(port('go:8080'));
      await cluster.startApi();
      assert.equal((await waiting).body, GREETING);
      await program.sees('stderr', /the API server answers again/);
      assert.equal(program.stderr().match(/the API server does not answer/g)?.length, 1, program.stderr());
      await finish();
    });

    test('a port that failed with its pod is told of only if it still fails on the next one', async () => {
      await start([], { terminationMs: 2_000 });
      const replace = async () => {
        const before = podOf(cluster);
        const gone = cluster.scale('example-go', 0);
        await program.sees('stderr', new RegExp(`pod ${before} is being deleted`));
        // As with old kubelets, which forward no more to what has ended: each new kubectl fails, several times.
        cluster.fail({ resource: 'pods/portforward', status: 500 });
        cluster.cutStreams({ kind: 'portforward', how: 'drop' });
        await gone;
        cluster.clearFaults();
        await cluster.scale('example-go', 1);
      };
      await replace();
      for (const name of ports.keys()) await get(port(name));
      assert.doesNotMatch(program.stderr(), /reached/);
      await replace();
      cluster.refusePort(podOf(cluster), 8080);
      const waiting = get(port('go:8080'));
      await program.sees('stderr', /port 8080 of go cannot be reached/);
      assert.doesNotMatch(program.stderr(), /can be reached again/);
      cluster.acceptPort(podOf(cluster), 8080);
      await waiting;
      await program.sees('stderr', /port 8080 of go can be reached again/);
      await finish();
    });

    test('what waited for the API server does not go to a pod that was deleted meanwhile', async () => {
      cluster = await startCluster();
      addWebPod(cluster, 'old');
      program = runProgram(['-l', 'app=web', '--no-logs'], { kubectl: kubectl.path, kubeconfig: cluster.kubeconfig });
      ports = await program.connected(1);
      assert.equal((await get(port('web:8080'))).body, 'old');
      cluster.stopApi();
      await program.sees('stderr', /the API server does not answer/);
      const waiting = Array.from({ length: 5 }, () => get(port('web:8080')));
      cluster.deletePod('old', { graceMs: 3_000 });
      addWebPod(cluster, 'new');
      // The forward to the old pod is there first.
      cluster.delay({ verb: 'list', resource: 'pods', ms: 1_000 });
      await cluster.startApi();
      const bodies = (await Promise.all(waiting)).map(({ body }) => body);
      assert.deepEqual(
        bodies,
        Array.from(bodies, () => 'new'),
      );
      await finish();
    });

    test('what waited for the API server is not misled by news of another pod', async () => {
      cluster = await startCluster();
      addWebPod(cluster, 'used', '1');
      program = runProgram(['-l', 'app=web', '--no-logs'], { kubectl: kubectl.path, kubeconfig: cluster.kubeconfig });
      ports = await program.connected(1);
      addWebPod(cluster, 'other', '1');
      assert.equal((await get(port('web:8080'))).body, 'used');
      cluster.stopApi();
      await program.sees('stderr', /the API server does not answer/);
      const waiting = Array.from({ length: 5 }, () => get(port('web:8080')));
      cluster.deletePod('used', { graceMs: 3_000 });
      // The forward is there first, then the other pod is named, which goes before in the list.
      cluster.delay({ verb: 'list', resource: 'pods', ms: 1_000 });
      await cluster.startApi();
      assert.deepEqual(
        (await Promise.all(waiting)).map(({ body }) => body),
        waiting.map(() => 'other'),
      );
      await finish();
    });

    test('what waited for the API server does not wait for ever for news of the pod', async () => {
      await start();
      cluster.stopApi();
      await program.sees('stderr', /the API server does not answer/);
      const waiting = get(port('go:8080'));
      cluster.delay({ verb: 'list', resource: 'pods', ms: 20_000 });
      await cluster.startApi();
      const startedMs = performance.now();
      assert.equal((await waiting).body, GREETING);
      assert.ok(performance.now() - startedMs < 15_000);
      await finish();
    });

    test('the watch may end or expire: a replacement is still seen', async () => {
      await start();
      for (const disturb of [() => cluster.endWatches(), () => cluster.expireWatches()]) {
        const old = podOf(cluster);
        disturb();
        cluster.deletePod(old);
        await program.sees('stderr', new RegExp(`pod ${old} replaced by`));
        assert.equal((await get(port('go:8080'))).body, GREETING);
      }
      await finish();
    });

    test('where pods may be listed and not watched, a replacement is seen all the same', async () => {
      cluster = await startCluster();
      await cluster.addExample();
      cluster.fail({ verb: 'watch', resource: 'pods', status: 403 });
      const run = ['deploy/example-go', '--no-logs'];
      program = runProgram(run, { kubectl: kubectl.path, kubeconfig: cluster.kubeconfig });
      ports = await program.connected(3);
      await program.sees('stderr', /Warning: the pods cannot be watched/);
      const old = podOf(cluster);
      cluster.deletePod(old);
      assert.equal((await get(port('go:8080'))).body, GREETING);
      await program.sees('stderr', new RegExp(`pod ${old} replaced by`));
      assert.equal(program.stderr().match(/cannot be watched/g)?.length, 1);
      assert.doesNotMatch(program.stderr(), /API server/);
      await finish();
    });

    test('of two replicas, the session stays on its own while the other one is replaced', async () => {
      await start([], { replicas: 2 });
      const used = /^pod (\S+) in namespace \S+ \(context \S+\);/m.exec(program.stderr())?.[1];
      const other = cluster.podNames('example-go').find((name) => name !== used);
      assert.ok(used !== undefined && other !== undefined);
      cluster.deletePod(other);
      await cluster.workload('example-go').settled();
      cluster.deletePod(used);
      await program.sees('stderr', new RegExp(`pod ${used} replaced by`));
      assert.doesNotMatch(program.stderr(), new RegExp(`pod ${other} replaced`));
      await finish();
    });
  });
}
