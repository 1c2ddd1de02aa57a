// TARGET as kubectl writes it, and the pods a workload stands for.
import type { Decoder } from '../../values/decode.ts';
import { integer, list, object, optional, string, stringMap, stringThat } from '../../values/decode.ts';
import { UserError, usageError } from '../../values/errors.ts';
import { isDnsSubdomain, isLabelKey, isLabelValue } from '../../values/names.ts';
import { quoted } from '../../values/quote.ts';

/** Kinds a TARGET can name, by kubectl's full resource names. */
export type WorkloadKind = 'deployment' | 'statefulset' | 'daemonset' | 'replicaset' | 'job' | 'cronjob' | 'service';

export type Target =
  | { readonly kind: 'pod'; readonly name: string }
  | { readonly kind: 'workload'; readonly resource: WorkloadKind; readonly name: string }
  | { readonly kind: 'selector'; readonly selector: string }
  /** From draft.toml: label selectors to try in this order, the first with any pod wins. */
  | { readonly kind: 'app'; readonly name: string; readonly selectors: readonly string[] };

/** The names that kubectl knows: the full one, the one that is mostly written, the resource with its API group. */
const KINDS: readonly (readonly [kind: 'pod' | WorkloadKind, short: string, resource: string, other?: string])[] = [
  ['pod', 'pod', 'pods', 'po'],
  ['deployment', 'deploy', 'deployments.apps'],
  ['statefulset', 'sts', 'statefulsets.apps'],
  ['daemonset', 'ds', 'daemonsets.apps'],
  ['replicaset', 'rs', 'replicasets.apps'],
  ['job', 'job', 'jobs.batch'],
  ['cronjob', 'cronjob', 'cronjobs.batch', 'cj'],
  ['service', 'svc', 'services'],
];
export const SHORT_KINDS: readonly string[] = KINDS.map(([, short]) => short);
export const LONG_KINDS: readonly string[] = KINDS.map(([kind]) => kind);

/** `NAME` (a pod) or `KIND/NAME`. */
export function parseTarget(text: string): Target {
  const parts = text.split('/');
  const [kindText, name] = parts.length === 1 ? ['pod', parts[0]] : parts;
  if (parts.length > 2 || !kindText || !name) {
    throw usageError(`${quoted(text)} is not a target: expected POD or KIND/NAME`, kindsHint());
  }
  const [kind] = namesOf(kindText) ?? [];
  if (kind === undefined) throw usageError(`${quoted(text)}: unknown kind ${quoted(kindText)}`, kindsHint());
  if (!isDnsSubdomain(name)) {
    const where = name === text ? '' : `${quoted(text)}: `;
    throw usageError(`${where}${quoted(name)} is not a valid name of a ${kind}`);
  }
  return kind === 'pod' ? { kind, name } : { kind: 'workload', resource: kind, name };
}

/** As one would write it: `deploy/web`; an app of draft.toml by its name. */
export function renderTarget(target: Target): string {
  switch (target.kind) {
    case 'selector':
      return target.selector;
    case 'app':
      return target.name;
    case 'pod':
      return `pod/${target.name}`;
    case 'workload':
      return `${KINDS.find(([kind]) => kind === target.resource)?.[1]}/${target.name}`;
  }
}

/** The resource that a kind is listed as; undefined for a word that is the name of no kind, in none of its forms. */
export function resourceOf(kind: string): string | undefined {
  return namesOf(kind)?.[2];
}

function namesOf(text: string): (typeof KINDS)[number] | undefined {
  const [name = '', ...group] = text.toLowerCase().split('.');
  // kubectl's `deployments.v1.apps`
  const wanted = /^v\d\w*$/.test(group[0] ?? '') ? group.slice(1) : group;
  return KINDS.find(([kind, short, resource, other]) => {
    const [plural, ownGroup = ''] = resource.split('.');
    return [kind, short, plural, other].includes(name) && (wanted.length === 0 || wanted.join('.') === ownGroup);
  });
}

function kindsHint(): string {
  return `the kinds are ${LONG_KINDS.join(', ')} and their short forms, e.g. deploy/my-app`;
}

export interface WorkloadPods {
  /** A label selector in kubectl's syntax. */
  readonly selector: string;
  /** How many pods are wanted; undefined where the kind does not say. */
  readonly replicas: number | undefined;
}

const key = stringThat(isLabelKey, "a label's key");
const value = stringThat((text) => text === '' || isLabelValue(text), "a label's value");

const matchLabels: Decoder<readonly string[]> = (labels, path) =>
  Object.entries(stringMap(labels, path)).map(
    ([name, wanted]) => `${key(name, path)}=${value(wanted, `${path}.${name}`)}`,
  );

const matchExpression = object((field) => {
  const name = field('key', key);
  const values = field('values', list(value)).join(',');
  const forms: Readonly<Record<string, string>> = {
    In: `${name} in (${values})`,
    NotIn: `${name} notin (${values})`,
    Exists: name,
    DoesNotExist: `!${name}`,
  };
  const operator = field(
    'operator',
    stringThat((text) => Object.hasOwn(forms, text), 'In, NotIn, Exists or DoesNotExist'),
  );
  return forms[operator] ?? name;
});

const labelSelector = object((field) => [
  ...field('matchLabels', matchLabels),
  ...field('matchExpressions', list(matchExpression)),
]);

/** Reads kubectl's JSON of any object. */
export function nameOf(value: unknown): string {
  return object((field) => field('metadata.name', string))(value, '');
}

/** Reads kubectl's JSON of the workload itself. */
export function selectorOfWorkload(workload: unknown, resource: WorkloadKind): WorkloadPods {
  const { requirements, replicas } = object((field) =>
    field('spec', resource === 'service' ? serviceSpec : workloadSpec(resource)),
  )(workload, '');
  if (requirements.length > 0) return { selector: requirements.join(','), replicas };
  throw new UserError(`${resource} ${quoted(nameOf(workload))} has no selector, so it stands for no pods`, {
    hint: 'name a pod or the workload behind it, or give a label selector with -l',
  });
}

interface Requirements {
  readonly requirements: readonly string[];
  readonly replicas: number | undefined;
}

const serviceSpec = object(
  (field): Requirements => ({ requirements: field('selector', matchLabels), replicas: undefined }),
);

function workloadSpec(resource: WorkloadKind): Decoder<Requirements> {
  const count = resource === 'job' ? 'parallelism' : 'replicas';
  return object((field) => ({
    requirements: field('selector', optional(labelSelector)) ?? [],
    replicas: field(count, optional(integer)),
  }));
}
