// `[[environments.X.connect]]`: what else an app of draft.toml needs, each of it a target of its own.
import { asTable, Fields, unknownKeys } from './manifest-fields.ts';
import { localAlreadyMapped, type Mapping } from './mapping.ts';
import { parseTarget, renderTarget, type Target } from './target.ts';

export interface ConnectEntry {
  readonly target: Target;
  /** Undefined is the environment's. */
  readonly namespace: string | undefined;
  readonly overridePorts: readonly Mapping[];
  readonly logs: boolean;
}

/**
 * Whatever is wrong becomes a problem of `fields`.
 * @param own the mappings of the app itself: no local port goes to two apps
 * @returns also warnings, one sentence each: `connect[0]: unknown key …`
 */
export function readConnect(fields: Fields, own: readonly Mapping[]) {
  const value = fields.raw('connect') ?? [];
  const tables = Array.isArray(value) ? value : undefined;
  if (tables === undefined) fields.problem('connect', 'tables, each under [[environments.NAME.connect]]', value);
  const entries: ConnectEntry[] = [];
  const warnings: string[] = [];
  for (const [index, entry] of (tables ?? []).entries()) {
    const place = `connect[${index}]`;
    const table = asTable(entry);
    if (table === undefined) {
      fields.problem(place, 'a table', entry);
      continue;
    }
    const inner = new Fields(table);
    const read = readEntry(inner);
    if (read !== undefined) {
      requireNew(read, entries, own, inner);
      entries.push(read);
    }
    fields.problems.push(...inner.problems.map((problem) => `${place}.${problem}`));
    warnings.push(...unknownKeys(Object.keys(table), inner.known, place));
  }
  return { entries, warnings };
}

function readEntry(fields: Fields): ConnectEntry | undefined {
  const text = fields.text('target');
  if (text === undefined && fields.problems.length === 0) fields.problem('target', 'POD or KIND/NAME', undefined);
  const target = text === undefined ? undefined : fields.parsed('target', () => parseTarget(text), undefined);
  const rest = {
    namespace: fields.namespace(),
    overridePorts: fields.mappings('override-ports'),
    logs: fields.flag('logs', true),
  };
  return target && { target, ...rest };
}

function requireNew(
  { target, namespace, overridePorts }: ConnectEntry,
  before: readonly ConnectEntry[],
  own: readonly Mapping[],
  fields: Fields,
): void {
  const name = renderTarget(target);
  const isNamed = before.some((entry) => renderTarget(entry.target) === name && entry.namespace === namespace);
  if (isNamed) fields.problems.push(`target: ${name} is named twice`);
  const taken = [...own, ...before.flatMap((entry) => entry.overridePorts)].map(({ local }) => local);
  for (const { local } of overridePorts) {
    if (local !== 0 && taken.includes(local)) {
      fields.problems.push(`override-ports: ${localAlreadyMapped(local).message}`);
    }
  }
}
