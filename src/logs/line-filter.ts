// Decides which lines are shown, within a time: a regular expression may take for ever for some line, and nothing else
// happens in this process meanwhile.
import { createContext, Script } from 'node:vm';
import type { LinePatterns } from '../request/core/patterns.ts';
import type { Decide } from './core/filtered-lines.ts';
import { LineMatcher, type LineVerdict, MARKS_PER_LINE, MOST_SLOW_LINES } from './core/line-matcher.ts';

/** For all lines of a chunk, which otherwise take a millisecond; connections are delayed by it three times at most. */
const LIMIT_MS = 100;

/** @param warn told once of a pattern that takes too long, and once when it is given up */
export function createLineFilter(patterns: LinePatterns, highlights: boolean, warn: (message: string) => void): Decide {
  const matcher = new LineMatcher(patterns, highlights);
  const runLimited = limitedTo(LIMIT_MS);
  return (lines) => {
    const count = lines.marks.length / MARKS_PER_LINE;
    const verdicts: LineVerdict[] = [];
    let spentMs = 0;
    while (verdicts.length < count) {
      spentMs += runLimited(() => matcher.decide(lines, verdicts));
      // Without its own time, it was the machine that slept, or had others to serve.
      if (verdicts.length === count || spentMs < LIMIT_MS / 2) continue;
      spentMs = 0;
      // Nothing is lost by a pattern of which nothing is known.
      verdicts.push([]);
      const { pattern, lines: slowLines } = matcher.tooSlow() ?? {};
      if (slowLines === 1) warn(`${pattern?.spelt} takes too long: the line that it was at is shown as it is`);
      else if (slowLines === MOST_SLOW_LINES) {
        warn(`${pattern?.spelt} has taken too long ${MOST_SLOW_LINES} times: it is not applied any more`);
      }
    }
    return verdicts;
  };
}

/**
 * Only node's vm can interrupt JavaScript, whatever runs in it; that takes 0.1 ms more each time. Returns the processor's
 * time in ms if the function was interrupted, else 0.
 */
function limitedTo(timeout: number): (run: () => void) => number {
  const holder = { run() {} };
  const context = createContext({ holder });
  const script = new Script('holder.run()');
  return (run) => {
    holder.run = run;
    const before = process.cpuUsage();
    try {
      script.runInContext(context, { timeout });
      return 0;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
}
