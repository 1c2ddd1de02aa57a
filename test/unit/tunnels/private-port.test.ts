import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { PrivatePort } from '../../../src/tunnels/private-port.ts';

const BYTES = 10;

test('a clean close is known within a turn of the event loop', async () => {
  const port = new PrivatePort(1);
  const attempt = port.begin();
  port.taken();
  assert.deepEqual(await attempt.verdict(BYTES), { kind: 'closed', reason: '' });
  assert.equal(port.unanswered, 0);
});

test('what kubectl writes before it closes a connection counts', async () => {
  const port = new PrivatePort(1);
  const attempt = port.begin();
  const verdict = attempt.verdict(BYTES);
  port.failed('no', 'connection refused');
  assert.deepEqual(await verdict, { kind: 'unreached', reason: 'connection refused' });
});

test('of two, one refusal proves nothing; two prove both', async () => {
  const port = new PrivatePort(1);
  const [one, other] = [port.begin(), port.begin()];
  port.failed('no', 'refused');
  const verdicts = Promise.all([one.verdict(BYTES), other.verdict(BYTES)]);
  port.failed('no', 'refused');
  assert.deepEqual(
    (await verdicts).map(({ kind }) => kind),
    ['unreached', 'unreached'],
  );
});

test('a refusal that may be about one that is given up says nothing about the next one', async () => {
  const port = new PrivatePort(1);
  const [one, other] = [port.begin(), port.begin()];
  port.taken();
  port.taken();
  port.failed('no', 'refused');
  const first = one.verdict(BYTES);
  port.ended('lost connection', true);
  assert.equal((await first).kind, 'unknown');
  assert.equal((await other.verdict(BYTES)).kind, 'unknown');
});

test('of two that kubectl took one of, neither is tried again, whichever ends first', async () => {
  const port = new PrivatePort(1);
  const [one, other] = [port.begin(), port.begin()];
  port.taken();
  port.ended('lost connection', true);
  assert.equal((await one.verdict(BYTES)).kind, 'unknown');
  assert.equal((await other.verdict(BYTES)).kind, 'unknown');
});

test('one that left before kubectl took it up does not make another one seem never taken', async () => {
  const port = new PrivatePort(1);
  port.begin().left();
  const attempt = port.begin();
  port.taken();
  port.ended('lost connection', true);
  assert.equal((await attempt.verdict(BYTES)).kind, 'unknown');
});

test('what kubectl never took up is unreached', async () => {
  const port = new PrivatePort(1);
  const [one, other] = [port.begin(), port.begin()];
  port.ended('', true);
  assert.deepEqual(await one.verdict(BYTES), { kind: 'unreached', reason: 'kubectl port-forward ended' });
  assert.equal((await other.verdict(BYTES)).kind, 'unreached');
});

test('one that a kubectl may have taken up whose words were not read to the end is never tried again', async () => {
  const port = new PrivatePort(1);
  const attempt = port.begin();
  port.ended('', false);
  assert.equal((await attempt.verdict(BYTES)).kind, 'unknown');
});

/** kubectl takes up some of many connections in any order, and ends; the words of refusals come in any order, too. */
for (const seed of [1, 2, 3, 4, 5]) {
  test(`none that was taken up is ever said to be unreached, unless it was refused (${seed})`, async () => {
    let state = seed;
    const random = () => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return state / 0x7fffffff;
    };
    for (let round = 0; round < 300; round += 1) {
      const port = new PrivatePort(1);
      const connections = Array.from({ length: 1 + Math.floor(random() * 4) }, () => ({
        attempt: port.begin(),
        fate: (['waiting', 'reached', 'refused'] as const)[Math.floor(random() * 3)] ?? 'waiting',
        leaves: random() < 0.2,
      })).sort(() => random() - 0.5);
      for (const { fate } of connections) if (fate !== 'waiting') port.taken();
      const ending = random() < 0.5;
      for (const { attempt, fate, leaves } of connections) {
        if (fate === 'refused') port.failed('no', 'refused');
        if (leaves) attempt.left();
      }
      if (ending) port.ended('lost', true);
      const judged = connections.filter(({ leaves, fate }) => !leaves && (ending || fate === 'refused'));
      const all = judged.map(async ({ attempt, fate }) => {
        const { kind } = await attempt.verdict(BYTES);
        if (fate === 'reached') assert.notEqual(kind, 'unreached');
      });
      if (!ending) port.ended('lost', true);
      await Promise.all(all);
    }
  });
}

test('a word that kubectl says after its 30 s is about one that left before, not about another one', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const port = new PrivatePort(1);
  const hung = port.begin();
  port.taken();
  hung.left();
  context.mock.timers.tick(25_000);
  const executed = port.begin();
  port.taken();
  context.mock.timers.tick(5_000);
  port.failed('no', 'error creating forwarding stream: timed out');
  port.closing();
  port.ended('stopped', true);
  assert.equal((await executed.verdict(BYTES)).kind, 'unknown');
});

test('a word that kubectl says after its 30 s is not about a connection that is younger than that', async () => {
  const port = new PrivatePort(1);
  const old = port.begin();
  await delay(2);
  const thenMs = performance.now();
  await delay(2);
  const young = port.begin();
  port.failed('no', 'error creating error stream: timed out', performance.now() - thenMs);
  assert.equal((await old.verdict(BYTES)).kind, 'unreached');
  assert.equal((await young.verdict(BYTES)).kind, 'closed');
});

test('of two that are old enough, one such word proves nothing', async () => {
  const port = new PrivatePort(1);
  const [one, other] = [port.begin(), port.begin()];
  await delay(2);
  port.failed('no', 'error creating error stream: timed out', 1);
  port.closing();
  assert.equal((await one.verdict(BYTES)).kind, 'unknown');
  assert.equal((await other.verdict(BYTES)).kind, 'unknown');
});
