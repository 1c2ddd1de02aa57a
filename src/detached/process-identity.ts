// Tells a process from a later one that has got its number.
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { startChild } from '../processes/child.ts';
import type { Place, ProcessIdentity } from './core/record.ts';

const LINUX = process.platform === 'linux';

/** `elsewhere`: another machine or container that shares our home directory; nothing can be said about it from here. */
export type Life = 'alive' | 'gone' | 'elsewhere';

export async function ownIdentity(): Promise<ProcessIdentity> {
  const started = await startOf(process.pid);
  return { pid: process.pid, started: started ?? '', place: ownPlace() };
}

export async function lifeOf(identity: ProcessIdentity): Promise<Life> {
  const here = ownPlace();
  const { place } = identity;
  // A machine may get another name while it runs, on another network say.
  if (place.boot !== here.boot) return place.host === here.host ? 'gone' : 'elsewhere';
  if (place.namespace !== here.namespace) return 'elsewhere';
  return (await startOf(identity.pid)) === identity.started && identity.started !== '' ? 'alive' : 'gone';
}

function ownPlace(): Place {
  if (!LINUX) return { host: hostname(), boot: '', namespace: '' };
  return {
    host: hostname(),
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    namespace: readlinkSync('/proc/self/ns/pid'),
  };
}

/** Undefined if there is no such process, or only its exit status is left. */
async function startOf(pid: number): Promise<string | undefined> {
  if (LINUX) return startInProc(pid);
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
  return text.trim() === '' ? undefined : text.trim();
}

/** proc(5): the name in parentheses may itself contain blanks and parentheses; field 22 is the start in ticks. */
function startInProc(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}
