// What to ask a kubelet for when a log is opened of which nothing has been shown.
import { parseDuration } from '../../values/duration.ts';

/** `--tail` and `--since`, which count when a log is first opened. */
export interface FirstOptions {
  /** -1 is all. */
  readonly tail: number;
  readonly since: string | undefined;
}

/**
 * `openForMs`: how long ago the log was first opened; undefined if it never was. A log that was open and brought nothing
 * is asked for what came since then: by a duration, since the node's clock may differ from ours.
 */
export function openingOptions(
  first: FirstOptions | undefined,
  openForMs: number | undefined,
): { tail?: number; since?: string } {
  if (first === undefined || (first.tail < 0 && first.since === undefined)) return {};
  if (openForMs !== undefined) {
    const before = first.since === undefined ? 0 : parseDuration(first.since);
    return { since: `${Math.ceil((before + openForMs) / 1000)}s` };
  }
  return {
    ...(first.tail < 0 ? {} : { tail: first.tail }),
    ...(first.since === undefined ? {} : { since: first.since }),
  };
}
