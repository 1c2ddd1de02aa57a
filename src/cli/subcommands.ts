// The words that are subcommands, and a TARGET that may have been meant as one.
import { UserError } from '../values/errors.ts';
import { nearest } from '../values/nearest.ts';

/** Each with what help and completion say. */
export const SUBCOMMANDS: Readonly<Record<string, string>> = {
  up: "build, push and release draft.toml's app, then connect to it",
  list: 'the sessions that run',
  ls: 'the sessions that run',
  env: 'the variables of a session, for eval',
  stop: 'end sessions',
  logs: 'the log of a build that up made',
  completion: "a shell's completion script",
  version: "this program's version",
  help: 'how it is used',
};

export function nearestSubcommand(word: string): string | undefined {
  return nearest(word, Object.keys(SUBCOMMANDS));
}

/** An error about a TARGET that is the name of no pod also names the subcommand that it resembles. */
export function suggestSubcommand(error: unknown, target: string | undefined): unknown {
  if (!(error instanceof UserError) || target === undefined) return error;
  const meant = nearestSubcommand(target);
  // In kubectl's own words.
  if (meant === undefined || !error.message.includes(`pods "${target}" not found`)) return error;
  const otherwise = error.hint === undefined ? '' : ` Otherwise ${error.hint}`;
  return new UserError(error.message, {
    hint: `did you mean kubectl draft-connect ${meant}?${otherwise}`,
    exitCode: error.exitCode,
  });
}
