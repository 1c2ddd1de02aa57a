// Writing to stdout or stderr without ever blocking the event loop: tunnels live in the same process, and a terminal
// stopped with Ctrl-S, or one under a paused tmux, blocks whoever writes to it the way Node does by default.
import { closeSync, constants, fstatSync, openSync, readdirSync, statSync, write, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import { keepsLog, logDevice } from './log-file.ts';

export interface OutputDevice {
  /** Resolves when the bytes have left and may be overwritten; rejects when the reader has gone. */
  write(bytes: Uint8Array): Promise<void>;
  /** Gives up what has not left. */
  abandon(): void;
}

// How often a full terminal is asked again; a person will not see it.
const RETRY_MS = 15;

export function openOutputDevice(fd: 1 | 2): OutputDevice {
  const standard = () => streamDevice(fd === 1 ? process.stdout : process.stderr);
  if (fd === 2 && keepsLog()) return logDevice;
  if (process.platform === 'win32') return standard();
  try {
    if (isatty(fd)) {
      const own = reopen(fd);
      return own === undefined ? fileDevice(fd) : terminalDevice(own);
    }
    const stat = fstatSync(fd);
    if (stat.isFIFO()) {
      const own = reopen(fd);
      return own === undefined ? standard() : streamDevice(new Socket({ fd: own, readable: false, writable: true }));
    }
    return stat.isSocket() ? standard() : fileDevice(fd);
  } catch {
    return standard();
  }
}

/**
 * A descriptor of our own for the same terminal or pipe, non-blocking. The flag belongs to the open file: set on the
 * given descriptor it would change it for every program that shares it, and starting a child takes it away again.
 */
function reopen(fd: number): number | undefined {
  const path = process.platform === 'linux' ? `/proc/self/fd/${fd}` : terminalPath(fd);
  if (path === undefined) return undefined;
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}

/** As ttyname(3) finds it. */
function terminalPath(fd: number): string | undefined {
  const { rdev } = fstatSync(fd);
  return readdirSync('/dev')
    .filter((name) => name.startsWith('tty') && name !== 'tty')
    .map((name) => `/dev/${name}`)
    .find((path) => statSync(path, { throwIfNoEntry: false })?.rdev === rdev);
}

/** Pipes and sockets, which Node writes to asynchronously on Unix. */
function streamDevice(stream: Writable): OutputDevice {
  // the write's own callback says the same
  stream.on('error', () => {});
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    abandon: () => void stream.destroy(),
  };
}

function terminalDevice(fd: number): OutputDevice {
  let abandoned = false;
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length && !abandoned; ) {
        try {
          at += writeSync(fd, bytes, at);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
          await delay(RETRY_MS);
        }
      }
    },
    abandon() {
      abandoned = true;
      closeSync(fd);
    },
  };
}

/** Written in Node's thread pool: a slow disk must not stop the tunnels either. */
function fileDevice(fd: number): OutputDevice {
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length; ) {
        at += (await promisify(write)(fd, bytes, at)).bytesWritten;
      }
    },
    abandon() {},
  };
}
