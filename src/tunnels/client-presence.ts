// Whether a client that has ended its input still waits for an answer. A socket alone does not tell: a client that has
// closed looks like one that has only ended its side. On Linux the kernel's table of sockets does, for clients of this
// machine; everybody else counts as gone, as with kubectl.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';
import { inodeOf } from './core/tcp-table.ts';

const LINUX = process.platform === 'linux';
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
/** A client's last bytes arrive a moment before its socket is given up. */
const LOOKS_MS = [1, 20, 1_000];
/** Reading takes 0.2 ms, with 20,000 sockets 60: it is done beside the event loop, and not all the time. */
const READING_SHARE = 0.2;

const watched = new Map<Socket, () => void>();
let looks = 0;
let isLooking = false;
/** Until when no further look is due, on the clock of `performance.now()`. */
let restUntilMs = 0;
let next: { readonly atMs: number; readonly timer: NodeJS.Timeout } | undefined;
let tablesNow: readonly string[] | undefined;

/** Calls back as soon as the client is gone, not at once; returns how to stop that. */
export function watchPresence(client: Socket, onGone: () => void): () => void {
  watched.set(client, onGone);
  looks = 0;
  schedule();
  return () => void watched.delete(client);
}

/** Whether a client that may have ended is gone, now. All questions of one turn of the event loop cost one reading. */
export function isGone(client: Socket, hasEnded: boolean): boolean {
  if (!LINUX) return hasEnded;
  if (tablesNow === undefined) {
    tablesNow = readTables();
    setImmediate(() => {
      tablesNow = undefined;
    });
  }
  return isGoneIn(tablesNow, client, hasEnded);
}

function schedule(): void {
  if (watched.size === 0 || isLooking) return;
  const nowMs = performance.now();
  const atMs = Math.max(restUntilMs, nowMs + (LOOKS_MS[Math.min(looks, LOOKS_MS.length - 1)] ?? 0));
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
  const asked = [...watched];
  const tables = LINUX ? await Promise.all(TABLES.map((path) => readFile(path, 'latin1').catch(() => ''))) : [];
  isLooking = false;
  const nowMs = performance.now();
  restUntilMs = nowMs + (nowMs - startMs) * (1 / READING_SHARE - 1);
  for (const [client, onGone] of asked) {
    if (watched.get(client) !== onGone || (LINUX && !isGoneIn(tables, client, true))) continue;
    watched.delete(client);
    onGone();
  }
  schedule();
}

function isGoneIn(tables: readonly string[], client: Socket, hasEnded: boolean): boolean {
  const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = client;
  const theirs = { address: remoteAddress, port: remotePort };
  const ours = { address: localAddress, port: localPort };
  const inode = inodeOf(tables, theirs, ours, endianness());
  if (inode !== undefined) return inode === 0;
  // A client of another machine, unless not even our end is there any more: it was reset.
  return hasEnded || (tables.length > 0 && inodeOf(tables, ours, theirs, endianness()) === undefined);
}

/** None when there is no descriptor left: then who has ended counts as gone. */
function readTables(): readonly string[] {
  try {
    return TABLES.map((path) => readFileSync(path, 'latin1'));
  } catch {
    return [];
  }
}
