// Asks kubectl one question and gives its JSON answer, or kubectl's own words on why not.
import { setTimeout as delay } from 'node:timers/promises';
import { takeOver } from '../processes/child.ts';
import type { EarlyChild } from '../processes/early-child.ts';
import { type ChildEnd, whyNotStarted } from '../processes/started-child.ts';
import { UserError } from '../values/errors.ts';
import { classifyFailure, type FailureKind, queryError } from './core/kubectl-errors.ts';
import { isVerbose, kubectlMessage } from './core/kubectl-lines.ts';
import { showLog, showWords, startKubectlFast } from './start-kubectl.ts';

export type Answer =
  | { readonly kind: 'answered'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly failure: FailureKind | 'hung'; readonly error: UserError };

/** An answer larger than this is not a list of an app's pods. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** How long after kubectl's the signal of the same Ctrl-C may come to us, on a machine that is busy. */
const INTERRUPTED_MS = 1_000;

function startError(program: string, error: NodeJS.ErrnoException): UserError {
  const reason = whyNotStarted(program, error);
  if (reason === undefined) {
    return new UserError(`kubectl was not found: there is no '${program}'`, {
      hint: /\s/.test(program)
        ? 'it is one program, without arguments: put those into a script, and name that'
        : 'install kubectl, or name it with --kubectl PATH or KUBECTL_PATH',
    });
  }
  return new UserError(`kubectl '${program}' cannot be run: ${reason}`, {
    hint: 'name another one with --kubectl PATH or KUBECTL_PATH',
  });
}

/**
 * Runs kubectl to its end and parses its output as JSON. An output is believed with exit status 0 only: for a list that
 * failed kubectl prints an empty one.
 * @param options.timeoutMs after which kubectl counts as hung and is ended
 * @param options.first this very question, asked already. It has the terminal.
 */
export async function ask(
  program: string,
  args: readonly string[],
  options: { timeoutMs: number; signal?: AbortSignal; first?: EarlyChild | undefined },
): Promise<Answer> {
  options.signal?.throwIfAborted();
  const child = options.first === undefined ? startKubectlFast(program, args) : takeOver(options.first);
  if (options.first !== undefined && isVerbose(args)) showLog(child.stderr);
  const shown = options.first === undefined ? undefined : showWords(child.stderr);
  const chunks: Buffer[] = [];
  let size = 0;
  let stderr = '';
  let tooLarge = false;
  let hung = false;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) {
      tooLarge = true;
      void child.stop();
    } else chunks.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-16_384);
  });
  const timer = setTimeout(() => {
    hung = true;
    void child.stop();
  }, options.timeoutMs);
  const abort = () => void child.stop();
  options.signal?.addEventListener('abort', abort);
  const end = await child.ended;
  // A terminal's Ctrl-C goes to one process after the other: ours is on its way, and says more than this end.
  if (options.first !== undefined && end.signal === 'SIGINT') {
    await delay(INTERRUPTED_MS, undefined, { signal: options.signal }).catch(() => undefined);
  }
  shown?.(end.exitCode === 0);
  clearTimeout(timer);
  options.signal?.removeEventListener('abort', abort);
  options.signal?.throwIfAborted();
  if (end.exitCode === 0 && !hung && !tooLarge) return parse(chunks, args);
  return failure(program, args, end, stderr, { hung, tooLarge, timeoutMs: options.timeoutMs });
}

function parse(chunks: readonly Buffer[], args: readonly string[]): Answer {
  const text = Buffer.concat(chunks).toString();
  try {
    return { kind: 'answered', value: JSON.parse(text) };
  } catch {
    const shown = JSON.stringify(text.trim().slice(0, 60));
    const message = `kubectl ${args[0]} printed something that is not JSON: ${text.trim() === '' ? 'nothing' : shown}`;
    const error = new UserError(message, { hint: 'is it really kubectl? Check --kubectl, KUBECTL_PATH and PATH' });
    return { kind: 'failed', failure: 'other', error };
  }
}

function failure(
  program: string,
  args: readonly string[],
  end: ChildEnd,
  stderr: string,
  why: { hung: boolean; tooLarge: boolean; timeoutMs: number },
): Answer {
  if (end.startError !== undefined) {
    return { kind: 'failed', failure: 'other', error: startError(program, end.startError) };
  }
  const said = kubectlMessage(stderr);
  if (why.hung) {
    const message = `kubectl ${args[0]} did not answer within ${Math.round(why.timeoutMs / 100) / 10} s${said === '' ? '' : `: ${said}`}`;
    const error = new UserError(message, { hint: 'is the API server reachable? Try: kubectl version' });
    return { kind: 'failed', failure: 'hung', error };
  }
  if (why.tooLarge) {
    const message = `kubectl ${args[0]} printed more than ${MAX_ANSWER_BYTES / 1024 / 1024} MiB`;
    return { kind: 'failed', failure: 'other', error: new UserError(message) };
  }
  const how = end.signal === undefined ? `exit status ${end.exitCode}` : end.signal;
  const message = said === '' ? `kubectl ${args[0]} failed without a message (${how})` : said;
  return { kind: 'failed', failure: classifyFailure(message), error: queryError(message) };
}
