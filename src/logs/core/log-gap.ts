// Why lines of a log may be missing.
import type { ReadMode } from './repeat-filter.ts';

/** @param mode of the read that could not take up where the log was left */
export function gapReason(mode: ReadMode, podDeleted: boolean): string {
  if (podDeleted) return 'the pod was deleted before its log could be read to the end';
  return mode === 'accept'
    ? 'the log was rotated, or the container restarted more than once, while it could not be read'
    : 'an ended instance of the container was no longer kept when its rest was to be read';
}
