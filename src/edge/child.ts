// Starts child processes: in a process group of their own, so that a terminal's Ctrl-C does not reach them and a
// wrapper script ends together with what it started. The only module that knows execa.
import type { Readable } from 'node:stream';
import { execa } from 'execa';

export interface ChildEnd {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** Set when the program could not be started at all. */
  readonly startError: NodeJS.ErrnoException | undefined;
}

export interface Child {
  readonly pid: number | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** After exit and the end of both outputs; never rejects. */
  readonly ended: Promise<ChildEnd>;
  /** Asks the whole group to end, insists after `graceMs`; resolves when it has ended. */
  stop(graceMs?: number): Promise<void>;
}

/** Starts `program` with stdin closed and both outputs as byte streams (nothing is buffered beyond the pipe). */
export function startChild(program: string, args: readonly string[]): Child {
  const subprocess = execa(program, args, {
    buffer: false,
    reject: false,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    encoding: 'buffer',
    detached: process.platform !== 'win32',
    cleanup: false,
    windowsHide: true,
  });
  const ended = subprocess.then(
    (result): ChildEnd => ({
      exitCode: result.exitCode,
      signal: result.signal,
      startError: result.exitCode === undefined && result.signal === undefined ? result.cause as NodeJS.ErrnoException : undefined,
    }),
  );
  let stopping: Promise<void> | undefined;
  const signal = (name: NodeJS.Signals) => {
    if (subprocess.pid === undefined) return;
    try {
      process.kill(process.platform === 'win32' ? subprocess.pid : -subprocess.pid, name);
    } catch {
      // already gone
    }
  };
  return {
    pid: subprocess.pid,
    stdout: subprocess.stdout,
    stderr: subprocess.stderr,
    ended,
    stop(graceMs = 400) {
      stopping ??= (async () => {
        signal('SIGTERM');
        const timer = setTimeout(() => signal('SIGKILL'), graceMs);
        await ended;
        clearTimeout(timer);
      })();
      return stopping;
    },
  };
}
