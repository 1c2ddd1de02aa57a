// Drops the lines that a log brings again when it is read again, and notices the log of another instance. A log file
// keeps its order, so the lines that were shown come first, up to the one shown last.
import type { ShownTimestamps } from './shown-timestamps.ts';

/**
 * `fresh`: nothing of this instance was shown. `resume`: the read must bring the line shown last again, otherwise the
 * log is another instance's or was rotated. `accept`: the missing lines are lost, go on with those there are.
 */
export type ReadMode = 'fresh' | 'resume' | 'accept';

/** `continue`: the line shown last, which was passed on in part. `mismatch`: see `resume`; nothing was consumed. */
export type LineDecision = 'show' | 'drop' | 'continue' | 'mismatch';

type Phase =
  /** The lines are those that were shown; `next` is the entry that the next line should have. */
  | { readonly kind: 'matching'; readonly next: number }
  /** Lines from before the first one shown (`--tail` left them out); `left` occurrences of the last entry to go. */
  | { readonly kind: 'skipping'; readonly left: number }
  | { readonly kind: 'live' };

const live: Phase = { kind: 'live' };
// Lines of stdout and stderr may be out of order by some milliseconds, never by this much.
const MAX_DISORDER_S = 1;

export class RepeatFilter {
  readonly #shown: ShownTimestamps;
  readonly #mode: ReadMode;
  readonly #partial: boolean;
  #phase: Phase;
  /** A line that had been shown came again: this is the same instance. */
  confirmed = false;

  /** `partial`: the last of the shown lines was passed on only in part. */
  constructor(shown: ShownTimestamps, mode: ReadMode, partial: boolean) {
    this.#shown = shown;
    this.#mode = mode;
    this.#partial = partial;
    this.#phase = shown.empty ? live : { kind: 'matching', next: 0 };
  }

  get live(): boolean {
    return this.#phase === live;
  }

  decide(seconds: number, nanos: number): LineDecision {
    const shown = this.#shown;
    switch (this.#phase.kind) {
      case 'live':
        return 'show';
      case 'matching':
        return this.#match(shown.find(seconds, nanos, this.#phase.next), seconds, nanos);
      case 'skipping':
        if (shown.beyond(seconds, nanos) > (this.#mode === 'accept' ? 0 : MAX_DISORDER_S)) return this.#other();
        if (!shown.isLast(seconds, nanos)) return 'drop';
        return this.#phase.left > 1 ? this.#skip(this.#phase.left - 1) : this.#match(shown.length - 1, seconds, nanos);
    }
  }

  #match(index: number, seconds: number, nanos: number): LineDecision {
    const shown = this.#shown;
    if (index < 0) {
      // Not beyond the shown lines, but none of them: --tail or --since had left it out, or the clock was set back.
      return shown.beyond(seconds, nanos) > 0 ? this.#other() : this.#skip(shown.lastOccurrences());
    }
    this.confirmed = true;
    const isLast = index + 1 === shown.length;
    this.#phase = isLast ? live : { kind: 'matching', next: index + 1 };
    return isLast && this.#partial ? 'continue' : 'drop';
  }

  #skip(left: number): LineDecision {
    this.#phase = { kind: 'skipping', left };
    return 'drop';
  }

  #other(): LineDecision {
    if (this.#mode !== 'accept' && !this.confirmed) return 'mismatch';
    this.#phase = live;
    return 'show';
  }
}
