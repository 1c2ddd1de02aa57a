// `-- COMMAND`: runs it in our place at the terminal, with variables that say where the tunnels are.
import { constants } from 'node:os';
import type { Variable } from '../detached/core/variables.ts';
import { startForeground } from '../processes/command-process.ts';
import { inForeground } from '../processes/foreground.ts';
import { EXIT_AFTER, type PassedOnSignal, type Signals } from '../processes/signals.ts';
import { whyNotStarted } from '../processes/started-child.ts';
import { workingDirectory } from '../processes/working-directory.ts';
import { UserError } from '../values/errors.ts';
import { quoted } from '../values/quote.ts';

/** How long COMMAND may take after a second signal, or when what it works with is gone. */
const IMPATIENT_MS = 2_000;

export interface CommandOptions {
  readonly variables: readonly Variable[];
  /** While COMMAND runs they are COMMAND's, all of them. */
  readonly signals: Signals;
  /** Ends COMMAND. */
  readonly abort?: AbortSignal;
}

/**
 * Resolves with the exit status the shell would give for it: COMMAND's own, or 128 + n when signal n ended it.
 * @throws {UserError} with the shell's 127 or 126 when it cannot be started
 */
export async function runCommand(command: readonly string[], options: CommandOptions): Promise<{ exitCode: number }> {
  const [program = '', ...args] = command;
  if (workingDirectory() === undefined) throw notStarted(program, new Error('the working directory is gone'));
  let received = 0;
  // Before the start: a signal that comes right after it is COMMAND's already.
  const takeBack = options.signals.divert((signal) => {
    if (comesFromTerminal(signal)) return;
    child.kill(signal);
    if (ENDING.has(signal)) received += 1;
    if (received > 1) loseSoon();
  });
  const child = startForeground(
    program,
    args,
    Object.fromEntries(options.variables.map(({ name, value }) => [name, value])),
  );
  let patience: NodeJS.Timeout | undefined;
  let aborted = false;
  const loseSoon = () => {
    patience ??= setTimeout(() => child.kill('SIGKILL'), IMPATIENT_MS);
  };
  const end = () => {
    aborted = true;
    child.kill('SIGTERM');
    loseSoon();
  };
  options.abort?.addEventListener('abort', end);
  if (options.abort?.aborted) end();
  const { exitCode, signal, startError } = await child.ended;
  options.abort?.removeEventListener('abort', end);
  takeBack();
  clearTimeout(patience);
  // What it leaves when it ends by itself is meant to stay.
  if (received > 0 || aborted || endedBySighup(exitCode, signal)) child.endRest();
  if (startError !== undefined) throw notStarted(program, startError);
  if (exitCode !== undefined) return { exitCode };
  return { exitCode: 128 + (constants.signals[signal as NodeJS.Signals] ?? 0) };
}

/** Orders to end. A program may take any number of SIGHUPs for the wish that it read its settings again. */
const ENDING: ReadonlySet<PassedOnSignal> = new Set(['SIGINT', 'SIGTERM'] as const);

/** A shell tells so by its exit status. */
function endedBySighup(exitCode: number | undefined, signal: string | undefined): boolean {
  return signal === 'SIGHUP' || exitCode === EXIT_AFTER.SIGHUP;
}

/**
 * A terminal gives Ctrl-C and Ctrl-\ to the whole foreground group, so COMMAND has it already. Nothing tells that from
 * the same signal sent to us alone, by kill(1) for example: twice would be worse, since COMMAND may take that for an order.
 */
function comesFromTerminal(signal: PassedOnSignal): boolean {
  return (signal === 'SIGINT' || signal === 'SIGQUIT') && inForeground();
}

function notStarted(program: string, error: NodeJS.ErrnoException): UserError {
  const exitCode = error.code === 'ENOENT' ? 127 : 126;
  const reason = whyNotStarted(program, error);
  if (reason !== undefined) return new UserError(`cannot run ${quoted(program)}: ${reason}`, { exitCode });
  const hint = program.includes('/') ? undefined : 'it is looked up on PATH, not in a shell';
  return new UserError(`command not found: ${quoted(program)}`, { hint, exitCode });
}
