// The two-way byte stream below a SPDY session: the upgraded socket itself, or (web-socket-link) WebSocket messages on it.
import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';

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
      else socket.destroySoon();
    },
  };
}
