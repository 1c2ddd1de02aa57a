// Starts kubectl as a child, and shows on our stderr what the user is to see of kubectl's own: with `-v` what it logs, and what
// a credential plugin says.
import { writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { type Child, type ChildOptions, startChild, takeOver } from '../processes/child.ts';
import { startEarly } from '../processes/early-child.ts';
import { foreignWords, isVerbose, logLines } from './core/kubectl-lines.ts';

export function startKubectl(program: string, args: readonly string[], options?: ChildOptions): Child {
  const child = startChild(program, args, options);
  if (isVerbose(args)) showLog(child.stderr);
  return child;
}

/** As `startKubectl`, for what the tunnels wait for: node's own spawn takes 1 ms of CPU, execa 2 to 6. */
export function startKubectlFast(program: string, args: readonly string[]): Child {
  const early = startEarly(program, args, { terminal: false });
  if (early === undefined) return startKubectl(program, args);
  const child = takeOver(early);
  if (isVerbose(args)) showLog(child.stderr);
  return child;
}

/** Shows whole lines, so that those of several kubectls do not mix. */
export function showLog(stderr: Readable): void {
  let rest = '';
  stderr.on('data', (chunk: Buffer) => {
    const text = rest + chunk.toString();
    const end = text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    show(logLines(text.slice(0, end)));
  });
}

function show(text: string): void {
  try {
    if (text !== '') writeSync(2, text);
  } catch {
    // Nobody reads it.
  }
}

/** kubectl ends within a few milliseconds of its own last words. */
const HOLD_MS = 150;

/**
 * Shows what a credential plugin says while kubectl waits for it: how to log in, a question. What kubectl says itself just
 * before it ends is for the error.
 * The result is to be called when kubectl has ended; `answered` if in good order.
 */
export function showWords(stderr: Readable): (answered: boolean) => void {
  let held = '';
  let timer: NodeJS.Timeout | undefined;
  const showHeld = () => {
    show(foreignWords(held));
    held = '';
  };
  stderr.on('data', (chunk: Buffer) => {
    held += chunk.toString();
    clearTimeout(timer);
    timer = setTimeout(showHeld, HOLD_MS);
  });
  return (answered) => {
    clearTimeout(timer);
    if (answered) showHeld();
  };
}
