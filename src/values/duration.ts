// Durations as Go writes them (`1h30m`, `2.5s`), since that is what users of kubectl type.
import { usageError } from './errors.ts';
import { quoted } from './quote.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // U+00B5
  μs: 1e-3, // U+03BC
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const PARTS = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy;
/** A Node timer that is set to more fires at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Milliseconds, at most what a timer can wait (24 days); `what` names the value's place in the error, e.g. `--timeout`. */
export function parseDuration(text: string, what = 'duration'): number {
  if (text === '0') return 0;
  let total = 0;
  let end = 0;
  for (const match of text.matchAll(PARTS)) {
    total += Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? 0);
    end = match.index + match[0].length;
  }
  if (end === 0 || end !== text.length) {
    throw usageError(`${what}: ${quoted(text)} is not a duration`, 'write it like 500ms, 30s, 5m or 1h30m');
  }
  if (total > 0 && total < 1) return 1;
  return Math.min(Math.round(total), LONGEST_TIMER_MS);
}
