// Which shell called us: looks at the processes above this one. Asked only where variables are printed, since it may take
// a run of ps.
import { readFileSync, readlinkSync } from 'node:fs';
import { outputOf } from '../processes/child.ts';
import type { Shell } from '../request/core/settings.ts';
import { type Ancestor, chooseShell } from './core/calling-shell.ts';

/** A shell, sudo, a script, kubectl: more do not stand between a person and us. */
const MOST_ANCESTORS = 8;

export async function callingShell(): Promise<Shell> {
  return chooseShell(await ancestors(), process.env);
}

async function ancestors(): Promise<readonly Ancestor[]> {
  // Nothing there tells it in reasonable time.
  if (process.platform === 'win32') return [];
  const parentOf = process.platform === 'linux' ? readProc : await readPs();
  const found: Ancestor[] = [];
  for (let pid = process.ppid; pid > 1 && found.length < MOST_ANCESTORS; ) {
    const process = parentOf(pid);
    if (process === undefined) break;
    found.push(process);
    pid = process.parent;
  }
  return found;
}

interface Process extends Ancestor {
  readonly parent: number;
}

/** proc(5): `pid (name) state ppid`; the name may itself contain blanks and parentheses. */
function readProc(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { name, program: programOf(pid), parent: Number(parent) };
  } catch {
    return undefined;
  }
}

/** Another user's is not told. */
function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

async function readPs(): Promise<(pid: number) => Process | undefined> {
  const text = await outputOf('ps', ['-A', '-o', 'pid=,ppid=,comm=']);
  const lines = text.matchAll(/^ *(\d+) +(\d+) +(.*)$/gm);
  const all = new Map([...lines].map(([, pid, parent, name = '']) => [Number(pid), { name, parent: Number(parent) }]));
  return (pid) => {
    const found = all.get(pid);
    return found && { ...found, program: undefined };
  };
}
