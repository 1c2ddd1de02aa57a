// Writes a few words to stdout or stderr at once; streams go through `output`. Failing to write to stderr ends nothing.
import { writeSync } from 'node:fs';
import { outputFailure } from './core/output-failure.ts';
import { appendToLog, keepsLog } from './log-file.ts';

/**
 * @returns false when the reader has gone
 * @throws {UserError} when stdout cannot take it, for example on a full disk
 */
export function print(fd: 1 | 2, text: string): boolean {
  let bytes = Buffer.from(text);
  try {
    if (fd === 2 && keepsLog()) appendToLog(2, text);
    else while (bytes.length > 0) bytes = bytes.subarray(writeSync(fd, bytes));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const failure = fd === 1 ? outputFailure(error) : undefined;
    // A full pipe that another program made non-blocking: node's own stream waits for it.
    if (code === 'EAGAIN') (fd === 1 ? process.stdout : process.stderr).once('error', () => {}).write(bytes);
    else if (failure !== undefined) throw failure;
    else return code !== 'EPIPE';
  }
  return true;
}
