// What became of a connection that the forward closed without an answer. One that reached nothing is tried again; of one that may have
// reached the application nothing is ever sent twice.

/**
 * - `unreached`: provably no byte of it reached the application
 * - `closed`: the application ended it
 * - `unknown`: it was cut off
 */
export type Verdict = 'unreached' | 'closed' | 'unknown';

/** What is known when a connection has been closed without an answer. `port` is kubectl's listener that it came in by. */
export interface Facts {
  /** Bytes of the client that were handed over; undefined when kubectl did not even accept the connection. */
  readonly sent: number | undefined;
  /** Connections of the port without an answer, this one included: kubectl's word can be about each of them. */
  readonly unanswered: number;
  /** kubectl's reports since this one began that a connection of the port reached nothing; none has claimed them. */
  readonly refusals: number;
  /** Its reports that a connection of the port failed in another way. */
  readonly failures: number;
  /** Connections that an ended kubectl accepted and never took up: it says so before it passes a byte on. */
  readonly neverTaken: number;
  /** `closing`: it has closed its outputs, and what it had said last may still be on its way. */
  readonly kubectl: 'runs' | 'closing' | 'ended';
  /** Nothing more is to be waited for. */
  readonly late: boolean;
}

/** Undefined while kubectl may still say something that matters. It writes its word before it closes a connection. */
export function verdictOf(facts: Facts): Verdict | undefined {
  const { sent, kubectl } = facts;
  if (sent === undefined) return 'unreached';
  if (facts.refusals > 0 && (sent === 0 || areAllRefused(facts))) return 'unreached';
  if (kubectl === 'ended')
    return sent === 0 || (facts.neverTaken > 0 && areAllRefused(facts)) ? 'unreached' : 'unknown';
  if (kubectl === 'closing' || facts.refusals + facts.failures > 0) return facts.late ? 'unknown' : undefined;
  return 'closed';
}

/** As many proofs as connections they can be about: then each of these is one of them. */
export function areAllRefused({ refusals, neverTaken, unanswered }: Facts): boolean {
  return refusals + neverTaken >= unanswered;
}
