// A child's process group: it is signalled as a whole, also when its leader has ended.
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';

const WINDOWS = process.platform === 'win32';
/** An output that stays open and silent this long after its program has ended is held by another process. */
const SILENCE_MS = 250;

/**
 * A wrapper that ended may leave a process that holds the outputs open. It ends too; if it cannot be reached, the outputs
 * are closed once they have been silent for a while, though never before they were read to the end. What holds stderr
 * alone when the wrapper ended in `order` was opened by a credential plugin, a browser say, and is not ours to end.
 */
export function freeOutputs(
  [stdout, stderr]: readonly [Readable, Readable],
  ended: Promise<unknown>,
  order: boolean,
  signalGroup: (name: NodeJS.Signals) => void,
): void {
  let ticks = 0;
  let before = -1;
  const timer = setInterval(() => {
    ticks += 1;
    const open = [stdout, stderr].filter((output) => !output.closed);
    const foreign = order && stdout.closed;
    if (ticks <= 2 && !foreign) signalGroup(ticks === 1 ? 'SIGTERM' : 'SIGKILL');
    const unread = open.some((output) => output.isPaused() || output.readableLength > 0);
    const read = open.reduce((sum, output) => sum + (output instanceof Socket ? output.bytesRead : 0), 0);
    if ((ticks > 2 || foreign) && !unread && read === before) for (const output of open) output.destroy();
    before = unread ? -1 : read;
  }, SILENCE_MS);
  void ended.finally(() => clearInterval(timer));
}

/**
 * False when no process was there to receive it.
 * @param alone it leads no group
 */
export function sendSignal(pid: number | undefined, name: NodeJS.Signals | 0, alone: boolean): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(alone || WINDOWS ? pid : -pid, name);
  } catch {
    return false;
  }
}

export async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const inTime = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
