// How long to wait before a container's log is read again.
import { jitteredMs, pauseMs } from '../../processes/core/supervision.ts';
import type { LogFailure } from './log-failure.ts';

/** A read that lived this long had worked. */
const PROVEN_MS = 5000;
const FIRST_MS = 100;
const MAX_MS = 2000;
/** Each read is a kubectl process: after about a minute of failures they become rarer. */
const MANY_FAILURES = 32;
const RARE_MS = 10_000;
/** The pod's status follows the end of its container by up to a second. */
const CLEAN_END_MS = 500;
const LASTING_MS = 30_000;

export interface BackoffReason {
  readonly livedMs: number;
  /** It showed new lines, or settled that there are none. */
  readonly progress: boolean;
  /** A followed log that ended without an error: with `silent` nothing of the instance had ever been shown. */
  readonly cleanEnd: boolean;
  readonly silent: boolean;
  readonly failure: LogFailure | undefined;
}

/** `failures`: reads in a row that did not work, for the next call; the first is followed by another at once. */
export function readBackoff(
  failures: number,
  { livedMs, progress, cleanEnd, silent, failure }: BackoffReason,
  random: number,
): { failures: number; pauseMs: number } {
  const before = livedMs >= PROVEN_MS ? 0 : progress ? Math.min(failures, 1) : failures;
  const now = before + 1;
  // Most likely the container has ended. Without a line to know it by, the next one's log would be taken for its own.
  if (cleanEnd && silent) return { failures: now, pauseMs: jitteredMs(MAX_MS, random) };
  const maxMs = failure?.kind === 'lasting' ? LASTING_MS : now > MANY_FAILURES ? RARE_MS : MAX_MS;
  const grown = pauseMs(before, random, { firstMs: FIRST_MS, maxMs });
  const least = cleanEnd && !progress && before > 0 ? jitteredMs(CLEAN_END_MS, random) : 0;
  return { failures: now, pauseMs: Math.max(least, grown) };
}
