// Tells a process from a later one that has got its number.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { hostname } from 'node:os';
import { outputOf } from '../processes/child.ts';
import { UserError } from '../values/errors.ts';
import { type Found, type Life, lifeAmong, whereabouts } from './core/life.ts';
import type { Place, ProcessIdentity } from './core/record.ts';

const LINUX = process.platform === 'linux';
const WINDOWS = process.platform === 'win32';
let heldPipe: Promise<string> | undefined;

/** @throws {UserError} where the system does not say enough for anybody to find us by it */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const place = ownPlace();
  if (WINDOWS) heldPipe ??= holdPipe();
  const found = await find({ pid: process.pid, started: (await heldPipe) ?? '' });
  if (place === undefined)
    throw new UserError('this process cannot be told from others', { hint: 'is /proc mounted?' });
  return { pid: process.pid, started: (found.kind === 'found' && found.started) || '', place };
}

export async function lifeOf(identity: ProcessIdentity): Promise<Life> {
  const where = whereabouts(identity.place, ownPlace());
  if (where === 'elsewhere') return where;
  if (where === 'earlier') return 'gone';
  return lifeAmong(await find(identity), identity, where);
}

function ownPlace(): Place | undefined {
  if (!LINUX) return { host: hostname(), boot: '', namespace: '', machine: '' };
  try {
    return {
      host: hostname(),
      boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      namespace: readlinkSync('/proc/self/ns/pid'),
      machine: machineId(),
    };
  } catch {
    return undefined;
  }
}

/** machine-id(5). */
function machineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return '';
  }
}

async function find({ pid, started }: Pick<ProcessIdentity, 'pid' | 'started'>): Promise<Found> {
  if (LINUX) return findInProc(pid);
  if (WINDOWS) return findPipe(pid, started);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return { kind: 'none' };
  }
  // Neither the language nor the time zone may change what a process's start looks like.
  const text = await outputOf('ps', ['-o', 'lstart=', '-p', String(pid)], { LC_ALL: 'C', TZ: 'UTC' });
  return { kind: 'found', started: text.trim() || undefined };
}

/** proc(5): the name in parentheses may itself contain blanks and parentheses; field 22 is the start in ticks. */
function findInProc(pid: number): Found {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ESRCH' ? { kind: 'none' } : { kind: 'found', started: undefined };
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // Only its exit status is left.
  if (fields[0] === 'Z' || fields[0] === 'X') return { kind: 'none' };
  return { kind: 'found', started: fields[19] };
}

/**
 * Windows says when a process has started only through PowerShell, which takes half a second and may be forbidden. There
 * a process has a named pipe instead, which goes with it; the random part of its name stands for its start.
 */
async function holdPipe(): Promise<string> {
  const secret = randomUUID();
  const server = createServer((client) => client.destroy());
  server.listen(pipePath(process.pid, secret)).unref();
  await once(server, 'listening');
  return secret;
}

function findPipe(pid: number, secret: string): Promise<Found> {
  // A file has said it: nothing may stand there that names a pipe of another machine.
  if (!/^[0-9a-f-]{36}$/.test(secret)) return Promise.resolve({ kind: 'none' });
  return new Promise((resolve) => {
    const client = connect(pipePath(pid, secret), () => {
      client.destroy();
      resolve({ kind: 'found', started: secret });
    });
    client.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code === 'ENOENT' ? { kind: 'none' } : { kind: 'found', started: undefined }),
    );
  });
}

function pipePath(pid: number, secret: string): string {
  return `\\\\.\\pipe\\draft-connect-${pid}-${secret}`;
}
