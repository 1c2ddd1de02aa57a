// Shows what a credential plugin says while kubectl waits for it: how to log in, a question. What kubectl says itself just
// before it ends is for the error.
import { writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { foreignWords } from './core/kubectl-lines.ts';

/** kubectl ends within a few milliseconds of its own last words. */
const HOLD_MS = 150;

/** The result is to be called when kubectl has ended; `answered` if in good order. */
export function showWords(stderr: Readable): (answered: boolean) => void {
  let held = '';
  let timer: NodeJS.Timeout | undefined;
  const show = () => {
    const words = foreignWords(held);
    held = '';
    try {
      if (words !== '') writeSync(2, words);
    } catch {
      // Nobody reads it.
    }
  };
  stderr.on('data', (chunk: Buffer) => {
    held += chunk.toString();
    clearTimeout(timer);
    timer = setTimeout(show, HOLD_MS);
  });
  return (answered) => {
    clearTimeout(timer);
    if (answered) show();
  };
}
