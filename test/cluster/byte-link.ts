// The two-way byte stream below a SPDY session: the upgraded socket itself, or WebSocket binary messages on it.
import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

export interface ByteLink {
  /** Sends head and payload back to back; false means: wait for `onDrain`. */
  write(head: Buffer, payload?: Buffer): boolean;
  onData(take: (chunk: Buffer) => void): void;
  onDrain(go: () => void): void;
  onClose(gone: () => void): void;
  pause(): void;
  resume(): void;
  /** Ends the stream after what was written, or resets the connection at once. */
  close(how: 'end' | 'reset'): void;
}

export function socketLink(socket: Socket): ByteLink {
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  return {
    write(head, payload) {
      if (payload === undefined) return socket.write(head);
      socket.cork();
      socket.write(head);
      const more = socket.write(payload);
      socket.uncork();
      return more;
    },
    onData: (take) => void socket.on('data', take),
    onDrain: (go) => void socket.on('drain', go),
    onClose: (gone) => void socket.on('close', gone),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: (how) => {
      if (how === 'reset') socket.resetAndDestroy();
      else socket.end(() => socket.destroySoon());
    },
  };
}

const HIGH_WATER_BYTES = 1024 * 1024;

export function webSocketLink(socket: Socket, webSocket: WebSocket): ByteLink {
  let drain = () => {};
  let waiting = false;
  webSocket.on('error', () => socket.destroy());
  const sent = () => {
    if (!waiting || webSocket.bufferedAmount > HIGH_WATER_BYTES / 2) return;
    waiting = false;
    drain();
  };
  return {
    write(head, payload) {
      webSocket.send(payload === undefined ? head : Buffer.concat([head, payload]), { binary: true }, sent);
      waiting ||= webSocket.bufferedAmount > HIGH_WATER_BYTES;
      return !waiting;
    },
    onData: (take) => void webSocket.on('message', (message: Buffer) => take(message)),
    onDrain: (go) => {
      drain = go;
    },
    onClose: (gone) => void webSocket.on('close', gone),
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    close: (how) => {
      if (how === 'reset') socket.resetAndDestroy();
      else webSocket.close(1000);
    },
  };
}
