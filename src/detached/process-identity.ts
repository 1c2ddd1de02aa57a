// Tells a process from a later one that has got its number.
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { startChild } from '../processes/child.ts';
import { UserError } from '../values/errors.ts';
import { type Found, type Life, lifeAmong, whereabouts } from './core/life.ts';
import type { Place, ProcessIdentity } from './core/record.ts';

const LINUX = process.platform === 'linux';

/** @throws {UserError} where the system does not say enough for anybody to find us by it */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const place = ownPlace();
  const found = await find(process.pid);
  if (place === undefined)
    throw new UserError('this process cannot be told from others', { hint: 'is /proc mounted?' });
  return { pid: process.pid, started: (found.kind === 'found' && found.started) || '', place };
}

export async function lifeOf(identity: ProcessIdentity): Promise<Life> {
  const where = whereabouts(identity.place, ownPlace());
  if (where === 'elsewhere') return where;
  if (where === 'earlier') return 'gone';
  return lifeAmong(await find(identity.pid), identity, where);
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

async function find(pid: number): Promise<Found> {
  if (LINUX) return findInProc(pid);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return { kind: 'none' };
  }
  const [program, args] =
    process.platform === 'win32'
      ? ['powershell', ['-NoProfile', '-NonInteractive', '-Command', `(Get-Process -Id ${pid}).StartTime.Ticks`]]
      : ['ps', ['-o', 'lstart=', '-p', String(pid)]];
  // Neither the language nor the time zone may change what a process's start looks like.
  const child = startChild(program, args, { env: { LC_ALL: 'C', TZ: 'UTC' } });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  await child.ended;
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
