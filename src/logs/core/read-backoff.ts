// How long to wait before a container's log is read again.
import type { LogFailure } from './log-failure.ts';

/** A read that lived so long had worked. */
export const PROVEN_MS = 5000;
const FIRST_MS = 100;
const MAX_MS = 2000;
/** Each read is a kubectl process: after about a minute of failures they become rarer. */
const MANY_FAILURES = 32;
const RARE_MS = 10_000;
/** The pod's status follows the end of its container by up to a second. */
const CLEAN_END_MS = 500;
const LASTING_MS = 30_000;

export interface EndedRead {
  readonly livedMs: number;
  /** It showed new lines, or settled that there are none. */
  readonly progress: boolean;
  /** A followed log that ended without an error: with `silent` nothing of the instance had ever been shown. */
  readonly cleanEnd: boolean;
  readonly silent: boolean;
  readonly failure: LogFailure | undefined;
}

/** `failures`: reads in a row that did not work, for the next call; the first is followed by another at once. */
export function readBackoff(failures: number, end: EndedRead, random: number): { failures: number; pauseMs: number } {
  const before = end.livedMs >= PROVEN_MS ? 0 : end.progress ? Math.min(failures, 1) : failures;
  const now = before + 1;
  // Most likely the container has ended. Without a line to know it by, the next one's log would be taken for its own.
  if (end.cleanEnd && end.silent) return { failures: now, pauseMs: jittered(MAX_MS, random) };
  if (now === 1) return { failures: now, pauseMs: 0 };
  const grown = FIRST_MS * 2 ** Math.min(now - 2, 20);
  const most = end.failure?.kind === 'lasting' ? LASTING_MS : now > MANY_FAILURES ? RARE_MS : MAX_MS;
  const least = end.cleanEnd && !end.progress ? CLEAN_END_MS : 0;
  return { failures: now, pauseMs: jittered(Math.max(least, Math.min(grown, most)), random) };
}

function jittered(ms: number, random: number): number {
  return Math.round(ms * (0.75 + random / 2));
}
