// stderr as the log file of a session in the background: lines with times, and never more than a limit of them.
import { fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { withTimes } from './core/log-lines.ts';
import type { OutputDevice } from './output-device.ts';

const MAX_BYTES = 5 * 1024 * 1024;
const NEWLINE = 0x0a;

let kept = false;

/** From now on stderr is a file of ours, open for reading and appending. */
export function keepLog(): void {
  kept = true;
}

export function keepsLog(): boolean {
  return kept;
}

/** Of what would be beyond the limit the older half goes. */
export function appendToLog(fd: number, text: string, maxBytes = MAX_BYTES): void {
  const bytes = Buffer.from(withTimes(text, new Date().toISOString()));
  const { size } = fstatSync(fd);
  if (size + bytes.length > maxBytes) {
    const recent = Buffer.alloc(Math.max(0, Math.min(size, Math.floor(maxBytes / 2) - bytes.length)));
    const read = readSync(fd, recent, 0, recent.length, size - recent.length);
    ftruncateSync(fd, 0);
    writeSync(fd, recent.subarray(recent.indexOf(NEWLINE) + 1, read));
  }
  writeSync(fd, bytes);
}

export const logDevice: OutputDevice = {
  async write(bytes) {
    appendToLog(2, Buffer.from(bytes).toString());
  },
  abandon() {},
};
