// A child that is started with node's own spawn, before execa is loaded: kubectl works on its first answer while we load
// the rest of our code (docs/performance.md). It has the terminal, if that is ours: a credential
// plugin may ask for something there.
import { spawn } from 'node:child_process';
import { inForeground } from './foreground.ts';
import { sendSignal } from './process-group.ts';
import { type ChildEnd, type Environment, nextChild, type StartedChild } from './started-child.ts';
import { watchdog } from './watchdog.ts';
import { startDirectory } from './working-directory.ts';

export type EarlyChild = ReturnType<typeof earlyChild>;

/**
 * Undefined on Windows, where a program's name alone does not tell how it is started, and when it cannot be started.
 * @param options.terminal false: another program has the terminal
 * @param options.env what its environment adds to ours
 */
export function startEarly(
  program: string,
  args: readonly string[],
  { terminal = true, env }: { readonly terminal?: boolean; readonly env?: Environment } = {},
): EarlyChild | undefined {
  if (process.platform === 'win32') return undefined;
  try {
    return earlyChild(start(program, args, terminal && inForeground(), env));
  } catch {
    // It is started again later, where the failure is handled.
    return undefined;
  }
}

/** @param inOurGroup another group could not read from the terminal, and another session has none */
function start(program: string, args: readonly string[], inOurGroup: boolean, added?: Environment): StartedChild {
  const { number, env } = nextChild();
  const subprocess = spawn(program, args, {
    stdio: [inOurGroup ? 'inherit' : 'ignore', 'pipe', 'pipe'],
    detached: !inOurGroup,
    cwd: startDirectory(),
    env: { ...process.env, ...env, ...added },
  });
  if (subprocess.pid !== undefined) watchdog.started(number, subprocess.pid);
  const ended = new Promise<ChildEnd>((resolve) => {
    subprocess.once('error', (startError) => resolve({ exitCode: undefined, signal: undefined, startError }));
    subprocess.once('close', (exitCode, signal) =>
      resolve({ exitCode: exitCode ?? undefined, signal: signal ?? undefined, startError: undefined }),
    );
  });
  return { number, inOurGroup, subprocess, ended };
}

/** Once a child has ended node drops unread output, unless it has a `readable` listener. */
const hold = () => {};

function earlyChild(started: StartedChild) {
  const { pid, stdout, stderr } = started.subprocess;
  const outputs = [stdout, stderr];
  let taken = false;
  for (const output of outputs) output.on('error', () => {}).on('readable', hold);
  return {
    /** Resolves when it has ended, taken or not. */
    ended: started.ended,
    /** Hands it over for good; what it has said until now can still be read. */
    take(): StartedChild {
      taken = true;
      for (const output of outputs) output.off('readable', hold);
      return started;
    },
    /** Ends it, unless it was taken. */
    drop(): void {
      if (taken || pid === undefined) return;
      taken = true;
      sendSignal(pid, 'SIGKILL', started.inOurGroup);
      for (const output of outputs) output.destroy();
    },
  };
}
