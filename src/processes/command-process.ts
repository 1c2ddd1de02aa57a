// Starts programs that are not children of a session: `-- COMMAND` at our terminal, and this program in the background.
import type { Readable } from 'node:stream';
import { endOf, launch, notStarted } from './child.ts';
import { within } from './process-group.ts';
import type { ChildEnd, Environment } from './started-child.ts';
import { COMMAND_MARKER, WITHOUT_MARKERS, watchdog } from './watchdog.ts';

export interface ForegroundChild {
  /** Never rejects. */
  readonly ended: Promise<ChildEnd>;
  /** To the process alone, not to what it started. */
  kill(signal: NodeJS.Signals): void;
  /** Ends what it has left running. */
  endRest(): void;
}

/** Starts COMMAND: our terminal, our process group, our stdin, stdout and stderr. */
export function startForeground(program: string, args: readonly string[], env: Environment): ForegroundChild {
  const subprocess = launch(program, args, {
    stdio: 'inherit',
    env: { ...env, [COMMAND_MARKER]: watchdog.commandMarker() },
  });
  if (subprocess instanceof Error) return { ...notStarted(subprocess), kill() {}, endRest() {} };
  const { pid } = subprocess;
  let running = pid !== undefined;
  if (pid !== undefined) watchdog.commandStarted(pid);
  subprocess.once('exit', () => {
    running = false;
    watchdog.commandEnded();
  });
  return {
    ended: endOf(subprocess),
    kill(signal) {
      if (running) subprocess.kill(signal);
    },
    endRest: () => watchdog.endRestOfCommand(),
  };
}

export interface BackgroundChild {
  readonly stdout: Readable;
  /** Never rejects. */
  readonly ended: Promise<ChildEnd>;
  stop(graceMs: number): Promise<void>;
  /** Lets it run on without us. */
  release(): void;
}

/**
 * Starts a program that outlives us: in our terminal and process group, but unknown to the watchdog.
 * `stderrFd` is a descriptor of ours that becomes its stderr.
 */
export function startBackground(
  program: string,
  args: readonly string[],
  options: { env: Environment; stderrFd: number },
): BackgroundChild {
  const subprocess = launch(program, args, {
    // For a credential plugin that asks for something, until it is connected.
    stdin: 'inherit',
    // execa takes any descriptor here, its types only some.
    stderr: options.stderrFd as 2,
    // Windows ends all other children together with us.
    detached: process.platform === 'win32',
    env: { ...options.env, ...WITHOUT_MARKERS },
  });
  if (subprocess instanceof Error) return { ...notStarted(subprocess), release() {} };
  const ended = endOf(subprocess);
  return {
    stdout: subprocess.stdout,
    ended,
    async stop(graceMs) {
      subprocess.kill('SIGTERM');
      if (await within(graceMs, ended)) return;
      subprocess.kill('SIGKILL');
      await ended;
    },
    release() {
      subprocess.stdout.destroy();
      subprocess.unref();
    },
  };
}
