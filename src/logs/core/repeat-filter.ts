// Tells the lines a re-attached log brings again from the ones it has still to say, and a container that went on from
// one that was restarted. A log file keeps its order, so what was shown comes first, up to the line shown last.
import type { ShownTimestamps } from './shown-timestamps.ts';

/**
 * `fresh`: an instance of which nothing was shown. `resume`: must bring the line shown last again, otherwise it is
 * another instance's log or was rotated. `accept`: what is missing is known to be lost, go on with what there is.
 */
export type ReadMode = 'fresh' | 'resume' | 'accept';

/** `continue`: the line shown last, of which a part was passed on already. `mismatch`: see `resume`; nothing was consumed. */
export type LineDecision = 'show' | 'drop' | 'continue' | 'mismatch';

type Phase =
  | { readonly kind: 'start' }
  /** The lines run parallel to those shown; `next` is the entry the next line should have. */
  | { readonly kind: 'matching'; readonly next: number }
  /** Lines from before the first one shown (left out by --tail); `left` occurrences of the last entry to go. */
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
    this.#phase = shown.empty ? live : { kind: 'start' };
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
      case 'start':
        return this.#match(shown.find(seconds, nanos, 0), seconds, nanos);
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
