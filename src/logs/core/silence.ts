// When a read that brings nothing more is ended. Kubelets before 1.23 or so leave a follow silent for ever once the log
// is rotated, and so does a connection that died without a sign.
import type { Instances, LogRead } from './next-read.ts';

export interface SilenceLimits {
  /** Silence after which a follow is ended whose container or pod has ended: it should have ended by itself. */
  readonly endedMs: number;
  /** The same while the container lives; doubled each time nothing was missed, up to `maxIdleMs`. */
  readonly idleMs: number;
  readonly maxIdleMs: number;
}

export const SILENCE_LIMITS: SilenceLimits = { endedMs: 5000, idleMs: 30_000, maxIdleMs: 600_000 };

/** A read under way. */
export interface WatchedRead {
  readonly read: LogRead;
  /** Whether bytes have come, and when they came last (or the read began). */
  readonly running: { readonly heard: boolean; readonly heardMs: number };
  /** When it was seen that what is read had ended; undefined while it lives. */
  readonly endedMs?: number | undefined;
}

/** `end` with `idle`: the container lives, and another follow takes the place of this one. */
export type SilenceDecision =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'end'; readonly idle: boolean };

/** What is followed has ended, so that the follow is to end by itself. */
export function hasEnded(read: LogRead, now: Instances, podGone: boolean): boolean {
  return read.follow && (podGone || now.latest !== read.instance || !now.alive);
}

/** @param idleMs how long the follow of a living container may be silent now */
export function decideOnSilence(
  { read, running, endedMs }: WatchedRead,
  nowMs: number,
  idleMs: number,
  limits: SilenceLimits,
): SilenceDecision {
  const ended = endedMs !== undefined;
  const limitMs = ended ? limits.endedMs : idleMs;
  const leftMs = Math.max(running.heardMs, endedMs ?? running.heardMs) + limitMs - nowMs;
  // A log rotates soon after a line was written to it, so only silence after a line is suspicious.
  if (leftMs <= 0 && (ended || running.heard || !read.follow)) return { kind: 'end', idle: read.follow && !ended };
  return { kind: 'wait', ms: Math.max(leftMs, limitMs / 10) };
}
