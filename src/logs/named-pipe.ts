// A pipe for a child that writes a lot in small pieces. Node gives a child a socket pair, which keeps each write as a
// buffer of its own; a pipe packs them together. In a flood of lines that halves our CPU, at 1.9 times the rate.
// Node cannot make one, so mkfifo(1) does, and the name is gone again before anything is written. Bytes are read past
// Node's streams: those go on reading while they are paused, and would leave the pipe nothing to pack.
import { randomUUID } from 'node:crypto';
import { closeSync, constants, lstatSync, openSync, readdirSync, rmSync } from 'node:fs';
import { Socket, type SocketConstructorOpts } from 'node:net';
import { join } from 'node:path';
import { ensureStateDirectory } from '../detached/state-dir.ts';
import { launch, type OutputPipe } from '../processes/child.ts';

export interface NamedPipe extends OutputPipe {
  /** Call it at once: the reader has no `data` events. The bytes are only valid during the call. */
  onBytes(take: (bytes: Buffer) => void): void;
  /** For a pipe that no child was started with. */
  discard(): void;
}

/** Measured only there; elsewhere a child gets what Node gives it. */
const WORTHWHILE = process.platform === 'linux';
const OLD_MS = 60_000;
/** As much as a pipe holds; one for all, since what was read is taken before anything else is read. */
const bytesRead = Buffer.allocUnsafeSlow(64 * 1024);
/** Pipes that are asked for in the same turn of the event loop are made by one process. */
let batch: { readonly paths: string[]; readonly done: Promise<unknown> } | undefined;

/** Undefined where none can be made; never rejects. */
export async function makeNamedPipe(): Promise<NamedPipe | undefined> {
  if (!WORTHWHILE) return undefined;
  let path: string | undefined;
  try {
    // Random: a process id is not unique among programs in containers that share the directory.
    path = join(ensureStateDirectory('pipes'), randomUUID());
    batch ??= startBatch();
    batch.paths.push(path);
    await batch.done;
    return open(path);
  } catch {
    return undefined;
  } finally {
    if (path !== undefined) rmSync(path, { force: true });
  }
}

function startBatch(): NonNullable<typeof batch> {
  const paths: string[] = [];
  const done = Promise.resolve().then(async () => {
    batch = undefined;
    removeOld(ensureStateDirectory('pipes'));
    const result = await launch('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' });
    // It fails if a name exists: then that pipe is another program's.
    if (result instanceof Error || result.exitCode !== 0) throw new Error('mkfifo failed');
  });
  return { paths, done };
}

/** A program that is killed within the milliseconds that a name exists leaves it behind. */
function removeOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isFIFO() && Date.now() - stat.mtimeMs > OLD_MS) rmSync(path, { force: true });
  }
}

function open(path: string): NamedPipe {
  // In this order: without a reader the writer would wait for one.
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const writer = openSync(path, constants.O_WRONLY);
    let take = (_bytes: Buffer) => {};
    const callback = (length: number) => {
      take(bytesRead.subarray(0, length));
      return true;
    };
    // Node documents `onread` for connections; it holds for every handle.
    const options = { fd: readEnd, readable: true, writable: false, onread: { buffer: bytesRead, callback } };
    const reader = new Socket(options as SocketConstructorOpts);
    reader.on('error', () => {});
    const discard = () => {
      closeSync(writer);
      reader.destroy();
    };
    const onBytes = (taker: typeof take) => {
      take = taker;
    };
    return { reader, writer, onBytes, discard };
  } catch (error) {
    closeSync(readEnd);
    throw error;
  }
}
