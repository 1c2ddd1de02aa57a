// What the end of a client's input means. kubectl loses what a server says after it, so it is held back for a client that
// stays for its answer; everybody else's is passed on at once, as kubectl does.

export interface ClientEnd {
  /** A forward has the connection; otherwise it waits. */
  readonly attached: boolean;
  readonly saidSomething: boolean;
  /** The server spoke last: no answer is awaited. */
  readonly answered: boolean;
  /** The client's side is open for reading still, as far as that can be told. */
  readonly stays: boolean;
}

/**
 * A client that has closed gets this long for its turn: most of those that write and close wait for no more than the
 * 0.15 s of an admission, and kubectl would have passed on what they said. Later it has given up.
 */
export const CLOSED_WAITS_MS = 500;

/** `leave`: nobody is there any more, and nothing has been sent. */
export type EndMeaning = 'pass-on' | 'hold-back' | 'leave';

export function meaningOfEnd({ attached, saidSomething, answered, stays }: ClientEnd): EndMeaning {
  if (!attached) return stays ? 'hold-back' : 'leave';
  return saidSomething && !answered && stays ? 'hold-back' : 'pass-on';
}
