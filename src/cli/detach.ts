// `--detach`: starts this same program in the background and waits until its tunnels work. The background half stays in
// our terminal and process group, where `ps -a` shows it.
import { closeSync, openSync, readSync } from 'node:fs';
import { isSea } from 'node:sea';
import { setTimeout as delay } from 'node:timers/promises';
import { COMPLETE, ID_VARIABLE } from '../detached/background.ts';
import { callingShell } from '../detached/calling-shell.ts';
import { furtherWords } from '../detached/core/choose-session.ts';
import { sessionsBeside, warn } from '../detached/live.ts';
import { removeRecord, reserveSession } from '../detached/record-files.ts';
import { withoutTimes } from '../output/core/log-lines.ts';
import { print } from '../output/print.ts';
import { type BackgroundChild, startBackground } from '../processes/command-process.ts';
import { type EndingSignal, EXIT_AFTER, listenForSignals, type Signals } from '../processes/signals.ts';
import type { ChildEnd } from '../processes/started-child.ts';
import type { Settings, Shell } from '../request/core/settings.ts';
import { SHORTEST_LISTEN_MS } from '../tunnels/port-forward.ts';
import { LONGEST_TIMER_MS } from '../values/duration.ts';
import { UserError } from '../values/errors.ts';

/** What the background half may need beyond its own limits: to start, and to say that it gives up. */
const GRACE_MS = 5_000;
const STOP_MS = 2_000;
const POLL_MS = 100;

/** `argv` is our own, each flag as one word. Prints all of the variables (or JSON) on stdout, or nothing. */
export async function runDetach(settings: Settings, argv: readonly string[]): Promise<number> {
  const { id, log, fd } = reserveSession();
  const signals = listenForSignals();
  // The background half has another parent.
  const shell = settings.output === 'json' ? undefined : (settings.shell ?? (await callingShell()));
  const child = startBackground(process.execPath, [...process.execArgv, ...backgroundArgs(argv, shell)], {
    env: { [ID_VARIABLE]: id },
    stderrFd: fd,
  });
  closeSync(fd);
  const messages = passOnMessages(log);
  const limitMs = Math.min(settings.apps[0].timeoutMs + SHORTEST_LISTEN_MS + GRACE_MS, LONGEST_TIMER_MS);
  try {
    const outcome = await handover(child, signals, limitMs);
    if (outcome.kind === 'ready') {
      await printVariables(outcome.text);
      child.release();
      const further = furtherWords(id, await sessionsBeside());
      if (further !== undefined) warn(further);
      return 0;
    }
    // Ctrl-C reaches the background half's first kubectl, too: what it says of that is no news.
    if (outcome.kind === 'interrupted') messages.stop('unread');
    await child.stop(STOP_MS);
    removeRecord(id);
    if (outcome.kind === 'interrupted') return EXIT_AFTER[outcome.signal];
    if (outcome.kind === 'late') throw new UserError(`the background program was not ready after ${limitMs / 1000} s`);
    messages.stop();
    const lost = !messages.errors() && outcome.text.startsWith('Error: ');
    if (lost) print(2, outcome.text);
    return failureOf(outcome.end, lost || messages.errors());
  } catch (error) {
    await child.stop(STOP_MS);
    throw error;
  } finally {
    messages.stop();
    signals.dispose();
  }
}

function backgroundArgs(argv: readonly string[], shell: Shell | undefined): readonly string[] {
  // In a standalone executable node has our script in it; argv[1] is how that was called.
  const script = isSea() ? [] : process.argv.slice(1, 2);
  const syntax = shell === undefined ? [] : [`--shell=${shell}`];
  return [...script, '--export', ...syntax, ...argv.filter((word) => !/^--detach(=|$)/.test(word))];
}

type Outcome =
  | { readonly kind: 'ready'; readonly text: string }
  /** `text`: the reason as it printed it. */
  | { readonly kind: 'failed'; readonly end: ChildEnd; readonly text: string }
  | { readonly kind: 'interrupted'; readonly signal: EndingSignal }
  | { readonly kind: 'late' };

async function handover(child: BackgroundChild, signals: Signals, limitMs: number): Promise<Outcome> {
  const timer = new AbortController();
  let text = '';
  const printed = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      text += String(chunk);
      // On Windows its end does not come as long as the other half runs.
      if (text.endsWith(COMPLETE)) resolve();
    });
    child.stdout.once('close', resolve);
  });
  // Only what is complete counts: it may have ended in the middle.
  const ready = printed.then((): Outcome | Promise<Outcome> =>
    text.endsWith(COMPLETE)
      ? { kind: 'ready', text: text.slice(0, -COMPLETE.length) }
      : child.ended.then((end) => ({ kind: 'failed', end, text })),
  );
  const interrupted = signals.first.then((signal): Outcome => ({ kind: 'interrupted', signal }));
  const isLate: Outcome = { kind: 'late' };
  const late = delay(limitMs, isLate, { signal: timer.signal }).catch(() => isLate);
  try {
    return await Promise.race([ready, interrupted, late]);
  } finally {
    timer.abort();
  }
}

/** Shows what the background half says until it is ready; later that is in the log only. */
function passOnMessages(log: string): { stop(rest?: 'unread'): void; errors(): boolean } {
  const fd = openSync(log, 'r');
  const buffer = Buffer.alloc(65_536);
  let said = '';
  const poll = () => {
    for (;;) {
      const length = readSync(fd, buffer);
      if (length === 0) return;
      const text = withoutTimes(buffer.toString('utf8', 0, length));
      print(2, text);
      said = (said + text).slice(-65_536);
    }
  };
  const timer = setInterval(poll, POLL_MS);
  let stopped = false;
  return {
    stop(rest) {
      if (stopped) return;
      stopped = true;
      clearInterval(timer);
      if (rest === undefined) poll();
      closeSync(fd);
    },
    errors: () => /^Error: /m.test(said),
  };
}

function failureOf({ exitCode, signal, startError }: ChildEnd, told: boolean): number {
  if (told && exitCode !== undefined && exitCode !== 0) return exitCode;
  const how = startError?.message ?? signal ?? `exit status ${exitCode}`;
  throw new UserError(`the background program ended before its tunnels worked (${how})`);
}

function printVariables(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.on('error', () => {});
    process.stdout.write(text, (error) => {
      if (error) reject(new UserError(`cannot print the variables: ${(error as NodeJS.ErrnoException).code}`));
      else resolve();
    });
  });
}
