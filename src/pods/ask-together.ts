// Several apps ask kubectl together where one question will do: each kubectl costs as much as a tunnel's.

import type { Answer } from '../kubectl/ask.ts';
import type { EarlyChild } from '../processes/early-child.ts';
import type { AppSettings, KubectlSettings } from '../request/core/settings.ts';
import { createDeferred, type Deferred } from '../values/deferred.ts';
import { firstQuestions, type Group, groupBy, ownObject } from './core/first-questions.ts';
import { keysOf, type Labels, matches, mergedSelector, requiredLabels } from './core/merge-selectors.ts';
import { askShortly, type FindOptions, type FoundPods, type ListPods, listPods } from './find-pods.ts';

/**
 * Asks what finding the apps' pods begins with; each gets its own part of the answer. Undefined: it has to ask by itself.
 * @param options.early the first app's question, asked already; a credential plugin logs in there, for all of them
 */
export function askFirst(
  apps: readonly AppSettings[],
  { early, ...options }: FindOptions & { readonly early: EarlyChild | undefined },
): (app: AppSettings) => Promise<Answer | undefined> {
  const answers = new Map<AppSettings, Promise<Answer | undefined>>();
  for (const [index, { apps: group, args }] of firstQuestions(apps).entries()) {
    const first = index === 0 ? early : undefined;
    const [{ kubectl }] = group;
    const answer = (async () => {
      if (index > 0) await early?.ended;
      return askShortly(kubectl, args, { ...options, first });
    })();
    for (const app of group) answers.set(app, group.length === 1 ? answer : answer.then((all) => partOf(all, app)));
  }
  return async (app) => answers.get(app);
}

function partOf(all: Answer, { target }: AppSettings): Answer | undefined {
  const value = all.kind === 'answered' ? ownObject(all.value, target) : undefined;
  return value === undefined ? undefined : { kind: 'answered', value };
}

interface Wish {
  readonly kubectl: KubectlSettings;
  readonly labels: Labels;
  readonly query: { readonly selector: string };
  readonly options: FindOptions;
  readonly found: Deferred<FoundPods>;
}

/** Lists at once what is asked for at the same moment, in the same place, by labels of the same keys. */
export function createPodLister(): ListPods {
  let wishes: Wish[] = [];
  const fulfil = () => {
    const groups = groupBy(wishes, ({ kubectl, labels }) => JSON.stringify([kubectl.flags, keysOf(labels)]));
    wishes = [];
    for (const group of groups) void listAll(group);
  };
  return (kubectl, query, options) => {
    const labels = 'selector' in query ? requiredLabels(query.selector) : undefined;
    if (!('selector' in query) || labels === undefined) return listPods(kubectl, query, options);
    const found = createDeferred<FoundPods>();
    if (wishes.length === 0) setImmediate(fulfil);
    wishes.push({ kubectl, labels, query, options, found });
    return found.promise;
  };
}

async function listAll(group: Group<Wish>): Promise<void> {
  const [first] = group;
  const { kubectl, options } = first;
  const query = group.length === 1 ? first.query : { selector: mergedSelector(group.map(({ labels }) => labels)) };
  try {
    const { pods } = await listPods(kubectl, query, options);
    for (const { labels, query: own, found } of group) {
      found.resolve({ query: own, pods: pods.filter((pod) => matches(pod.labels, labels)) });
    }
  } catch (error) {
    for (const { found } of group) found.reject(error);
  }
}
