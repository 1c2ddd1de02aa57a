// The rough edges of TCP through a tunnel: resets, half-closes, clients that do not read, dead ports, killed children.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { CLOSED_WAITS_MS } from '../../src/tunnels/core/client-end.ts';
import { type Cluster, startCluster } from '../cluster/cluster.ts';
import type { Program as PodProgram } from '../cluster/program.ts';
import { get } from '../harness/http.ts';
import { killIfThere } from '../harness/processes.ts';
import { leftovers, type Program, runProgram } from '../harness/program.ts';
import { kubectlsUnderTest } from '../kubectls.ts';

const GIB = 1024 ** 3;
const BLOCK = Buffer.alloc(1024 * 1024, Buffer.from(Array.from({ length: 251 }, (_, i) => i)));

/** More than kubectl has listeners. */
const CROWD = 20;

interface Seen {
  received: number;
  ended: number;
  echoed: number;
  texts: string[];
}

/**
 * Port 1 echoes, 2 resets after the first byte, 3 streams 1 GiB, 4 never answers, 5 says hello first, 6 ends first, 8
 * answers all once there is a crowd, 9 echoes and counts, 10 closes soon after it has accepted.
 */
const programOf =
  (seen: Seen): PodProgram =>
  async (process) => {
    await process.listen(1, (socket) => void socket.pipe(socket));
    await process.listen(2, (socket) => void socket.once('data', () => socket.resetAndDestroy()));
    await process.listen(3, (socket) => {
      let left = GIB;
      const more = () => {
        while (left > 0) {
          left -= BLOCK.length;
          if (!socket.write(BLOCK)) return void socket.once('drain', more);
        }
        socket.end();
      };
      more();
    });
    await process.listen(4, (socket) => {
      socket.on('data', (chunk: Buffer) => {
        seen.received += chunk.length;
      });
      socket.on('end', () => {
        seen.ended += 1;
      });
      socket.on('close', () => {
        seen.ended += 1;
      });
    });
    await process.listen(5, (socket) => void socket.write('hello\n'));
    await process.listen(6, (socket) => {
      socket.end('bye\n');
      socket.resume();
    });
    const crowd: Socket[] = [];
    await process.listen(8, (socket) => {
      socket.resume();
      crowd.push(socket);
      if (crowd.length === CROWD) for (const each of crowd) each.end('all here\n');
    });
    await process.listen(9, (socket) => {
      socket.once('data', (chunk) => {
        seen.echoed += 1;
        seen.texts.push(String(chunk));
        socket.end(chunk);
      });
    });
    await process.listen(10, (socket) => void socket.once('data', () => socket.destroy()));
  };

function closed(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let how = 'closed';
    socket.on('error', (error: NodeJS.ErrnoException) => {
      how = error.code ?? error.message;
    });
    socket.on('close', () => resolve(how));
  });
}

function firstChunk(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('data', (chunk) => resolve(String(chunk)));
    socket.once('close', () => reject(new Error('closed without a byte')));
  });
}

function rssOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

const descriptorsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

async function until(holds: () => boolean, what: string, withinMs = 15_000): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!holds()) {
    assert.ok(performance.now() < deadlineMs, what);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

for (const kubectl of kubectlsUnderTest()) {
  describe(`the edges of a tunnel with kubectl ${kubectl.version} (${kubectl.protocol})`, () => {
    let cluster: Cluster;
    let program: Program;
    let ports: ReadonlyMap<string, number>;
    let seen: Seen;

    async function start(args: readonly string[] = []): Promise<void> {
      cluster = await startCluster();
      seen = { received: 0, ended: 0, echoed: 0, texts: [] };
      const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
      const container = { name: 'raw', ports: numbers.map((containerPort) => ({ containerPort })) };
      await cluster.deploy({ name: 'raw', containers: [{ ...container, program: programOf(seen) }] }).settled();
      const run = ['deploy/raw', '--no-logs', ...args];
      program = runProgram(run, { kubectl: kubectl.path, kubeconfig: cluster.kubeconfig });
      ports = await program.connected(numbers.length);
    }
    async function finish(): Promise<void> {
      const { code } = await program.end();
      assert.equal(code, 0, program.stderr());
      assert.deepEqual(leftovers(program.pid), []);
      cluster.stop();
    }
    function open(remote: number): Socket {
      const socket = connect({ port: ports.get(`raw:${remote}`) ?? 0, host: '127.0.0.1', noDelay: true });
      socket.on('error', () => {});
      return socket;
    }

    function openAndWrite(remote: number, text: string): Socket {
      const socket = open(remote);
      socket.write(text);
      return socket;
    }

    test('a reset by the server ends that connection, and the port works on', async () => {
      await start();
      for (let round = 0; round < 3; round += 1) {
        const socket = open(2);
        socket.write('x');
        await closed(socket);
      }
      const echo = open(1);
      echo.write('still here');
      assert.equal(await firstChunk(echo), 'still here');
      echo.destroy();
      await finish();
    });

    test('a reset by the client reaches the server, and the port works on', async () => {
      await start();
      const socket = open(4);
      socket.write('some bytes');
      await until(() => seen.received === 10, 'the server gets the bytes');
      socket.resetAndDestroy();
      await until(() => seen.ended > 0, 'the server sees the end');
      const again = open(4);
      again.write('more');
      await until(() => seen.received === 14, 'the port works on');
      again.destroy();
      await finish();
    });

    test('connections to a server that never answers all reach it', async () => {
      await start();
      const sockets = Array.from({ length: 50 }, () => open(4));
      for (const socket of sockets) socket.write('x');
      await until(() => seen.received === 50, 'all reach the server');
      for (const socket of sockets) socket.destroy();
      await finish();
    });

    test('nothing waits for an answer: a server that answers once all are connected answers', async () => {
      await start();
      const answers = await Promise.all(
        Array.from({ length: CROWD }, async () => {
          const socket = open(8);
          socket.write('x');
          return firstChunk(socket).finally(() => socket.destroy());
        }),
      );
      assert.deepEqual(new Set(answers), new Set(['all here\n']));
      await finish();
    });

    test('what waited while the port refused is answered, each once', async () => {
      await start();
      const pod = cluster.podNames('raw').at(-1) ?? '';
      cluster.refusePort(pod, 9);
      const answers = Array.from({ length: 100 }, async () => {
        const socket = open(9);
        socket.write('x');
        return firstChunk(socket).finally(() => socket.destroy());
      });
      await program.sees('stderr', /port 9 of raw cannot be reached/);
      cluster.acceptPort(pod, 9);
      assert.deepEqual(new Set(await Promise.all(answers)), new Set(['x']));
      assert.equal(seen.echoed, 100);
      await finish();
    });

    test('a client that closes while it waits is dropped', async () => {
      await start();
      const pod = cluster.podNames('raw').at(-1) ?? '';
      cluster.refusePort(pod, 9);
      openAndWrite(9, 'stays');
      await program.sees('stderr', /port 9 of raw cannot be reached/);
      const gone = openAndWrite(9, 'gone');
      await once(gone, 'connect');
      // Time is meant: one that closes earlier has said all and is given its turn.
      await new Promise((resolve) => setTimeout(resolve, CLOSED_WAITS_MS + 100));
      gone.destroy();
      await once(gone, 'close');
      const last = openAndWrite(9, 'last');
      cluster.acceptPort(pod, 9);
      assert.equal(await firstChunk(last), 'last');
      assert.deepEqual(seen.texts.toSorted(), ['last', 'stays']);
      await finish();
    });

    test('the end of a client that has closed is heard at once, not when the server has answered', async () => {
      await start();
      for (let round = 1; round <= 20; round += 1) {
        const socket = openAndWrite(4, 'x');
        await once(socket, 'connect');
        socket.destroy();
        await until(() => seen.ended >= round, 'the server hears the end');
      }
      await finish();
    });

    test('a server that closes without a byte, in the middle of an upload, ends the client', async () => {
      await start();
      const socket = open(10);
      socket.write(Buffer.alloc(50 * 1024 * 1024));
      await closed(socket);
      await finish();
    });

    test('a half-closed client that pauses gets its whole answer', async () => {
      await start();
      const socket = connect({ port: ports.get('raw:3') ?? 0, host: '127.0.0.1', allowHalfOpen: true });
      socket.end('all of it');
      let received = 0;
      socket.on('data', (chunk: Buffer) => {
        received += chunk.length;
      });
      while (received < 64 * 1024 * 1024) await once(socket, 'data');
      // Longer than the end of a client is held back from a server that says nothing.
      socket.pause();
      await new Promise((resolve) => setTimeout(resolve, 11_000));
      socket.resume();
      await once(socket, 'close');
      assert.equal(received, GIB);
      await finish();
    });

    test('a server that speaks first is heard, a server that ends first ends the client', async () => {
      await start();
      const hello = open(5);
      assert.equal(await firstChunk(hello), 'hello\n');
      hello.destroy();
      const bye = open(6);
      assert.equal(await firstChunk(bye), 'bye\n');
      assert.equal(await closed(bye), 'closed');
      await finish();
    });

    test('a client that never reads stalls its own connection alone, in bounded memory', async () => {
      await start();
      const deaf = open(3);
      deaf.pause();
      const before = rssOf(program.pid);
      for (let round = 0; round < 20; round += 1) {
        const echo = open(1);
        echo.write('x'.repeat(1000));
        await firstChunk(echo);
        echo.destroy();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.ok(rssOf(program.pid) - before < 48 * 1024 * 1024, `grew by ${rssOf(program.pid) - before} bytes`);
      deaf.destroy();
      await finish();
    });

    test('1 GiB arrives byte for byte while a dead port is hammered', { timeout: 180_000 }, async () => {
      await start(['--hold', '2s']);
      let hammered = 0;
      let refused = 0;
      const hammer = setInterval(() => {
        const dead = open(7);
        hammered += 1;
        dead.write('anybody?');
        void closed(dead).then(() => {
          refused += 1;
        });
      }, 100);
      let received = 0;
      const stream = open(3);
      await new Promise<void>((resolve, reject) => {
        stream.on('data', (chunk: Buffer) => {
          for (let at = 0; at < chunk.length; ) {
            const from = (received + at) % BLOCK.length;
            const length = Math.min(chunk.length - at, BLOCK.length - from);
            if (chunk.compare(BLOCK, from, from + length, at, at + length) !== 0)
              reject(new Error(`wrong at ${received}`));
            at += length;
          }
          received += chunk.length;
        });
        stream.on('close', resolve);
        stream.on('error', reject);
      });
      clearInterval(hammer);
      assert.equal(received, GIB);
      await until(() => refused === hammered, 'each connection to the dead port is closed in the end');
      await finish();
    });

    test('kubectl killed 200 times at random: the same local ports answer again', { timeout: 180_000 }, async () => {
      await start();
      let killed = 0;
      for (let round = 0; killed < 200; round += 1) {
        const children = leftovers(program.pid).filter(({ command }) => command.includes('port-forward'));
        for (const victim of children.sort(() => Math.random() - 0.5).slice(0, 4)) {
          if (killIfThere(victim.pid)) killed += 1;
        }
        const echo = open(round % 2 === 0 ? 1 : 5);
        if (round % 2 === 0) echo.write('hello\n');
        // A child killed after it had taken the bytes may have passed them on: such a connection is not tried again.
        const answer = await firstChunk(echo).catch(() => undefined);
        if (answer !== undefined) assert.equal(answer, 'hello\n');
        echo.destroy();
      }
      const last = open(1);
      last.write('hello\n');
      assert.equal(await firstChunk(last), 'hello\n');
      last.destroy();
      await finish();
    });

    test('ten thousand short connections, 200 at once: all answered, nothing kept', { timeout: 180_000 }, async () => {
      cluster = await startCluster();
      await cluster.addExample();
      const run = ['deploy/example-go', '--no-logs'];
      program = runProgram(run, { kubectl: kubectl.path, kubeconfig: cluster.kubeconfig });
      const local = (await program.connected(3)).get('go:8080') ?? 0;
      await get(local);
      // The watch of the pod comes a moment after the tunnels.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const descriptors = descriptorsOf(program.pid);
      const rss = rssOf(program.pid);
      let left = 10_000;
      const client = async () => {
        while (left-- > 0) assert.equal((await get(local)).status, 200);
      };
      await Promise.all(Array.from({ length: 200 }, client));
      await until(() => descriptorsOf(program.pid) <= descriptors, 'the descriptors are given back');
      assert.ok(rssOf(program.pid) - rss < 64 * 1024 * 1024, `grew by ${rssOf(program.pid) - rss} bytes`);
      await finish();
    });
  });
}
