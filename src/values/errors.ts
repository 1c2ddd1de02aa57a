// What can go wrong outside our own code. Everything else that is thrown is a bug.
import { oneLine } from './quote.ts';

/** Exit statuses the program itself gives; with `-- COMMAND` it is the command's own. */
export const EXIT = { failed: 1, usage: 2, bug: 70 } as const;

/** Something outside the program is wrong; the message says what, the hint what to do about it. */
export class UserError extends Error {
  readonly hint: string | undefined;
  readonly exitCode: number;

  constructor(message: string, options: { hint?: string | undefined; exitCode?: number } = {}) {
    super(message);
    this.name = 'UserError';
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? EXIT.failed;
  }
}

/** A mistake on the command line or in draft.toml (exit status 2). */
export function usageError(message: string, hint?: string): UserError {
  return new UserError(message, { hint, exitCode: EXIT.usage });
}

/** As it is told: one line each for what is wrong and what to do about it. */
export function renderError({ message, hint }: UserError): string {
  return `Error: ${oneLine(message)}\n${hint === undefined ? '' : `Hint: ${oneLine(hint)}\n`}`;
}
