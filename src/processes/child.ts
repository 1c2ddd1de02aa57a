// Starts child processes: in a session of their own, so that a terminal's Ctrl-C does not reach them and a wrapper
// script ends together with what it started. The only module that knows execa.
import type { ChildProcess } from 'node:child_process';
import { channel } from 'node:diagnostics_channel';
import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { PassThrough, type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { execa, type Options, type ResultPromise } from 'execa';
import type { EarlyChild } from './early-child.ts';
import { freeOutputs, sendSignal, within } from './process-group.ts';
import { type ChildEnd, type Environment, nextChild, type StartedChild } from './started-child.ts';
import { stopTree } from './stop-tree.ts';
import { watchdog } from './watchdog.ts';
import { startDirectory } from './working-directory.ts';

export interface Child {
  /** Read or pause both outputs at once: what is not asked for within the first turn of the event loop is dropped. */
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** After exit and the end of both outputs; never rejects. */
  readonly ended: Promise<ChildEnd>;
  /** Asks the whole group to end, insists after `graceMs`; resolves when it has ended, at the latest 0.5 s after that. */
  stop(graceMs?: number): Promise<void>;
}

/** Both ends of a pipe: the child gets `writer`, a file descriptor, which is closed here then. */
export interface OutputPipe {
  readonly reader: Socket;
  readonly writer: number;
}

export interface ChildOptions {
  readonly env?: Environment;
  readonly pipe?: OutputPipe | undefined;
}

const WINDOWS = process.platform === 'win32';
const STREAMS = { buffer: false, reject: false, encoding: 'buffer', cleanup: false, windowsHide: true } as const;

/**
 * Starts `program` with stdin closed and both outputs as byte streams (nothing is buffered beyond the pipe).
 * @param options.pipe is its stdout, for one that writes a lot
 */
export function startChild(program: string, args: readonly string[], options: ChildOptions = {}): Child {
  const { pipe } = options;
  const started = start(program, args, options);
  if (pipe !== undefined) closeSync(pipe.writer);
  if (!(started instanceof Error)) return lookAfter(started, pipe?.reader);
  pipe?.reader.destroy();
  return notStarted(started);
}

/** What a small program says on stdout; '' where it cannot be started. */
export async function outputOf(program: string, args: readonly string[], env: Environment = {}): Promise<string> {
  const child = startChild(program, args, { env });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  await child.ended;
  return text;
}

/** What was started early is a child like any other from now on. */
export function takeOver(early: EarlyChild): Child {
  return lookAfter(early.take());
}

function start(program: string, args: readonly string[], { env, pipe }: ChildOptions): StartedChild | Error {
  const child = nextChild();
  const subprocess = launch(program, args, {
    stdin: 'ignore',
    // execa's types know the numbers of the standard streams only; it takes any.
    ...(pipe && { stdout: pipe.writer as 1 }),
    detached: !WINDOWS,
    env: { ...child.env, ...env },
  });
  if (subprocess instanceof Error) return subprocess;
  if (subprocess.pid !== undefined) watchdog.started(child.number, subprocess.pid);
  return {
    number: child.number,
    inOurGroup: false,
    subprocess,
    ended: endOf(subprocess, pipe?.reader ?? subprocess.stdout),
  };
}

/**
 * From its start until nothing of it is left:
 *
 *     running ──exit──▶ exited ──both outputs closed, or stopped──▶ gone
 */
function lookAfter({ number, inOurGroup, subprocess, ended: closed }: StartedChild, pipe?: Readable): Child {
  const { pid, stderr } = subprocess;
  const stdout = pipe ?? subprocess.stdout;
  let state: 'running' | 'exited' | 'gone' = pid === undefined ? 'gone' : 'running';
  let stopping: Promise<void> | undefined;
  /** It ended in good order, so that what it left running was meant to stay: a browser for a login, say. */
  let finished = false;
  const forget = () => {
    state = 'gone';
    watchdog.ended(number, finished);
  };
  const ended = closed.finally(() => {
    if (stopping === undefined) forget();
  });
  const group: Group = {
    pid,
    inOurGroup,
    outputs: [stdout, stderr],
    ended,
    hasExited: () => state !== 'running',
    signal: (name) => state !== 'gone' && sendSignal(pid, name, inOurGroup),
  };
  const onExit = (exitCode: number | null) => {
    if (state === 'running') state = 'exited';
    finished = stopping === undefined && exitCode !== null;
    freeOutputs(group.outputs, ended, stopping === undefined && exitCode === 0, (name) => {
      finished = false;
      group.signal(name);
    });
  };
  if (subprocess.exitCode !== null || subprocess.signalCode !== null) onExit(subprocess.exitCode);
  else if (pid !== undefined) subprocess.once('exit', onExit);
  return {
    stdout,
    stderr,
    ended,
    stop(graceMs = 400) {
      stopping ??= state === 'gone' ? Promise.resolve() : stopGroup(group, graceMs).finally(forget);
      return stopping;
    },
  };
}

/** A child and what it has started in its group. */
interface Group {
  readonly pid: number | undefined;
  readonly inOurGroup: boolean;
  readonly outputs: readonly [stdout: Readable, stderr: Readable];
  readonly ended: Promise<unknown>;
  hasExited(): boolean;
  /** False when no process is left in it. */
  signal(name: NodeJS.Signals | 0): boolean;
}

async function stopGroup(group: Group, graceMs: number): Promise<void> {
  const { pid, inOurGroup, outputs, ended, hasExited, signal } = group;
  if (inOurGroup) {
    // Without its parent a credential plugin could not be found, and would go on reading from the terminal. Ctrl-C has
    // reached both; the plugin may have the terminal's echo to put back.
    if (await within(graceMs, ended)) return;
  } else if (!WINDOWS) {
    signal('SIGTERM');
    if (await within(graceMs, ended)) {
      // What a wrapper started may still live with its outputs elsewhere, or wait as a zombie for an idle init.
      for (let round = 0; round < 5 && signal(0); round += 1) await delay(20);
      signal('SIGKILL');
      return;
    }
  }
  if (!hasExited() && pid !== undefined) await within(100, stopTree(pid));
  signal('SIGKILL');
  if (await within(150, ended)) return;
  for (const output of outputs) output.destroy();
  await within(150, ended);
}

/**
 * Types only know outputs as pipes; where `options` say otherwise they are null. Where there are no descriptors left, node's
 * spawn() gives a process without streams, which execa does not expect, and reports why later, to nobody: that would end us.
 */
export function launch(program: string, args: readonly string[], options: Options) {
  let spawned: ChildProcess | undefined;
  const hear = (message: unknown) => {
    spawned = (message as { process: ChildProcess }).process;
    spawned.once('error', () => {});
  };
  spawns.subscribe(hear);
  try {
    const subprocess = execa(program, args, { ...STREAMS, cwd: startDirectory(), ...options } as typeof STREAMS);
    // Without a listener an output's own error event would end us; the end of the child tells the same.
    for (const stream of [subprocess.stdout, subprocess.stderr]) stream?.on('error', () => {});
    return subprocess;
  } catch (error) {
    if (spawned !== undefined && spawned.stdio === undefined) {
      return Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    }
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    spawns.unsubscribe(hear);
  }
}

const spawns = channel('child_process');

export function notStarted(error: Error): Child {
  return {
    stdout: new PassThrough().end(),
    stderr: new PassThrough().end(),
    ended: Promise.resolve({ exitCode: undefined, signal: undefined, startError: error }),
    stop: () => Promise.resolve(),
  };
}

/** @param stdout its own output, or one that it was given */
export async function endOf(subprocess: ResultPromise<typeof STREAMS>, stdout?: Readable): Promise<ChildEnd> {
  const { exitCode, signal, cause } = await subprocess;
  if (stdout?.closed === false) await new Promise((resolve) => stdout.once('close', resolve));
  const failed = exitCode === undefined && signal === undefined;
  const startError = failed ? (cause instanceof Error ? cause : new Error('it could not be started')) : undefined;
  return { exitCode, signal, startError };
}
