// Starts child processes: in a session of their own, so that a terminal's Ctrl-C does not reach them and a wrapper
// script ends together with what it started. The only module that knows execa.
import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { PassThrough, type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { execa, type Options, type ResultPromise } from 'execa';
import { CHILD_ENVIRONMENT, type ChildEnd, type Environment } from './child-end.ts';
import { EARLY_NUMBER, takeEarly } from './early-child.ts';

import { freeOutputs, sendSignal, within } from './process-group.ts';
import { stopTree } from './stop-tree.ts';
import { CHILD_MARKER, watchdog } from './watchdog.ts';
import { startDirectory } from './working-directory.ts';

export interface Child {
  readonly pid: number | undefined;
  /** Read or pause both outputs at once: what nobody asks for within the first turn of the event loop is dropped. */
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

/** By number, which their markers carry. */
const living = new Map<number, { kill: () => void; stop: (graceMs?: number) => Promise<void> }>();
let started = EARLY_NUMBER;

/**
 * Starts `program` with stdin closed and both outputs as byte streams (nothing is buffered beyond the pipe).
 * @param options.pipe is its stdout, for one that writes a lot
 */
export function startChild(program: string, args: readonly string[], options: ChildOptions = {}): Child {
  const { pipe } = options;
  const begun = takeEarly(program, args) ?? begin(program, args, options);
  if (pipe !== undefined) closeSync(pipe.writer);
  if (begun instanceof Error) {
    pipe?.reader.destroy();
    return notStarted(begun);
  }
  const { number, subprocess } = begun;
  const { pid, stderr } = subprocess;
  const stdout = pipe?.reader ?? subprocess.stdout;
  let stopping: Promise<void> | undefined;
  let exited = false;
  let gone = pid === undefined;
  /** It ended in good order, so that what it left running was meant to stay: a browser for a login, say. */
  let finished = false;
  /** False when nobody is left in the group. */
  const signalGroup = (name: NodeJS.Signals | 0) => !gone && sendSignal(pid, name);
  const forget = () => {
    gone = true;
    living.delete(number);
    watchdog.ended(number, finished);
  };
  const ended = begun.ended.finally(() => {
    if (stopping === undefined) forget();
  });
  const onExit = (exitCode: number | null) => {
    exited = true;
    finished = stopping === undefined && exitCode !== null;
    freeOutputs([stdout, stderr], ended, (name) => {
      finished = false;
      signalGroup(name);
    });
  };
  if (subprocess.exitCode !== null || subprocess.signalCode !== null) onExit(subprocess.exitCode);
  else if (pid !== undefined) subprocess.once('exit', onExit);
  const stop = async (graceMs: number) => {
    if (!WINDOWS) {
      signalGroup('SIGTERM');
      if (await within(graceMs, ended)) {
        // What a wrapper started may still live with its outputs elsewhere, or wait as a zombie for an idle init.
        for (let round = 0; round < 5 && signalGroup(0); round += 1) await delay(20);
        signalGroup('SIGKILL');
        return;
      }
    }
    if (!exited && pid !== undefined) await within(100, stopTree(pid));
    signalGroup('SIGKILL');
    if (await within(150, ended)) return;
    stdout.destroy();
    stderr.destroy();
    await within(150, ended);
  };
  const child: Child = {
    pid,
    stdout,
    stderr,
    ended,
    stop(graceMs = 400) {
      stopping ??= gone ? Promise.resolve() : stop(graceMs).finally(forget);
      return stopping;
    },
  };
  if (!gone) living.set(number, { kill: () => signalGroup('SIGKILL'), stop: child.stop });
  return child;
}

function begin(program: string, args: readonly string[], { env, pipe }: ChildOptions) {
  started += 1;
  const number = started;
  const subprocess = launch(program, args, {
    stdin: 'ignore',
    // execa's types know the numbers of the standard streams only; it takes any.
    ...(pipe && { stdout: pipe.writer as 1 }),
    detached: !WINDOWS,
    env: { ...CHILD_ENVIRONMENT, ...env, [CHILD_MARKER]: watchdog.marker(number) },
  });
  if (subprocess instanceof Error) return subprocess;
  if (subprocess.pid !== undefined) watchdog.started(number, subprocess.pid);
  return { number, subprocess, ended: endOf(subprocess, pipe?.reader ?? subprocess.stdout) };
}

/** Stops all that were started with `startChild`, all at once. */
export async function stopAllChildren(graceMs?: number): Promise<void> {
  await Promise.all([...living.values()].map(({ stop }) => stop(graceMs)));
}

/** For an end without delay: SIGKILL to all groups, in this very moment. */
export function killAllChildren(): void {
  for (const { kill } of living.values()) kill();
}

/** Types only know outputs as pipes; where `options` say otherwise they are null. */
export function launch(program: string, args: readonly string[], options: Options) {
  try {
    const subprocess = execa(program, args, { ...STREAMS, cwd: startDirectory(), ...options } as typeof STREAMS);
    // Without a listener an output's own error event would end us; the end of the child tells the same.
    for (const stream of [subprocess.stdout, subprocess.stderr]) stream?.on('error', () => {});
    return subprocess;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

export function notStarted(error: Error): Child {
  return {
    pid: undefined,
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
