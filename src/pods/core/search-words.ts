// What was looked for, and where: for messages about what was not found.

import { type Place, placeWords } from '../../kubectl/core/place.ts';
import { renderTarget, resourceOf, type Target } from '../../request/core/target.ts';
import { list, object, string } from '../../values/decode.ts';
import { oneLine } from '../../values/quote.ts';

/** @param file the draft.toml that names the target, if one does */
export function noPodWords(target: Target, place: Place, file: string | undefined): string {
  const source = file === undefined ? '' : `, as ${file} says`;
  return `there is no pod ${searchWords(target)}${placeWords(place)}${source}`;
}

function searchWords(target: Target): string {
  switch (target.kind) {
    case 'pod':
      return target.name;
    case 'workload':
      return `of ${target.resource} ${target.name}`;
    case 'selector':
      return `that matches ${target.selector}`;
    case 'app': {
      const [last = '', ...before] = target.selectors.toReversed();
      const labels = before.length === 0 ? last : `${before.toReversed().join(', ')} or ${last}`;
      return `with the label ${labels}`;
    }
  }
}

/** What a bare name that is not a pod's may mean, the likeliest first. */
const LIKELY_KINDS = ['deployment', 'statefulset', 'daemonset', 'job', 'cronjob', 'service'] as const;
/** The same as kubectl takes them in one question. */
export const LIKELY_RESOURCES = LIKELY_KINDS.map(resourceOf).join(',');

const kind = object((field) => field('kind', string));
const kinds = object((field) => field('items', list(kind)));

/** The target that was meant: `answer` is what kubectl prints of the objects with that name. */
export function likelyTarget(answer: unknown, name: string): string | undefined {
  const only = kind(answer, '');
  const found = only === 'List' ? kinds(answer, '') : [only];
  const resource = LIKELY_KINDS.find((likely) => found.some((each) => each.toLowerCase() === likely));
  return resource && renderTarget({ kind: 'workload', resource, name });
}

const deployment = object((field) => ({
  name: field('metadata.name', string),
  namespace: field('metadata.namespace', string),
}));
const deployments = object((field) => field('items', list(deployment)));
const MOST_NAMED = 8;

/** What could have been named; undefined when there are no Deployments. `answer`: what kubectl prints of all of them. */
export function deploymentsHint(answer: unknown): string | undefined {
  const found = deployments(answer, '');
  const [first] = found;
  if (first === undefined) return undefined;
  const names = found.slice(0, MOST_NAMED).map(({ name }) => `deploy/${oneLine(name)}`);
  const more = found.length > MOST_NAMED ? ` and ${found.length - MOST_NAMED} more` : '';
  return `in namespace ${oneLine(first.namespace)} there ${found.length === 1 ? 'is' : 'are'} ${names.join(', ')}${more}`;
}
