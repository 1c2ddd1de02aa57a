// What processes cost, by the system's own accounting (Linux), and how benches start them.
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

const run = promisify(execFile);
const BATCH =
  'TIMEFORMAT="%3R %3U %3S"; n=$1; shift; time for ((i = 0; i < n; i++)); do "$@" >/dev/null 2>&1; done; true';

/** One run's cost, the mean of `count` runs in a row: the shell counts milliseconds. */
export async function timeBatch(count: number, command: readonly string[], env = process.env): Promise<Cost> {
  const { stderr } = await run('bash', ['-c', BATCH, 'bash', String(count), ...command], { env });
  const [wall = 0, user = 0, system = 0] = stderr.trim().split(' ').map(Number);
  return { wallMs: (wall * 1000) / count, cpuMs: ((user + system) * 1000) / count };
}

export type Started = ChildProcessByStdio<null, Readable, Readable> & { readonly pid: number };

/** Starts it with both outputs as pipes; what nobody reads is thrown away. */
export function start(command: readonly string[], env: NodeJS.ProcessEnv = process.env): Started {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.resume();
  child.stderr.resume();
  if (child.pid === undefined) throw new Error(`${program} cannot be started`);
  return child as Started;
}

export async function end(child: Started, signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill(signal);
  await ended;
}

/** Resolves with the first match in the text so far; rejects when the process ends without. */
export function sees(child: Started, stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = '';
    let other = '';
    const look = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const match = pattern.exec(text);
      if (match === null) return;
      child[stream].off('data', look);
      child.off('close', fail);
      resolve(match);
    };
    const fail = () => reject(new Error(`ended without ${pattern}: ${text.slice(-500)} ${other.slice(-500)}`));
    child[stream].on('data', look);
    child[stream === 'stdout' ? 'stderr' : 'stdout'].on('data', (chunk: Buffer) => {
      other += chunk.toString('latin1');
    });
    child.once('close', fail);
  });
}

const TICK_MS = 10;

/** User and system time of all threads so far. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** The same to the nanosecond, without threads that have ended. */
export function fineCpuMsOf(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.reduce((sum, task) => {
    const [ns = 0] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ').map(Number);
    return sum + ns / 1e6;
  }, 0);
}

export const residentMiBOf = (pid: number): number => memoryMiBOf(pid, /VmRSS:\s+(\d+) kB/);

/** The most it has ever been. */
export const peakMiBOf = (pid: number): number => memoryMiBOf(pid, /VmHWM:\s+(\d+) kB/);

function memoryMiBOf(pid: number, pattern: RegExp): number {
  const [, kib] = pattern.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kib) / 1024;
}

/** False for one that has ended and only waits for somebody to ask how: init may take its time. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

export interface ProcessInfo {
  readonly pid: number;
  readonly command: string;
}

/** All descendants of a process, also those in sessions of their own. */
export function descendantsOf(pid: number): readonly ProcessInfo[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // it has just ended
    }
  }
  const found: ProcessInfo[] = [];
  const visit = (parent: number) => {
    for (const [child, of] of parents) {
      if (of !== parent) continue;
      found.push({ pid: child, command: commandOf(child) });
      visit(child);
    }
  };
  visit(pid);
  return found;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}
