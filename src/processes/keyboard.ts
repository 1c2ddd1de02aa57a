// Lines that are typed in our terminal, as long as that is ours. The terminal stays as it is: Ctrl-C, Ctrl-Z and Enter do
// what they do without us, and there is nothing to put back, however we end. A shell reads (keyboard.sh), since node can
// neither ignore a signal nor ask which process group has the terminal.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { sendSignal, within } from './process-group.ts';
import { nextChild } from './started-child.ts';
import { watchdog } from './watchdog.ts';

/** Text of keyboard.sh, where it is bundled, as WATCHDOG_SCRIPT is. */
declare const KEYBOARD_SCRIPT: string | undefined;
const SCRIPT =
  typeof KEYBOARD_SCRIPT === 'string' ? KEYBOARD_SCRIPT : readFileSync(new URL('keyboard.sh', import.meta.url), 'utf8');

const STOP_MS = 200;

export type Keyboard = NonNullable<ReturnType<typeof readKeyboard>>;

/**
 * Undefined where nobody can type for us: stdin or stdout is no terminal (a pager behind our pipe has the keys then), or
 * none of ours; or a program has started us beside itself, a script say, and may read what is typed. `onLine` is called
 * for no further line once it has called `stop`: those stay in the terminal.
 */
export function readKeyboard(onLine: (line: string) => void) {
  let reader = startReader(onLine);
  if (reader === undefined) return undefined;
  let isOver = false;
  return {
    /** Leaves what is typed to another program, until the result is called. */
    async pause(): Promise<() => void> {
      const paused = reader;
      await paused?.stop();
      return () => {
        if (!isOver && reader === paused) reader = startReader(onLine);
      };
    },
    async stop(): Promise<void> {
      isOver = true;
      await reader?.stop();
    },
  };
}

function startReader(onLine: (line: string) => void) {
  const terminal = isatty(0) && isatty(1) && leadsGroup() ? openTerminal() : undefined;
  if (terminal === undefined) return undefined;
  const { number, env } = nextChild();
  // In our process group: another one would never have the terminal.
  const shell = spawn('/bin/sh', ['-c', SCRIPT], {
    stdio: [terminal, 'pipe', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  closeSync(terminal);
  if (shell.pid !== undefined) watchdog.started(number, shell.pid);
  const answers = shell.stdio[3] as Writable | undefined;
  answers?.on('error', () => {});
  let stopping = false;
  let rest = '';
  shell.stdout
    ?.on('error', () => {})
    .on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        onLine(line);
        if (!stopping) answers?.write('\n');
      }
    });
  const ended = once(shell, 'close').catch(() => {});
  void ended.then(() => watchdog.ended(number, false));
  return {
    async stop(): Promise<void> {
      stopping = true;
      sendSignal(shell.pid, 'SIGTERM', true);
      if (await within(STOP_MS, ended)) return;
      sendSignal(shell.pid, 'SIGKILL', true);
      await ended;
    },
  };
}

/** An interactive shell gives each job a group of its own. */
function leadsGroup(): boolean {
  return process.platform !== 'win32' && sendSignal(process.pid, 0, false);
}

/** Ours alone: of another one, which a program without a terminal may have as stdin, anybody reads. */
function openTerminal(): number | undefined {
  try {
    return openSync('/dev/tty', 'r');
  } catch {
    return undefined;
  }
}
