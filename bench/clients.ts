// The least client a tunnel can have, so that little of what is measured is its own: plain sockets, one fixed buffer.
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const buffer = Buffer.alloc(256 * 1024);

function open(
  port: number,
  onData: (bytes: Uint8Array, socket: Socket) => void,
  reject: (error: Error) => void,
): Socket {
  const socket: Socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer,
      callback(length, bytes) {
        onData(bytes.subarray(0, length), socket);
        return true;
      },
    },
  });
  socket.on('error', reject);
  socket.on('close', () => reject(new Error('closed before its end')));
  return socket;
}

/** One request on a new connection, until the whole answer is there; in milliseconds. Rejects when there is none. */
export function request(port: number, path = '/'): Promise<number> {
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    let text = '';
    const socket = open(
      port,
      (bytes) => {
        text += Buffer.from(bytes).toString('latin1');
        const [head, length] = /\r\ncontent-length: (\d+)\r\n(?:.*\r\n)*?\r\n/i.exec(text) ?? [];
        if (head === undefined || text.length < text.indexOf(head) + head.length + Number(length)) return;
        resolve(performance.now() - startMs);
        socket.destroy();
      },
      reject,
    );
    socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`);
  });
}

/** What a request counts that was not answered in time, or never. */
export const UNANSWERED_MS = 20_000;

/** As `request`, but never rejects. */
export async function answeredMs(port: number, path?: string): Promise<number> {
  const late = new AbortController();
  const unanswered = delay(UNANSWERED_MS, UNANSWERED_MS, { signal: late.signal }).catch(() => UNANSWERED_MS);
  const ms = await Promise.race([request(port, path).catch(() => UNANSWERED_MS), unanswered]);
  late.abort();
  return ms;
}

/** A connection that is open, with `text` sent; what comes back is thrown away. A failure only closes it. */
export function opened(port: number, text = ''): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    socket.on('error', () => {});
    socket.on('connect', () => {
      if (text === '') resolve(socket);
      else socket.write(text, () => resolve(socket));
    });
    socket.on('close', () => resolve(socket));
    socket.resume();
  });
}

/** Resolves when the other side has ended, or the connection is gone. */
export function overOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed || socket.readableEnded) resolve();
    for (const event of ['end', 'close'] as const) socket.once(event, () => resolve());
  });
}

/** Sends `bytes` and does not listen for an end; how long until the connection is closed under it, in milliseconds. */
export async function endOfUpload(port: number, bytes: number): Promise<number> {
  const startMs = performance.now();
  const piece = Buffer.alloc(256 * 1024);
  const socket = await opened(port, `POST /up HTTP/1.1\r\nHost: bench\r\nContent-Length: ${bytes}\r\n\r\n`);
  let left = bytes;
  const more = () => {
    while (left > 0 && socket.writable) {
      left -= piece.length;
      if (!socket.write(piece)) return;
    }
  };
  socket.on('drain', more);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  if (!socket.destroyed) {
    more();
    await Promise.race([closed, delay(UNANSWERED_MS)]);
  }
  socket.destroy();
  return performance.now() - startMs;
}

/** Ends its side after the request and stops reading for a while after the first bytes; how many of `bytes` never came. */
export function missingBytes(port: number, path: string, bytes: number, pauseMs: number): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let received = 0;
    socket.once('data', (first: Buffer) => {
      received -= first.indexOf('\r\n\r\n') + 4;
      socket.pause();
      setTimeout(() => socket.resume(), pauseMs);
    });
    socket.on('data', ({ length }: Buffer) => {
      received += length;
    });
    socket.on('error', () => {});
    socket.on('end', () => socket.destroy());
    socket.on('close', () => resolve(Math.max(0, bytes - Math.max(0, received))));
    socket.end(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`);
  });
}

/** Tries every few milliseconds until there is an answer. */
export async function answers(port: number, path?: string): Promise<void> {
  for (;;) {
    try {
      await request(port, path);
      return;
    } catch {
      await delay(5);
    }
  }
}

/** Fetches `path` and throws it away; the rate in MiB/s. */
export function download(port: number, path: string, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    let received = 0;
    const socket = open(
      port,
      ({ length }) => {
        received += length;
        if (received < bytes) return;
        resolve(bytes / 2 ** 20 / ((performance.now() - startMs) / 1000));
        socket.destroy();
      },
      reject,
    );
    socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`);
  });
}

/** Sends `bytes` to `path` and a second request behind it, whose answer says that all was read; the rate in MiB/s. */
export function upload(port: number, path: string, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    const piece = Buffer.alloc(256 * 1024, 'kubectl draft-connect 0123456789\n');
    let text = '';
    const socket = open(
      port,
      (received) => {
        text += Buffer.from(received).toString('latin1');
        if ((text.match(/HTTP\/1.1 /g)?.length ?? 0) < 2) return;
        resolve(bytes / 2 ** 20 / ((performance.now() - startMs) / 1000));
        socket.destroy();
      },
      reject,
    );
    socket.write(`POST ${path} HTTP/1.1\r\nHost: bench\r\nContent-Length: ${bytes}\r\n\r\n`);
    let left = bytes;
    const more = () => {
      while (left > 0) {
        const next = piece.subarray(0, Math.min(left, piece.length));
        left -= next.length;
        if (!socket.write(next)) {
          socket.once('drain', more);
          return;
        }
      }
      socket.write('GET / HTTP/1.1\r\nHost: bench\r\n\r\n');
    };
    more();
  });
}
