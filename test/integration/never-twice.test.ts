// No request is ever executed twice, whatever happens on its way: thousands of requests, each with a number of its own,
// while kubectl, its streams, the container, its port and the pod come and go beneath them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Cluster, startCluster } from '../cluster/cluster.ts';
import type { Program as PodProgram } from '../cluster/program.ts';
import { killIfThere } from '../harness/processes.ts';
import { leftovers, type Program, runProgram } from '../harness/program.ts';
import { kubectlsUnderTest } from '../kubectls.ts';

const ROUNDS = 16;
const REQUESTS_A_ROUND = 130;
/** Against hanging, and so that some clients give up. */
const PATIENCE_MS = 2_000;
const LARGEST_BODY = 1_500_000;

/** Begins each request of this run. */
const RUN = `${process.pid}#`;

/** What the application does with a request once it has executed it. */
const SERVERS: Readonly<Record<number, (socket: Socket, answer: string) => void>> = {
  1: (socket, answer) => socket.end(answer),
  2: (socket) => socket.resetAndDestroy(),
  3: (socket, answer) => void setTimeout(() => socket.end(answer), 300),
  4: (socket) => socket.end(),
};
const PORTS = Object.keys(SERVERS).map(Number);

/** How often each request was executed: a request is its first line. */
type Executed = Map<string, number>;

function programOf(executed: Executed): PodProgram {
  return async (process) => {
    for (const port of PORTS) await process.listen(port, (socket) => serve(socket, port, executed));
  };
}

function serve(socket: Socket, port: number, executed: Executed): void {
  let text = '';
  socket.on('error', () => {});
  const hear = (chunk: Buffer) => {
    text += chunk.toString('latin1');
    const at = text.indexOf('\n');
    if (at < 0) return;
    socket.off('data', hear).resume();
    const id = text.slice(0, at);
    // On a busy machine others may knock at a port that was theirs.
    if (!id.startsWith(RUN)) return;
    executed.set(id, (executed.get(id) ?? 0) + 1);
    SERVERS[port]?.(socket, `done ${id}`);
  };
  socket.on('data', hear);
}

/** The same sequence in each run, so that what was found once is found again. */
function randomNumbers(): () => number {
  let seed = 42;
  return () => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return seed / 0x7fffffff;
  };
}

type Manner = 'stays' | 'half-closes' | 'says it in two' | 'says much' | 'closes' | 'resets';
const MANNERS: readonly Manner[] = ['stays', 'stays', 'half-closes', 'says it in two', 'says much', 'closes', 'resets'];

/** Resolves with what came back when the connection is over. */
async function ask(port: number, id: string, manner: Manner): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const over = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  let text = '';
  socket.on('error', () => {});
  socket.on('end', () => socket.end());
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  const patience = setTimeout(() => socket.destroy(), PATIENCE_MS);
  await Promise.race([once(socket, 'connect').catch(() => {}), over]);
  await say(socket, id, manner);
  await over;
  clearTimeout(patience);
  return text;
}

async function say(socket: Socket, id: string, manner: Manner): Promise<void> {
  switch (manner) {
    case 'stays':
      socket.write(`${id}\n`);
      return;
    case 'half-closes':
      socket.end(`${id}\n`);
      return;
    case 'says it in two':
      socket.write(id.slice(0, 2));
      await delay(20);
      socket.write(`${id.slice(2)}\n`);
      return;
    case 'says much':
      socket.write(`${id}\n`);
      socket.write(Buffer.alloc((Number(id.slice(RUN.length)) * 7_919) % LARGEST_BODY));
      return;
    case 'closes':
      socket.end(`${id}\n`);
      socket.destroySoon();
      return;
    case 'resets':
      socket.write(`${id}\n`, () => socket.resetAndDestroy());
  }
}

for (const kubectl of kubectlsUnderTest()) {
  describe(`a request with kubectl ${kubectl.version} (${kubectl.protocol})`, () => {
    test('is never executed twice', { timeout: 120_000 }, async () => {
      const random = randomNumbers();
      const executed: Executed = new Map();
      const cluster: Cluster = await startCluster();
      const ports = PORTS.map((containerPort) => ({ containerPort }));
      const container = { name: 'raw', ports, program: programOf(executed), restartDelaysMs: [50] };
      await cluster.deploy({ name: 'raw', containers: [container], terminationMs: 150 }).settled();
      const run = ['deploy/raw', '--no-logs', '--hold', '3s'];
      const program: Program = runProgram(run, { kubectl: kubectl.path, kubeconfig: cluster.kubeconfig });
      const locals = await program.connected(PORTS.length);

      const newestPod = () => cluster.podNames('raw').at(-1) ?? '';
      const disturbances: readonly (() => unknown)[] = [
        () => {
          for (const { command, pid } of leftovers(program.pid))
            if (command.includes('port-forward') && random() < 0.6) killIfThere(pid);
        },
        () => cluster.cutStreams({ kind: 'portforward', how: 'drop' }),
        () => cluster.cutStreams({ kind: 'portforward', how: 'reset' }),
        () => cluster.cutStreams({ kind: 'portforward', how: 'end' }),
        () => cluster.crash(newestPod(), 'raw', { restartAfterMs: Math.ceil(random() * 300) }),
        async () => {
          const pod = newestPod();
          for (const port of PORTS) cluster.refusePort(pod, port);
          await delay(random() * 400);
          for (const port of PORTS) cluster.acceptPort(pod, port);
        },
        () => cluster.rollout('raw'),
        () => cluster.deletePod(newestPod(), { graceMs: 100 }),
      ];

      let number = 0;
      const answers = new Map<string, string>();
      for (let round = 0; round < ROUNDS; round += 1) {
        const asked: Promise<void>[] = [];
        const disturb = disturbances[round % disturbances.length];
        const when = Math.floor(random() * REQUESTS_A_ROUND);
        let disturbed: unknown;
        for (let index = 0; index < REQUESTS_A_ROUND; index += 1) {
          if (index === when) disturbed = disturb?.();
          number += 1;
          const id = `${RUN}${number}`;
          const remote = PORTS[Math.floor(random() * PORTS.length)] ?? 0;
          const manner = MANNERS[Math.floor(random() * MANNERS.length)] ?? 'stays';
          const local = locals.get(`raw:${remote}`) ?? 0;
          asked.push(ask(local, id, manner).then((answer) => void answers.set(id, answer)));
          if (random() < 0.5) await delay(random() * 8);
        }
        await Promise.all([...asked, disturbed]);
      }

      const twice = [...executed].filter(([, times]) => times > 1);
      assert.deepEqual(twice, []);
      const answered = [...answers].filter(([, answer]) => answer !== '');
      for (const [id, answer] of answered) {
        assert.ok(`done ${id}`.startsWith(answer), `${id} was answered with ${answer}`);
        assert.equal(executed.get(id), 1, `${id} was answered and not executed`);
      }
      // Only two of the four ports answer, and much is cut off or given up.
      assert.ok(answered.length > number / 10, `${answered.length} of ${number} answered`);
      assert.ok(executed.size > number / 5, `${executed.size} of ${number} executed`);
      const { code } = await program.end();
      assert.equal(code, 0, program.stderr());
      assert.deepEqual(leftovers(program.pid), []);
      cluster.stop();
    });
  });
}
