// The words that are subcommands, and a TARGET that may have been meant as one.
import { UserError } from '../values/errors.ts';
import { nearest } from '../values/nearest.ts';

export const SUBCOMMANDS = ['up', 'list', 'ls', 'stop', 'logs', 'version', 'help'];

/** The subcommand that a word is near to. */
export function nearestSubcommand(word: string): string | undefined {
  return nearest(word, SUBCOMMANDS);
}

/** An error about a TARGET that is the name of no pod also names the subcommand that it resembles. */
export function suggestSubcommand(error: unknown, target: string | undefined): unknown {
  if (!(error instanceof UserError) || target === undefined) return error;
  const meant = nearestSubcommand(target);
  // In kubectl's own words.
  if (meant === undefined || !error.message.startsWith(`pods "${target}" not found`)) return error;
  const otherwise = error.hint === undefined ? '' : ` Otherwise ${error.hint}`;
  return new UserError(error.message, {
    hint: `did you mean kubectl draft-connect ${meant}?${otherwise}`,
    exitCode: error.exitCode,
  });
}
