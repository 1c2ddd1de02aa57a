// When what was connected to is over for good, and how: a pod that was asked for by its own name, or a Job.

import { type Place, placeOptions } from '../../kubectl/core/place.ts';
import { list, object, optional, string } from '../../values/decode.ts';
import { UserError } from '../../values/errors.ts';
import { oneLine } from '../../values/quote.ts';
import { whyNotReady } from './choose-pod.ts';
import { endedForGood, lostForGood } from './next-pod.ts';
import type { Pod } from './pod.ts';

export type Finish =
  /** `message`: one sentence without a full stop. */
  { readonly kind: 'succeeded'; readonly message: string } | { readonly kind: 'failed'; readonly error: UserError };

/** Undefined while it may run again, or another one may get its name. */
export function finishOfPod(pod: Pod): Finish | undefined {
  if (!endedForGood(pod)) return undefined;
  const message = whyNotReady(pod);
  return pod.phase === 'Succeeded' ? { kind: 'succeeded', message } : { kind: 'failed', error: lostForGood(message) };
}

const condition = object((field) => ({
  type: field('type', string),
  met: field('status', string) === 'True',
  reason: field('reason', optional(string)),
}));

const conditions = object((field) => field('status?.conditions', list(condition)));

/**
 * Undefined while it may still make pods.
 * @param job kubectl's JSON of the Job
 * @param pod the one of its pods that was used last
 */
export function finishOfJob(job: unknown, name: string, pod: Pod | undefined, place: Place): Finish | undefined {
  const met = conditions(job, '').filter((one) => one.met);
  if (met.some(({ type }) => type === 'Complete')) return { kind: 'succeeded', message: `job ${name} is complete` };
  const failed = met.find(({ type }) => type === 'Failed');
  if (failed === undefined) return undefined;
  const reason = failed.reason === undefined ? '' : ` (${oneLine(failed.reason)})`;
  const why = pod?.phase === 'Failed' ? `: ${whyNotReady(pod)}` : '';
  const hint = `look at it with: kubectl describe job/${name}${placeOptions(place)}`;
  return { kind: 'failed', error: new UserError(`job ${name} has failed${reason}${why}`, { hint }) };
}
