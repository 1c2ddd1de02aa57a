// A client joined to a port: what arrives, to the byte, however the client reads, and how each side's end is passed on.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type AttemptOptions, Client } from '../../../src/tunnels/client.ts';
import { CLOSED_WAITS_MS } from '../../../src/tunnels/core/client-end.ts';
import { CLIENT_LIMIT, type ReplayBudget } from '../../../src/tunnels/core/replay-buffer.ts';
import { createDeferred } from '../../../src/values/deferred.ts';

const sockets = new Set<Socket>();
after(() => {
  for (const socket of sockets) socket.destroy();
});

async function listen(onConnection: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

/** As a tunnel does it, but for the word of kubectl's. */
async function join(socket: Socket, port: number): Promise<void> {
  const client = new Client(socket, { left: 0 }, () => {});
  const end = await client.attempt({ port, inTrouble: false, onFirstByte() {}, onAnswered() {} });
  if (end.kind === 'closed') client.finish();
}

const random = (seed: number) => () => {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return seed / 0x7fffffff;
};

describe('what the application says', () => {
  for (const seed of [1, 2, 3, 4]) {
    test(`arrives whole and in order in pieces of any size, read at any pace (${seed})`, async () => {
      const next = random(seed);
      const total = 24 * 1024 * 1024;
      const bytes = Buffer.alloc(total);
      for (let at = 0; at < total; at += 4) bytes.writeUInt32LE(at, at);
      const speak = async (socket: Socket) => {
        for (let at = 0; at < total; ) {
          const length = Math.min(total - at, Math.ceil(next() ** 4 * 700_000));
          if (!socket.write(bytes.subarray(at, at + length))) await once(socket, 'drain');
          at += length;
          if (next() < 0.05) await delay(1);
        }
        socket.end();
      };
      const app = await listen((socket) => void speak(socket));
      const front = await listen((socket) => void join(socket, app.port));
      const client = connect({ port: front.port, host: '127.0.0.1' });
      let received = 0;
      client.on('data', (chunk: Buffer) => {
        assert.ok(chunk.equals(bytes.subarray(received, received + chunk.length)), `differs after ${received}`);
        received += chunk.length;
        // Long enough for all buffers on the way to fill.
        if (next() < 0.02) {
          client.pause();
          setTimeout(() => client.resume(), next() * 30);
        }
      });
      await once(client, 'close');
      assert.equal(received, total);
      front.server.close();
      app.server.close();
    });
  }
});

const LINUX = process.platform === 'linux';

/** A client of ours that is not joined yet, and the program's own socket that stands for it. */
async function clientOf({ budget = { left: 1e9 }, waitedMs = 0 }: { budget?: ReplayBudget; waitedMs?: number } = {}) {
  const accepted = createDeferred<Client>();
  const gone = createDeferred();
  const front = await listen((socket) => {
    accepted.resolve(new Client(socket, budget, gone.resolve, performance.now() - waitedMs));
  });
  const theirs = connect({ port: front.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  theirs.on('error', () => {});
  sockets.add(theirs);
  const client = await accepted.promise;
  front.server.close();
  return { client, theirs, gone: gone.promise };
}

/** A server that tells of its first connection. */
async function serverOf() {
  const first = createDeferred<Socket>();
  const app = await listen((socket) => {
    app.server.close();
    socket.on('error', () => {});
    first.resolve(socket);
  });
  return { port: app.port, first: first.promise };
}

const attempt = (port: number, changes: Partial<AttemptOptions> = {}): AttemptOptions => ({
  port,
  inTrouble: false,
  onFirstByte() {},
  onAnswered() {},
  ...changes,
});

/** Everybody who waited or was held back before has been looked at by then. */
async function anotherHasLeft(): Promise<void> {
  const { client, theirs } = await clientOf();
  const { port, first } = await serverOf();
  void client.attempt(attempt(port));
  const server = await first;
  theirs.end('bye');
  theirs.destroySoon();
  await once(server.resume(), 'end');
  server.destroy();
}

describe('the end of a client', () => {
  test('that has said nothing reaches the server at once', async () => {
    const { client, theirs } = await clientOf();
    const { port, first } = await serverOf();
    void client.attempt(attempt(port));
    const server = await first;
    theirs.end();
    await once(server.resume(), 'end');
    theirs.destroy();
    server.destroy();
  });

  test('that has had an answer reaches the server at once', async () => {
    const { client, theirs } = await clientOf();
    const { port, first } = await serverOf();
    void client.attempt(attempt(port));
    const server = await first;
    theirs.write('question');
    await once(server, 'data');
    server.write('answer');
    await once(theirs, 'data');
    theirs.end();
    await once(server, 'end');
    theirs.destroy();
    server.destroy();
  });

  test('that has asked and closed reaches the server at once', { skip: !LINUX && 'asks the kernel' }, async () => {
    const { client, theirs } = await clientOf();
    const { port, first } = await serverOf();
    void client.attempt(attempt(port));
    const server = await first;
    theirs.end('bye');
    theirs.destroySoon();
    const chunks: Buffer[] = [];
    server.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(server, 'end');
    assert.equal(Buffer.concat(chunks).toString(), 'bye');
    server.destroy();
  });

  test('that stays for its answer is held back until it has that', { skip: !LINUX && 'asks the kernel' }, async () => {
    const { client, theirs } = await clientOf();
    const { port, first } = await serverOf();
    const ended = client.attempt(attempt(port));
    const server = await first;
    let isEnded = false;
    server.on('end', () => {
      isEnded = true;
    });
    theirs.end('question');
    await once(server, 'data');
    await anotherHasLeft();
    assert.equal(isEnded, false);
    server.end('answer');
    assert.equal(String((await once(theirs, 'data'))[0]), 'answer');
    assert.deepEqual(await ended, { kind: 'closed', clean: true, sent: 8 });
    client.finish();
    await once(theirs, 'close');
  });

  test('that waits and has closed ends its wait', async () => {
    const { client, theirs, gone } = await clientOf({ waitedMs: CLOSED_WAITS_MS });
    theirs.end('POST');
    theirs.destroySoon();
    await gone;
    assert.equal(client.isOver, true);
    assert.equal(client.hasGivenUp(), true);
  });

  test('that waits and stays does not end its wait', { skip: !LINUX && 'asks the kernel' }, async () => {
    const { client, theirs } = await clientOf();
    theirs.end('GET');
    await anotherHasLeft();
    assert.equal(client.isOver, false);
    const { port, first } = await serverOf();
    void client.attempt(attempt(port));
    assert.equal(String((await once(await first, 'data'))[0]), 'GET');
    theirs.destroy();
  });

  test('that waits behind more than is kept is noticed when its turn comes', {
    skip: !LINUX && 'asks the kernel',
  }, async () => {
    const { client, theirs } = await clientOf({ budget: { left: 0 }, waitedMs: CLOSED_WAITS_MS });
    theirs.end(Buffer.alloc(8 * 1024 * 1024));
    while (!client.saidSomething) await delay(1);
    assert.equal(client.hasGivenUp(), false);
    theirs.destroy();
    await once(theirs, 'close');
    while (!client.hasGivenUp()) await delay(1);
    client.fail();
  });

  test('that waits behind more than is kept and resets is noticed when its turn comes', {
    skip: !LINUX && 'asks the kernel',
  }, async () => {
    const { client, theirs } = await clientOf({ budget: { left: 0 }, waitedMs: CLOSED_WAITS_MS });
    theirs.write(Buffer.alloc(8 * 1024 * 1024));
    while (!client.saidSomething) await delay(1);
    theirs.resetAndDestroy();
    await once(theirs, 'close');
    while (!client.hasGivenUp()) await delay(1);
    client.fail();
  });
});

describe('a connection without an answer', () => {
  test('is tried again with all that the client has said', async () => {
    const { client, theirs } = await clientOf();
    const [deaf, app] = [await serverOf(), await serverOf()];
    theirs.write('one ');
    const first = client.attempt(attempt(deaf.port));
    const server = await deaf.first;
    await once(server, 'data');
    server.end();
    assert.deepEqual(await first, { kind: 'closed', clean: true, sent: 4 });
    theirs.write('two');
    while (client.saidSomething === false) await delay(1);
    void client.attempt(attempt(app.port));
    const again = await app.first;
    let text = '';
    again.on('data', (chunk) => {
      text += String(chunk);
      if (text === 'one two') again.end('done');
    });
    assert.equal(String((await once(theirs, 'data'))[0]), 'done');
    theirs.destroy();
  });

  test('was not accepted where nobody listens', async () => {
    const { client, theirs } = await clientOf();
    const { server, port } = await listen(() => {});
    server.close();
    await once(server, 'close');
    const end = await client.attempt(attempt(port));
    assert.deepEqual(end, { kind: 'closed', clean: false, sent: undefined });
    theirs.destroy();
  });

  test('ends with its client', async () => {
    const { client, theirs } = await clientOf();
    const { port, first } = await serverOf();
    const ended = client.attempt(attempt(port));
    await first;
    theirs.resetAndDestroy();
    assert.deepEqual(await ended, { kind: 'left' });
  });

  test('is closed at once, though its client goes on talking', async () => {
    const { client, theirs } = await clientOf();
    const { port, first } = await serverOf();
    const ended = client.attempt(attempt(port));
    const server = await first;
    theirs.write(Buffer.alloc(50 * 1024 * 1024));
    await once(server, 'data');
    server.destroy();
    const end = await ended;
    assert.equal(end.kind, 'closed');
    client.finish();
    await new Promise((resolve) => theirs.once('close', resolve));
  });
});

describe('what is more than is kept', () => {
  const LARGE = 4 * 1024 * 1024;

  test('goes on in ordinary times, and could not be said again', async () => {
    const { client, theirs } = await clientOf();
    const { port, first } = await serverOf();
    void client.attempt(attempt(port));
    const server = await first;
    theirs.write(Buffer.alloc(LARGE));
    let received = 0;
    server.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    while (received < LARGE) await once(server, 'data');
    assert.equal(client.isReplayable, false);
    theirs.destroy();
  });

  test('waits in trouble until the forward has not refused it', async () => {
    const { client, theirs } = await clientOf();
    const { port, first } = await serverOf();
    theirs.write(Buffer.alloc(LARGE));
    while (!client.saidSomething) await delay(1);
    void client.attempt(attempt(port, { inTrouble: true }));
    const server = await first;
    let received = 0;
    server.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    while (received < CLIENT_LIMIT) await once(server, 'data');
    assert.equal(client.isReplayable, true);
    while (received < LARGE) await once(server, 'data');
    assert.equal(client.isReplayable, false);
    theirs.destroy();
  });
});
