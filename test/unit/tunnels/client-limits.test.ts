// What holds for a client over a long time and for many clients at once: nobody is stopped for ever, nobody's end is
// missed, and the memory for what is kept comes back.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type AttemptOptions, Client } from '../../../src/tunnels/client.ts';
import { QUIET_MS } from '../../../src/tunnels/core/admission.ts';
import { CLOSED_WAITS_MS } from '../../../src/tunnels/core/client-end.ts';
import { CLIENT_LIMIT, TOTAL_LIMIT } from '../../../src/tunnels/core/replay-buffer.ts';

const sockets = new Set<Socket>();
after(() => {
  for (const socket of sockets) socket.destroy();
});

async function listen(onConnection: (socket: Socket) => void) {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

function open(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  socket.on('error', () => {});
  sockets.add(socket);
  return socket;
}

const attempt = (port: number, inTrouble: boolean): AttemptOptions => ({
  port,
  inTrouble,
  onFirstByte() {},
  onAnswered() {},
});

describe('a client that only talks', () => {
  for (const inTrouble of [false, true]) {
    const when = inTrouble ? 'and began in trouble' : 'in ordinary times';
    test(`${when} is heard beyond what is kept, in small pieces as well`, { timeout: 20_000 }, async () => {
      let received = 0;
      let changed = () => {};
      const app = await listen((socket) => {
        socket.on('data', (chunk: Buffer) => {
          received += chunk.length;
          changed();
        });
      });
      const front = await listen((socket) => {
        void new Client(socket, { left: TOTAL_LIMIT }, () => {}).attempt(attempt(app.port, inTrouble));
      });
      const theirs = open(front.port);
      const piece = Buffer.alloc(4_000);
      const talk = async (bytes: number) => {
        for (const until = received + bytes; received < until; ) {
          const next = new Promise<void>((resolve) => {
            changed = resolve;
          });
          theirs.write(piece);
          const isHeard = await Promise.race([next.then(() => true), delay(5_000, false, { ref: false })]);
          assert.ok(isHeard, `nothing is heard any more after ${received} bytes`);
        }
      };
      await talk(piece.length);
      await delay(QUIET_MS * 2);
      await talk(CLIENT_LIMIT + 100 * piece.length);
      theirs.destroy();
      front.server.close();
      app.server.close();
    });
  }
});

describe('clients that have closed', () => {
  const skip = process.platform !== 'linux' && 'asks the kernel';

  test('are noticed while more of them come and go', { skip, timeout: 20_000 }, async () => {
    let gone = 0;
    const front = await listen(
      (socket) => void new Client(socket, { left: TOTAL_LIMIT }, () => gone++, performance.now() - CLOSED_WAITS_MS),
    );
    while (gone === 0) {
      const theirs = open(front.port);
      theirs.end('POST');
      theirs.destroySoon();
      await once(theirs, 'close');
      // Not as fast as they can: the kernel keeps what is left of each for a minute.
      await delay(5);
    }
    front.server.close();
  });
});

describe('the memory for what clients have said', () => {
  test('comes back from one that says much late, while it waits for its answer', { timeout: 20_000 }, async () => {
    const budget = { left: TOTAL_LIMIT };
    let received = 0;
    const app = await listen((socket) => {
      socket.on('data', ({ length }: Buffer) => {
        received += length;
      });
    });
    const front = await listen((socket) => void new Client(socket, budget, () => {}).attempt(attempt(app.port, false)));
    const theirs = open(front.port);
    theirs.write('POST');
    await delay(QUIET_MS * 2);
    assert.equal(budget.left, TOTAL_LIMIT - 4);
    theirs.write(Buffer.alloc(100_000));
    while (received < 100_004 || budget.left < TOTAL_LIMIT) await delay(5);
    theirs.destroy();
    front.server.close();
    app.server.close();
  });

  test('comes back whatever becomes of them', { timeout: 20_000 }, async () => {
    const budget = { left: TOTAL_LIMIT };
    let left = 0;
    const app = await listen((socket) => {
      socket.on('end', () => socket.end());
      socket.once('data', (chunk: Buffer) => {
        const kind = chunk.toString('latin1', 0, 1);
        if (kind === 'a') socket.write('answer');
        if (kind === 'e') socket.end();
        if (kind === 'r') socket.resetAndDestroy();
      });
    });
    const clients: Client[] = [];
    const front = await listen((socket) => {
      const client = new Client(socket, budget, () => left++);
      clients.push(client);
      const tryAgain = async () => {
        for (let tries = 0; tries < 3; tries += 1) {
          const end = await client.attempt(attempt(app.port, tries % 2 === 0));
          if (end.kind === 'left' || client.isAnswered) break;
        }
        client.finish();
      };
      // Every other one only waits.
      if (clients.length % 2 === 0) void tryAgain();
    });
    const all = Array.from({ length: 60 }, (_, index) => {
      const theirs = open(front.port);
      theirs.write(Buffer.alloc(1 + index * 50_000, ['a', 'e', 'r', 's'][index % 4]));
      if (index % 3 === 0) theirs.end();
      return theirs;
    });
    await delay(QUIET_MS);
    for (const [index, theirs] of all.entries()) {
      if (index % 5 === 0) theirs.resetAndDestroy();
      else theirs.destroy();
    }
    while (left < all.length) {
      await delay(5);
      // As when its turn comes.
      for (const client of clients) if (client.hasGivenUp()) client.finish();
    }
    assert.equal(budget.left, TOTAL_LIMIT);
    front.server.close();
    app.server.close();
  });
});
