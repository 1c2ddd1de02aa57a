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

/** Full name, its API group, and the plural and short names kubectl knows. */
const KINDS: readonly (readonly [kind: 'pod' | WorkloadKind, group: string, names: readonly string[]])[] = [
  ['pod', '', ['po', 'pods']],
  ['deployment', 'apps', ['deploy', 'deployments']],
  ['statefulset', 'apps', ['sts', 'statefulsets']],
  ['daemonset', 'apps', ['ds', 'daemonsets']],
  ['replicaset', 'apps', ['rs', 'replicasets']],
  ['job', 'batch', ['jobs']],
  ['cronjob', 'batch', ['cj', 'cronjobs']],
  ['service', '', ['svc', 'services']],
];

/** `NAME` (a pod) or `KIND/NAME`. */
export function parseTarget(text: string): Target {
  const parts = text.split('/');
  const [kindText, name] = parts.length === 1 ? ['pod', parts[0]] : parts;
  if (parts.length > 2 || !kindText || !name) {
    throw usageError(`${quoted(text)} is not a target: expected POD or KIND/NAME`, kindsHint());
  }
  const kind = kindOf(kindText.toLowerCase());
  if (kind === undefined) throw usageError(`${quoted(text)}: unknown kind ${quoted(kindText)}`, kindsHint());
  if (!isDnsSubdomain(name)) {
    const where = name === text ? '' : `${quoted(text)}: `;
    throw usageError(`${where}${quoted(name)} is not a valid name of a ${kind}`);
  }
  return kind === 'pod' ? { kind, name } : { kind: 'workload', resource: kind, name };
}

const SHORT_KINDS: Readonly<Record<'pod' | WorkloadKind, string>> = {
  pod: 'pod',
  deployment: 'deploy',
  statefulset: 'sts',
  daemonset: 'ds',
  replicaset: 'rs',
  job: 'job',
  cronjob: 'cronjob',
  service: 'svc',
};

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
      return `${SHORT_KINDS[target.resource]}/${target.name}`;
  }
}

/** Whether a word is the name of a kind, in any of its forms. */
export function isKind(text: string): boolean {
  return kindOf(text.toLowerCase()) !== undefined;
}

function kindOf(text: string): 'pod' | WorkloadKind | undefined {
  const [name = '', ...group] = text.split('.');
  const found = KINDS.find(([kind, , names]) => kind === name || names.includes(name));
  // kubectl's `deployments.v1.apps`
  const wanted = /^v\d\w*$/.test(group[0] ?? '') ? group.slice(1) : group;
  return found !== undefined && (wanted.length === 0 || wanted.join('.') === found[1]) ? found[0] : undefined;
}

function kindsHint(): string {
  return `the kinds are ${KINDS.map(([kind]) => kind).join(', ')} and their short forms, e.g. deploy/my-app`;
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
