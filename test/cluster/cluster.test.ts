// The embedded cluster under the real kubectl: what it answers, and that its orders do what they say.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { type Cluster, startCluster } from './cluster.ts';
import { echoProgram } from './programs.ts';
import { availableKubectls, Kubectl } from './run-kubectl.ts';

const SPEAKS_WEB_SOCKET = /1\.3[1-9]/;

async function withCluster<T>(
  program: string,
  options: Parameters<typeof startCluster>[0],
  act: (cluster: Cluster, kubectl: Kubectl) => Promise<T>,
): Promise<T> {
  const cluster = await startCluster(options);
  const kubectl = new Kubectl(program, cluster.kubeconfig);
  try {
    return await act(cluster, kubectl);
  } finally {
    cluster.stop();
    kubectl.remove();
  }
}

function podOf(cluster: Cluster, workload = 'example-go'): string {
  const [name] = cluster.podNames(workload);
  assert.ok(name !== undefined);
  return name;
}

async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

for (const program of availableKubectls()) {
  describe(`with ${program}`, () => {
    let cluster: Cluster;
    let kubectl: Kubectl;
    before(async () => {
      cluster = await startCluster();
      kubectl = new Kubectl(program, cluster.kubeconfig);
      await cluster.addExample();
      cluster.addPod({
        name: 'other',
        labels: { tier: 'db', app: 'other' },
        containers: [
          { name: 'main', ports: [{ containerPort: 7000 }], program: echoProgram(7000) },
          { name: 'slow', waiting: { reason: 'ContainerCreating' } },
        ],
      });
      cluster.addService({ name: 'web', selector: { draft: 'example-go' }, ports: [{ port: 80, targetPort: 8080 }] });
    });
    after(() => {
      cluster.stop();
      kubectl.remove();
    });

    test('kinds are found under their full, short and plural names', async () => {
      for (const name of ['deploy/example-go', 'deployment/example-go', 'deployments.apps/example-go', 'svc/web']) {
        const { stdout, code } = await kubectl.run('get', name, '-o', 'name');
        assert.equal(code, 0);
        assert.match(stdout, /example-go|web/);
      }
    });

    const selections: [string[], string[]][] = [
      [['-l', 'draft=example-go'], ['example-go']],
      [['-l', 'tier==db'], ['other']],
      [['-l', 'draft!=example-go'], ['other']],
      [['-l', 'tier in (web, db)'], ['other']],
      [['-l', 'tier notin (db),draft'], ['example-go']],
      [['-l', '!tier'], ['example-go']],
      [['-l', 'app=other,tier'], ['other']],
      [['-l', 'app=nobody'], []],
      [['--field-selector', 'metadata.name=other'], ['other']],
      [['--field-selector', 'status.phase!=Running'], []],
      [['-n', 'nowhere'], []],
    ];
    test('lists hold what the selectors ask for', async () => {
      for (const [args, expected] of selections) {
        const { stdout } = await kubectl.run('get', 'pods', ...args, '-o', 'json');
        const { items } = JSON.parse(stdout) as { items: { metadata: { name: string } }[] };
        assert.deepEqual(
          items.map(({ metadata }) => metadata.name.replace(/-[a-z0-9]+-[a-z0-9]+$/, '')),
          expected,
          args.join(' '),
        );
      }
    });

    test('people get a table', async () => {
      const { stdout } = await kubectl.run('get', 'pods', '-l', 'draft=example-go');
      assert.match(stdout, /^NAME +READY +STATUS +RESTARTS +AGE\n\S+ +2\/2 +Running +0 +\d+s/);
    });

    const failures: [string[], RegExp][] = [
      [['get', 'pod', 'nope'], /^Error from server \(NotFound\): pods "nope" not found\n$/],
      [['get', 'pods', '-l', 'a b'], /unable to parse requirement/],
      [['get', 'nopes'], /^error: the server doesn't have a resource type "nopes"\n$/],
      [
        ['logs', 'other', '-c', 'slow'],
        /^Error from server \(BadRequest\): container "slow" in pod "other" is waiting to start: ContainerCreating\n$/,
      ],
      [['logs', 'other', '-c', 'abc'], /^error: container abc is not valid for pod other( out of: main, slow)?\n$/],
      [['logs', 'other', '-c', 'main', '--previous'], /previous terminated container "main" in pod "other" not found/],
      [['port-forward', 'pod/nope', ':1'], /^Error from server \(NotFound\): pods "nope" not found\n$/],
    ];
    test("failures are told in kubectl's own words", async () => {
      for (const [args, message] of failures) {
        const { stderr, code } = await kubectl.run(...args);
        assert.match(stderr, message, args.join(' '));
        assert.equal(code, 1);
      }
    });

    test('log flags choose lines as kubelet does', async () => {
      const log = cluster.logs('other', 'main');
      const second = BigInt(Date.UTC(2030, 0, 1)) * 1_000_000n;
      log.write('one\n', second - 1n);
      log.write('two\nthree\n', second + 5n);
      log.write('\n', second + 5n);
      log.write(Buffer.from([0xff, 0x00, 0x1b, 0x0a]), second + 1_500_000_000n);
      const lines = async (...args: string[]) => (await kubectl.run('logs', 'other', '-c', 'main', ...args)).stdout;
      assert.equal(await lines(), 'one\ntwo\nthree\n\n\ufffd\0\x1b\n');
      assert.equal(await lines('--tail=3'), 'three\n\n\ufffd\0\x1b\n');
      assert.equal(await lines('--tail=0'), '');
      assert.equal(await lines('--since-time=2030-01-01T00:00:00Z', '--tail=100'), 'two\nthree\n\n\ufffd\0\x1b\n');
      assert.equal(await lines('--since-time=2030-01-01T00:00:01Z'), '\ufffd\0\x1b\n');
      assert.equal(
        await lines('--timestamps', '--tail=4', '--since-time=2030-01-01T00:00:00Z', '--limit-bytes=66'),
        '2030-01-01T00:00:00.000000005Z two\n2030-01-01T00:00:00.000000005Z ',
      );
      log.rotate();
      log.write('after the rotation\n', second + 2_000_000_000n);
      assert.equal(await lines(), 'after the rotation\n');
    });
  });

  describe(`port-forward with ${program}`, () => {
    const transports = SPEAKS_WEB_SOCKET.test(program) ? [{}, { webSocket: false }] : [{}];
    for (const options of transports) {
      const over = SPEAKS_WEB_SOCKET.test(program) && !('webSocket' in options) ? 'WebSocket' : 'SPDY';

      test(`50 connections at once over ${over} are all answered, byte for byte`, async () => {
        await withCluster(program, options, async (cluster, kubectl) => {
          cluster.deploy({ name: 'echo', containers: [{ name: 'echo', program: echoProgram(7000) }] });
          await cluster.workload('echo').settled();
          const forward = await kubectl.forward(podOf(cluster, 'echo'), 7000);
          const payload = Buffer.alloc(300_001, 'some bytes that do not line up with four ');
          const echoes = Array.from({ length: 50 }, async () => {
            const socket = await dial(forward.port);
            const received: Buffer[] = [];
            socket.write(payload);
            let length = 0;
            for await (const chunk of socket) {
              received.push(chunk as Buffer);
              length += (chunk as Buffer).length;
              if (length >= payload.length) break;
            }
            return Buffer.concat(received).equals(payload);
          });
          assert.deepEqual(new Set(await Promise.all(echoes)), new Set([true]));
          const upgrade = cluster.requests.find((request) => request.subresource === 'portforward' && request.upgraded);
          assert.equal(upgrade?.method, over === 'SPDY' ? 'POST' : 'GET');
          await forward.stop();
        });
      });

      test(`HTTP works over ${over}, and each request is logged`, async () => {
        await withCluster(program, options, async (cluster, kubectl) => {
          const counters = await cluster.addExample();
          const pod = podOf(cluster);
          for (const port of [80, 81]) {
            const forward = await kubectl.forward(pod, port);
            const response = await fetch(`http://127.0.0.1:${forward.port}/`);
            assert.match(await response.text(), new RegExp(`site on port ${port}`));
            await forward.stop();
          }
          assert.equal(counters.multiPort.requests, 2);
          const { stdout } = await kubectl.run('logs', pod, '-c', 'multi-port');
          assert.match(stdout, /^(127\.0\.0\.1 - - \[.*\] "GET \/ HTTP\/1\.1" 200 .*\n){2}$/);
        });
      });

      test(`a server's close ends the connection over ${over}, after what it said`, async () => {
        await withCluster(program, options, async (cluster, kubectl) => {
          cluster.addPod({
            name: 'talker',
            containers: [
              { name: 'main', program: (process) => process.listen(7000, (socket) => void socket.end('bye\n')) },
            ],
          });
          await cluster.pod('talker').whenReady();
          const forward = await kubectl.forward('talker', 7000);
          const socket = await dial(forward.port);
          assert.equal(await text(socket), 'bye\n');
          await forward.stop();
        });
      });

      test(`a client's half-close reaches the server over ${over}`, async () => {
        await withCluster(program, options, async (cluster, kubectl) => {
          let heard = (_text: string) => {};
          const all = new Promise<string>((resolve) => {
            heard = resolve;
          });
          cluster.addPod({
            name: 'listener',
            containers: [
              { name: 'main', program: (process) => process.listen(7000, async (socket) => heard(await text(socket))) },
            ],
          });
          await cluster.pod('listener').whenReady();
          const forward = await kubectl.forward('listener', 7000);
          (await dial(forward.port)).end('question');
          assert.equal(await all, 'question');
          await forward.stop();
        });
      });

      test(`a refused port is told over ${over} and closes the client without a byte`, async () => {
        await withCluster(program, options, async (cluster, kubectl) => {
          await cluster.addExample();
          const forward = await kubectl.forward(podOf(cluster), 9999);
          const socket = await dial(forward.port);
          socket.on('error', () => {});
          assert.equal(await text(socket).catch(() => ''), '');
          if (!/1\.2[0-6]/.test(program)) assert.equal(await forward.ended, 1);
          assert.match(
            forward.stderr(),
            // kubectl 1.37 names the ports at the end of the line instead.
            /an error occurred forwarding.*error forwarding port 9999 to pod [0-9a-f]+, uid : failed to execute portforward in network namespace .*connect: connection refused/i,
          );
          await forward.stop();
        });
      });

      test(`a forward that is cut over ${over} is lost with its open connections`, async () => {
        for (const how of ['end', 'reset'] as const) {
          await withCluster(program, options, async (cluster, kubectl) => {
            await cluster.addExample();
            const forward = await kubectl.forward(podOf(cluster), 8080);
            const socket = await dial(forward.port);
            socket.on('error', () => {});
            socket.write('GET / HTTP/1.1\r\nHost: pod\r\n\r\n');
            await once(socket, 'data');
            assert.equal(cluster.cutStreams({ kind: 'portforward', how }), 1);
            await text(socket).catch(() => '');
            assert.equal(await forward.ended, /1\.2[0-6]/.test(program) ? 0 : 1);
            assert.match(forward.stderr(), /lost connection to pod/);
          });
        }
      });

      test(`a deleted pod is noticed by the next client over ${over}`, async () => {
        await withCluster(program, options, async (cluster, kubectl) => {
          await cluster.addExample();
          const pod = podOf(cluster);
          const forward = await kubectl.forward(pod, 8080);
          await cluster.scale('example-go', 0);
          const socket = await dial(forward.port);
          socket.on('error', () => {});
          assert.equal(await text(socket).catch(() => ''), '');
          if (!/1\.2[0-6]/.test(program)) assert.equal(await forward.ended, 1);
          assert.match(forward.stderr(), /failed to find sandbox/);
          await forward.stop();
        });
      });
    }
  });

  describe(`orders with ${program}`, () => {
    test('a rolling update shows the new pod ready before the old one terminates', async () => {
      await withCluster(program, {}, async (cluster, kubectl) => {
        await cluster.addExample();
        const old = podOf(cluster);
        const watch = kubectl.start('get', 'pods', '-o', 'json', '--watch', '--output-watch-events');
        await watch.printed(/"ADDED"/);
        await cluster.rollout('example-go');
        const fresh = podOf(cluster);
        await watch.printed(/"DELETED".*\n/);
        watch.child.kill();
        await watch.ended;
        const told = watch.output.stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as WatchLine)
          .map(({ type, object }) => `${type} ${object.metadata.name === old ? 'old' : 'new'} ${describePod(object)}`);
        assert.notEqual(fresh, old);
        assert.deepEqual(
          told.filter((line, index) => line !== told[index - 1]),
          [
            'ADDED old Running ready',
            'ADDED new Pending',
            'MODIFIED new Pending',
            'MODIFIED new Running',
            'MODIFIED new Running ready',
            'MODIFIED old Running ready terminating',
            'MODIFIED old Succeeded terminating',
            'DELETED old Succeeded terminating',
          ],
        );
      });
    });

    test('a crashed container is restarted: its followed log ends, its lines are the previous ones', async () => {
      await withCluster(program, {}, async (cluster, kubectl) => {
        await cluster.addExample();
        const pod = podOf(cluster);
        const follow = kubectl.start('logs', '-f', pod, '-c', 'go');
        await follow.printed(/listening/);
        cluster.logs(pod, 'go').write('last words without an end');
        cluster.crash(pod, 'go', { exitCode: 3, restartAfterMs: 1 });
        assert.equal(await follow.ended, 0);
        assert.equal(follow.output.stdout, 'listening on :8080\nlast words without an end');
        await cluster.pod(pod).whenReady();
        const previous = await kubectl.run('logs', pod, '-c', 'go', '--previous');
        assert.match(previous.stdout, /last words/);
        const { stdout } = await kubectl.run('get', 'pod', pod, '-o', 'jsonpath={.status.containerStatuses[0]}');
        const status = JSON.parse(stdout) as { restartCount: number; lastState: { terminated: { exitCode: number } } };
        assert.deepEqual([status.restartCount, status.lastState.terminated.exitCode], [1, 3]);
        cluster.logs(pod, 'go', 'previous').lost = true;
        const lost = await kubectl.run('logs', pod, '-c', 'go', '--previous');
        assert.match(lost.stdout, /^unable to retrieve container logs for containerd:\/\/[0-9a-f]{64}/);
        assert.equal(lost.code, 0);
      });
    });

    test('a log stream is cut after exactly the bytes that were ordered', async () => {
      const cases = [
        { how: 'end', code: 0, stderr: /^$/ },
        { how: 'drop', code: 1, stderr: /unexpected EOF/ },
        { how: 'reset', code: 1, stderr: /connection reset by peer|unexpected EOF/ },
      ] as const;
      for (const { how, code, stderr } of cases) {
        await withCluster(program, {}, async (cluster, kubectl) => {
          await cluster.addExample();
          const pod = podOf(cluster);
          const follow = kubectl.start('logs', '-f', pod, '-c', 'go');
          await follow.printed(/listening.*\n/);
          assert.equal(cluster.cutStreams({ kind: 'logs', container: 'go', how, afterBytes: 4 }), 1);
          cluster.logs(pod, 'go').write('aé€z\n');
          assert.equal(await follow.ended, code, how);
          assert.match(follow.output.stderr, stderr);
          assert.equal(follow.output.stdout, 'listening on :8080\naé\ufffd');
        });
      }
    });

    test('a stopped API cuts watches and forwards and refuses calls; after its return all is as before', async () => {
      await withCluster(program, {}, async (cluster, kubectl) => {
        await cluster.addExample();
        const watch = kubectl.start('get', 'pods', '-o', 'json', '--watch', '--output-watch-events');
        await watch.printed(/"ADDED"/);
        const forward = await kubectl.forward(podOf(cluster), 8080);
        cluster.stopApi();
        assert.equal(await watch.ended, 0);
        await forward.ended;
        assert.match(forward.stderr(), /lost connection to pod/);
        const refused = await kubectl.run('get', 'pods');
        assert.match(refused.stderr, /The connection to the server 127\.0\.0\.1:\d+ was refused/);
        await cluster.startApi();
        assert.equal((await kubectl.run('get', 'pods', '-o', 'name')).stdout, `pod/${podOf(cluster)}\n`);
      });
    });

    test('an API that is stopped with a grace period refuses calls while open streams go on until its end', async () => {
      await withCluster(program, {}, async (cluster, kubectl) => {
        await cluster.addExample();
        const pod = podOf(cluster);
        const follow = kubectl.start('logs', '-f', pod, '-c', 'go');
        await follow.printed(/listening/);
        cluster.stopApi(700);
        assert.match((await kubectl.run('get', 'pods')).stderr, /was refused/);
        cluster.logs(pod, 'go').write('still here\n');
        await follow.printed(/still here/);
        assert.equal(await follow.ended, 1);
      });
    });

    test('a server without SPDY and WebSocket cannot be forwarded to', async () => {
      await withCluster(program, { spdy: false, webSocket: false }, async (cluster, kubectl) => {
        await cluster.addExample();
        const { stderr, code } = await kubectl.run('port-forward', `pod/${podOf(cluster)}`, ':8080');
        assert.match(stderr, /^error: (error upgrading connection: )?.*unable to upgrade/);
        assert.equal(code, 1);
      });
    });

    test('ordered delays hold back the requests they name, and no others', async () => {
      await withCluster(program, {}, async (cluster, kubectl) => {
        await cluster.addExample();
        cluster.delay({ verb: 'list', resource: 'pods', ms: 400, times: 1 });
        // The order is about time, so time is looked at: only that it is not too short.
        const startedAt = performance.now();
        await Promise.all([
          kubectl.run('get', 'pods').then(() => assert.ok(performance.now() - startedAt >= 400)),
          kubectl.run('get', 'pod', podOf(cluster)).then(({ code }) => assert.equal(code, 0)),
        ]);
      });
    });

    test('ordered errors look like real ones, as often as ordered', async () => {
      await withCluster(program, {}, async (cluster, kubectl) => {
        await cluster.addExample();
        cluster.fail({ verb: 'list', resource: 'pods', status: 403, times: 1 });
        const forbidden = await kubectl.run('get', 'pods');
        assert.equal(
          forbidden.stderr,
          'Error from server (Forbidden): pods is forbidden: User "nobody" cannot list resource "pods" in API group "" in the namespace "default"\n',
        );
        assert.equal((await kubectl.run('get', 'pods')).code, 0);
        cluster.fail({ resource: 'pods', status: 401 });
        assert.match((await kubectl.run('get', 'pods')).stderr, /You must be logged in to the server \(Unauthorized\)/);
      });
    });

    test('watches end, or expire with 410 Gone, when ordered', async () => {
      await withCluster(program, {}, async (cluster, kubectl) => {
        await cluster.addExample();
        const watch = () => kubectl.start('get', 'pods', '-o', 'json', '--watch', '--output-watch-events');
        const ended = watch();
        await ended.printed(/"ADDED"/);
        await cluster.streamsOpened('watch');
        assert.equal(cluster.endWatches(), 1);
        assert.equal(await ended.ended, 0);
        const expired = watch();
        await cluster.streamsOpened('watch');
        cluster.expireWatches();
        await expired.ended;
        assert.equal(cluster.openStreams('watch'), 0);
      });
    });
  });
}

interface WatchLine {
  readonly type: string;
  readonly object: {
    readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
    readonly status: { readonly phase: string; readonly conditions?: readonly { type: string; status: string }[] };
  };
}

function describePod({ metadata, status }: WatchLine['object']): string {
  const ready = status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
  const parts = [status.phase, ready && 'ready', metadata.deletionTimestamp !== undefined && 'terminating'];
  return parts.filter((part) => part !== false).join(' ');
}
