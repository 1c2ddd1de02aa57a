// Why a program could not be started, in words: kubectl as well as COMMAND.
import { existsSync } from 'node:fs';

/** Undefined when there is no such program. */
export function whyNotStarted(program: string, { code, message }: NodeJS.ErrnoException): string | undefined {
  if (code === 'EACCES') return 'it is not executable';
  if (code === 'EMFILE' || code === 'ENFILE') return 'there are too many open files (ulimit -n)';
  if (code !== 'ENOENT') return code ?? message;
  // The system says the same of a script whose interpreter is missing; a bare name is looked up on PATH.
  return /[\\/]/.test(program) && existsSync(program) ? 'the interpreter in its first line does not exist' : undefined;
}
