// Starts kubectl as a child. With `-v`, what it logs is shown on our stderr, as kubectl itself would show it.
import { writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { type Child, type ChildOptions, startChild } from '../processes/child.ts';
import { isVerbose, logLines } from './core/kubectl-lines.ts';

export function startKubectl(program: string, args: readonly string[], options?: ChildOptions): Child {
  const child = startChild(program, args, options);
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
    try {
      const lines = logLines(text.slice(0, end));
      if (lines !== '') writeSync(2, lines);
    } catch {
      // Nobody reads it.
    }
  });
}
