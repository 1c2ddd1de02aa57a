// Ends our children when we cannot: a small shell outside our process group (watchdog.sh) reads a pipe from us. The kernel
// closes that pipe however we die, SIGKILL included, and the shell then kills what it was told of and what carries our marker.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/** Set in the environment of every child: `<session>.<child's number>.`; the last dot keeps 1 apart from 10. */
export const CHILD_MARKER = 'DRAFT_CONNECT_CHILD';
/** Set in the environment of `-- COMMAND`, which may leave something running on purpose when it ends by itself. */
export const COMMAND_MARKER = 'DRAFT_CONNECT_COMMAND';

/** The environment without our markers: for a program that is to outlive us. */
export const WITHOUT_MARKERS = { [CHILD_MARKER]: undefined, [COMMAND_MARKER]: undefined } as const;

/** Text of watchdog.sh, where it is bundled. Neither node nor tsx imports such a file, so otherwise it is read. */
declare const WATCHDOG_SCRIPT: string | undefined;
const SCRIPT =
  typeof WATCHDOG_SCRIPT === 'string' ? WATCHDOG_SCRIPT : readFileSync(new URL('watchdog.sh', import.meta.url), 'utf8');

interface WatchdogProcess {
  /** Undefined where there are no descriptors left. */
  readonly stdin: Writable | undefined;
  readonly ended: Promise<unknown>;
}

/** Runs `sh -c script ARGS`, out of our way. */
type StartShell = (script: string, ...args: string[]) => WatchdogProcess;

interface Watched {
  /** A child's group by the child's number. */
  readonly groups: Map<number, number>;
  /** Undefined as long as there was none; '' while none runs. */
  command: number | '' | undefined;
}

/** Nothing starts before the first marker is asked for. */
export function createWatchdog(start: StartShell) {
  // Unique among all that run since the machine's start, and that is as long as an environment can be read.
  const session = `${process.pid}-${process.hrtime.bigint()}`;
  const watched: Watched = { groups: new Map(), command: undefined };
  const shell = keepShell(() => start(SCRIPT, 'draft-connect-watchdog', session), watched);
  const setCommand = (command: number | '') => {
    watched.command = command;
    shell.say(`=${command}`);
  };
  return {
    /** The marker for a child's environment. Ask before the child starts: from then on the shell watches. */
    marker(child: number): string {
      shell.open();
      return `${session}.${child}.`;
    },
    /** As `marker`, for COMMAND. */
    commandMarker(): string {
      // Without this COMMAND would go unnoticed when we are killed right after its start.
      setCommand('');
      return `${session}.0.`;
    },
    started(child: number, pid: number): void {
      watched.groups.set(child, pid);
      shell.say(`+${child} ${pid}`);
    },
    /** `left`: it ended by itself. */
    ended(child: number, left: boolean): void {
      if (watched.groups.delete(child)) shell.say(`${left ? '!' : '-'}${child}`);
    },
    commandStarted: (pid: number) => setCommand(pid),
    commandEnded: () => setCommand(''),
    /** It did not end by itself: what it has left running ends too, within half a second. */
    endRestOfCommand: () => shell.say('~'),
  };
}

/** A shell may end: it was killed, or the system has none. */
const MOST_FAILURES = 3;

/** Keeps one shell running while there is anything to watch; a new one is told of all that is watched. */
function keepShell(start: () => WatchdogProcess, watched: Watched) {
  let shell: WatchdogProcess | undefined;
  let failures = 0;
  const isIdle = () => watched.groups.size === 0 && !watched.command;
  const open = () => {
    if (shell !== undefined || process.platform === 'win32' || failures > MOST_FAILURES) return;
    const opened = start();
    shell = opened;
    opened.stdin?.on('error', () => {});
    for (const [child, pid] of watched.groups) opened.stdin?.write(`+${child} ${pid}\n`);
    if (watched.command !== undefined) opened.stdin?.write(`=${watched.command}\n`);
    void opened.ended.then(() => {
      failures += 1;
      shell = undefined;
      if (!isIdle()) open();
    });
  };
  process.on('exit', () => {
    if (isIdle()) shell?.stdin?.write('bye\n');
  });
  return {
    open,
    say(line: string) {
      if (shell === undefined) open();
      else shell.stdin?.write(`${line}\n`);
    },
  };
}

/** The watchdog of this process. Its shell is started without execa, which may not be loaded yet. */
export const watchdog = createWatchdog((script, ...args) => {
  const shell = spawn('/bin/sh', ['-c', script, ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
    env: { ...process.env, ...WITHOUT_MARKERS },
  });
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return { stdin: shell.stdin, ended: once(shell, 'close').catch(() => {}) };
});
