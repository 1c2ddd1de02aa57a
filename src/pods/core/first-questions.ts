// What finding the pods of several apps begins with: one question for all targets of one place that have a name, since
// each kubectl costs as much as a tunnel's.
import { firstQuestionArgs, getArgs, type NamedTarget, objectOf } from '../../kubectl/core/kubectl-args.ts';
import type { KubectlSettings } from '../../request/core/settings.ts';
import type { Target } from '../../request/core/target.ts';
import { anything, list, object, string } from '../../values/decode.ts';

export interface Asking {
  readonly kubectl: KubectlSettings;
  readonly target: Target;
}

export type Group<T> = readonly [T, ...T[]];

/** The first one is that of the first app. */
export function firstQuestions<App extends Asking>(apps: readonly App[]) {
  const keyOf = ({ target, kubectl }: App) =>
    named(target) === undefined ? JSON.stringify(target) : JSON.stringify(kubectl.flags);
  return groupBy(apps, keyOf).map((group) => ({ apps: group, args: argsOf(group) }));
}

/** In the order of their first members. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly Group<T>[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

function argsOf(group: Group<Asking>): readonly string[] {
  const [first] = group;
  const targets = group.flatMap(({ target }) => named(target) ?? []);
  if (targets.length === 0) return firstQuestionArgs(first.kubectl, first.target);
  return getArgs(first.kubectl, ...targets.map(objectOf));
}

function named(target: Target): NamedTarget | undefined {
  return target.kind === 'pod' || target.kind === 'workload' ? target : undefined;
}

const items = object((field) => field('items', list(anything)));
const identity = object((field) => `${field('kind', string).toLowerCase()}/${field('metadata.name', string)}`);

/** A target's own object in the answer for several; undefined if it is not there. */
export function ownObject(answer: unknown, target: Target): unknown {
  const wanted = named(target);
  return wanted && items(answer, '').find((item) => identity(item, 'items[]') === objectOf(wanted));
}
