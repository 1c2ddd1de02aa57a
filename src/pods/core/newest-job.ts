// Which of a CronJob's Jobs is meant: the newest one.

import { anything, list, object, optional, string } from '../../values/decode.ts';

const owner = object((field) => (field('kind', string) === 'CronJob' ? field('name', string) : ''));

const job = object((field) => ({
  owners: field('metadata.ownerReferences', list(owner)),
  created: field('metadata.creationTimestamp', optional(string)) ?? '',
}));

/** @param jobs what kubectl prints of all Jobs of the namespace; undefined when none is the CronJob's */
export function newestJob(jobs: unknown, cronJob: string): unknown {
  const all = object((field) => field('items', list(anything)))(jobs, '');
  const dated = all.map((value, index) => ({ ...job(value, `items[${index}]`), value }));
  const own = dated.filter(({ owners }) => owners.includes(cronJob));
  // Times of one form and zone are in the order of their letters.
  return own.toSorted((a, b) => (a.created < b.created ? 1 : -1))[0]?.value;
}
