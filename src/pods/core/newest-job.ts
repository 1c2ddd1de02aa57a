// Which of a CronJob's Jobs is meant: the newest one.

import { type Decoder, list, object, optional, string } from '../../values/decode.ts';

interface Job {
  readonly owners: readonly string[];
  readonly created: string;
  readonly job: unknown;
}

const owner = object((field) => (field('kind', string) === 'CronJob' ? field('name', string) : ''));

const metadata = object((field) => ({
  owners: field('ownerReferences', list(owner)),
  created: field('creationTimestamp', optional(string)) ?? '',
}));

const job: Decoder<Job> = (value, path) => ({
  ...object((field) => field('metadata', metadata))(value, path),
  job: value,
});

/** @param jobs what kubectl prints of all Jobs of the namespace; undefined when none is the CronJob's */
export function newestJob(jobs: unknown, cronJob: string): unknown {
  const all = object((field) => field('items', list(job)))(jobs, '');
  const own = all.filter(({ owners }) => owners.includes(cronJob));
  // Times of one form and zone are in the order of their letters.
  return own.toSorted((a, b) => (a.created < b.created ? 1 : -1))[0]?.job;
}
