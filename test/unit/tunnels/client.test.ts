// A client joined to a port: what arrives, to the byte, however the client reads.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '../../../src/tunnels/client.ts';

async function listen(onConnection: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer({ allowHalfOpen: true }, onConnection);
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
