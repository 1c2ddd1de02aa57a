// The first kubectl, started before what supervises children is loaded: it runs meanwhile (bench connected).
// `startChild` takes it over when it is asked for the same call.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { CHILD_ENVIRONMENT, type ChildEnd } from './child-end.ts';

import { sendSignal } from './process-group.ts';
import { CHILD_MARKER, watchdog } from './watchdog.ts';
import { startDirectory } from './working-directory.ts';

export interface EarlyChild {
  readonly number: number;
  readonly subprocess: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<ChildEnd>;
}

/** Its number among the children of this process. */
export const EARLY_NUMBER = 1;

/** Once a child has ended node drops what nobody has asked for, but for an output that is read by portions. */
const hold = () => {};

let early: (EarlyChild & { readonly call: string }) | undefined;

const callOf = (program: string, args: readonly string[]) => JSON.stringify([program, ...args]);

/** Starts it as `startChild` would. Not on Windows, where a program's name alone does not tell how it is started. */
export function startEarly(program: string, args: readonly string[]): void {
  if (process.platform === 'win32' || early !== undefined) return;
  try {
    const subprocess = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      cwd: startDirectory(),
      env: { ...process.env, ...CHILD_ENVIRONMENT, [CHILD_MARKER]: watchdog.marker(EARLY_NUMBER) },
    });
    for (const output of [subprocess.stdout, subprocess.stderr]) output.on('error', () => {}).on('readable', hold);
    if (subprocess.pid !== undefined) watchdog.started(EARLY_NUMBER, subprocess.pid);
    const ended = new Promise<ChildEnd>((resolve) => {
      subprocess.once('error', (startError) => resolve({ exitCode: undefined, signal: undefined, startError }));
      subprocess.once('close', (exitCode, signal) =>
        resolve({ exitCode: exitCode ?? undefined, signal: signal ?? undefined, startError: undefined }),
      );
    });
    early = { call: callOf(program, args), number: EARLY_NUMBER, subprocess, ended };
  } catch {
    // Asked for again, it fails again, where somebody listens.
  }
}

/** The early child, if it was started for this very call and nobody has it yet. */
export function takeEarly(program: string, args: readonly string[]): EarlyChild | undefined {
  if (early?.call !== callOf(program, args)) return undefined;
  const taken = early;
  early = undefined;
  for (const output of [taken.subprocess.stdout, taken.subprocess.stderr]) output.off('readable', hold);
  return taken;
}

/** Ends it if nobody asked for it. */
export function dropEarly(): void {
  const dropped = early?.subprocess;
  early = undefined;
  if (dropped?.pid === undefined) return;
  sendSignal(dropped.pid, 'SIGKILL');
  dropped.stdout.destroy();
  dropped.stderr.destroy();
}
