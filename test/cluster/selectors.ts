// Label and field selectors as kubectl sends them.
import { ApiError } from './api-error.ts';
import type { KubeObject } from './kube-objects.ts';

export type Predicate = (object: KubeObject) => boolean;

/** Commas separate requirements, except between the parentheses of a set. */
const SEPARATOR = /,(?![^(]*\))/;
const KEY = '([A-Za-z0-9_./-]+)';
const SET = new RegExp(`^${KEY}\\s+(in|notin)\\s*\\(([^)]*)\\)$`);
const EQUAL = new RegExp(`^${KEY}\\s*(==|=|!=)\\s*([A-Za-z0-9_.-]*)$`);
const EXISTS = new RegExp(`^(!?)\\s*${KEY}$`);

export function labelPredicate(selector: string, plural: string): Predicate {
  const tests = requirements(selector).map((text) => labelRequirement(text, selector, plural));
  return (object) => tests.every((test) => test(object.metadata.labels ?? {}));
}

function labelRequirement(text: string, selector: string, plural: string): (labels: Record<string, string>) => boolean {
  const set = SET.exec(text);
  if (set !== null) {
    const [, key = '', operator, values = ''] = set;
    const members = values.split(',').map((value) => value.trim());
    if (operator === 'in') return (labels) => labels[key] !== undefined && members.includes(labels[key]);
    return (labels) => labels[key] === undefined || !members.includes(labels[key]);
  }
  const equal = EQUAL.exec(text);
  if (equal !== null) {
    const [, key = '', operator, value] = equal;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const exists = EXISTS.exec(text);
  if (exists !== null) {
    const [, not, key = ''] = exists;
    return (labels) => (labels[key] !== undefined) === (not === '');
  }
  throw new ApiError(
    400,
    `Unable to find "/v1, Resource=${plural}" that match label selector "${selector}", field selector "": unable to parse requirement: ${text}`,
  );
}

export function fieldPredicate(selector: string): Predicate {
  const tests = requirements(selector).map((text): Predicate => {
    const [, field = '', operator, value = ''] = /^([\w.]+)\s*(==|=|!=)\s*(.*)$/.exec(text) ?? [];
    const read = FIELDS[field];
    if (read === undefined) throw new ApiError(400, `field label not supported: ${field}`);
    return (object) => (read(object) === value) === (operator !== '!=');
  });
  return (object) => tests.every((test) => test(object));
}

const FIELDS: Readonly<Record<string, (object: KubeObject) => unknown>> = {
  'metadata.name': (object) => object.metadata.name,
  'metadata.namespace': (object) => object.metadata.namespace,
  'status.phase': (object) => object.status?.['phase'],
  'spec.nodeName': (object) => object.spec?.['nodeName'],
  'involvedObject.name': () => undefined,
  'involvedObject.namespace': () => undefined,
  'involvedObject.uid': () => undefined,
  'involvedObject.kind': () => undefined,
};

function requirements(selector: string): string[] {
  return selector
    .split(SEPARATOR)
    .map((text) => text.trim())
    .filter((text) => text !== '');
}
