// Where a credential plugin is in use each kubectl runs it, and once its login has run out, each would ask for a new one.
// So one question goes first, unless kubectl was answered just now.
//
//   open ──10 s after an answer, and a kubectl is to start──▶ asking ──answered, or no matter of login──▶ open
//                                                              │  ▲
//                                                              ▼  │ 1 s, doubling to 30 s
//                                                             refused

import { LONGEST_TIMER_MS } from '../../values/duration.ts';
import { classifyFailure, type FailureKind } from './kubectl-errors.ts';

/** Longer than the kubectls of a session take to start, shorter than anybody's login lasts. */
const TRUST_MS = 10_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** @param answeredMs when kubectl was answered last; undefined: its login is known to have run out */
export function isLoggedIn(answeredMs: number | undefined, nowMs: number): boolean {
  return answeredMs !== undefined && nowMs - answeredMs <= TRUST_MS;
}

/**
 * Whether a question failed for want of a login. The plugin's own question may have had no answer until the time was up.
 * A lost API server says nothing about that: the plugin is run before kubectl connects to it.
 * @param refusals before it, in a row
 */
export function isRefused(failure: FailureKind | 'hung', refusals: number): boolean {
  return failure === 'unauthorized' || failure === 'hung' || (failure === 'unreachable' && refusals > 0);
}

/** Whether a kubectl's last words are about a login, and whether they name a credential plugin. */
export function loginWords(message: string): { readonly isRefused: boolean; readonly namesPlugin: boolean } {
  return {
    isRefused: classifyFailure(message) === 'unauthorized',
    namesPlugin: /getting credentials: exec\b/.test(message),
  };
}

/**
 * How long a question may take. Nobody may be there to answer it, and each one may open a browser.
 * @param unanswered how many before it were ended since they took too long
 */
export function questionMs(timeoutMs: number, unanswered: number): number {
  return Math.min(timeoutMs * 2 ** unanswered, LONGEST_TIMER_MS);
}

/** Before it is asked again. @param refusals in a row, at least one */
export function refusedPauseMs(refusals: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (refusals - 1), LONGEST_PAUSE_MS);
}
