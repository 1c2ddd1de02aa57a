// Whether a client that has ended its input still waits for an answer. A socket alone does not tell: a client that has
// closed looks like one that has only ended its side. On Linux the kernel's table of sockets does, for clients of this
// machine; everybody else counts as gone, as with kubectl.
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';
import { type Endpoint, inodeIn, keysOf, nextLookMs } from './core/tcp-table.ts';

interface Question {
  readonly keys: readonly string[];
  readonly onGone: () => void;
}

const TABLES = process.platform === 'linux' ? ['/proc/net/tcp', '/proc/net/tcp6'] : [];
/** More than the kernel hands out at once. */
const PIECE_BYTES = 8 * 1024;

const watched = new Set<Question>();
/** Since the last client came. */
let looks = 0;
let isLooking = false;
let last = { endedMs: 0, tookMs: 0 };
let next: { readonly atMs: number; readonly timer: NodeJS.Timeout } | undefined;
let textNow: string | undefined;

/** Calls back as soon as the client is gone, not at once; returns how to stop that. */
export function watchPresence(client: Socket, onGone: () => void): () => void {
  const question = { keys: keysOf(theirEnd(client), ourEnd(client), endianness()), onGone };
  watched.add(question);
  looks = 0;
  schedule();
  return () => void watched.delete(question);
}

/** Whether a client that may have ended is gone, now. All questions of one turn of the event loop cost one reading. */
export function isGone(client: Socket, hasEnded: boolean): boolean {
  if (textNow === undefined) {
    textNow = readNow();
    setImmediate(() => {
      textNow = undefined;
    });
  }
  const [theirs, ours] = [theirEnd(client), ourEnd(client)];
  const inode = inodeIn(textNow, keysOf(theirs, ours, endianness()));
  if (inode !== undefined) return inode === 0;
  // A client of another machine, unless not even our end is there any more: it was reset.
  return hasEnded || (textNow !== '' && inodeIn(textNow, keysOf(ours, theirs, endianness())) === undefined);
}

function theirEnd({ remoteAddress = '', remotePort = 0 }: Socket): Endpoint {
  return { address: remoteAddress, port: remotePort };
}

function ourEnd({ localAddress = '', localPort = 0 }: Socket): Endpoint {
  return { address: localAddress, port: localPort };
}

function schedule(): void {
  if (watched.size === 0 || isLooking) return;
  const nowMs = performance.now();
  const atMs = nextLookMs(last, looks, nowMs);
  // Who comes later must not put off the look at who came before.
  if (next !== undefined && next.atMs <= atMs) return;
  clearTimeout(next?.timer);
  next = { atMs, timer: setTimeout(() => void look(), atMs - nowMs) };
}

async function look(): Promise<void> {
  const startMs = performance.now();
  next = undefined;
  isLooking = true;
  looks += 1;
  const asked = new Set(watched);
  const answer = (question: Question, isGone: boolean) => {
    asked.delete(question);
    if (isGone && watched.delete(question)) question.onGone();
  };
  await readTables((text) => {
    for (const question of asked) {
      const inode = inodeIn(text, question.keys);
      if (inode !== undefined) answer(question, inode === 0);
    }
    return asked.size === 0;
  });
  for (const question of asked) answer(question, true);
  isLooking = false;
  const endedMs = performance.now();
  last = { endedMs, tookMs: endedMs - startMs };
  schedule();
}

/** Some lines at a time, beside the event loop, until it is enough. What cannot be read has no lines. */
async function readTables(isEnough: (text: string) => boolean): Promise<void> {
  for (const path of TABLES) {
    if (await readTable(path, isEnough).catch(() => false)) return;
  }
}

async function readTable(path: string, isEnough: (text: string) => boolean): Promise<boolean> {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  const file = await open(path);
  try {
    for (let rest = ''; ; ) {
      const { bytesRead } = await file.read(buffer);
      const text = rest + buffer.toString('latin1', 0, bytesRead);
      if (bytesRead === 0 || isEnough(text)) return bytesRead > 0;
      rest = text.slice(text.lastIndexOf('\n') + 1);
    }
  } finally {
    await file.close();
  }
}

/** Empty when no descriptor is left: a client that has ended its side then counts as gone. */
function readNow(): string {
  try {
    return TABLES.map((path) => readFileSync(path, 'latin1')).join('');
  } catch {
    return '';
  }
}
