// One environment of draft.toml, checked as a whole: every problem is collected and shown with its place.
import { usageError } from '../../values/errors.ts';
import { isLabelValue } from '../../values/names.ts';
import { oneLine, quoted } from '../../values/quote.ts';
import { type ConnectEntry, readConnect } from './manifest-connect.ts';
import { asTable, Fields, unknownKeys } from './manifest-fields.ts';

/** The first of these that is on PATH is the default. */
export const BUILDERS = ['docker', 'podman', 'nerdctl', 'buildah'] as const;

export type ContainerBuilder = (typeof BUILDERS)[number];

/** `[environments.<environment>]`; a text that is not set, or empty, is undefined. */
export interface Environment extends Readonly<ReturnType<typeof readFields>> {
  /** What is connected to besides. */
  readonly connect: readonly ConnectEntry[];
}

export interface EnvironmentReading {
  readonly environment: Environment;
  /** One sentence each. */
  readonly warnings: readonly string[];
}

const AZURE_BUILDER = 'acrbuild';
const AZURE_FIELD = 'resource-group-name';
const WATCH_DELAY_S = 2;
const DAY_S = 86_400;

/** `tree` is the parsed draft.toml, `file` what messages call it. */
export function readEnvironment(tree: unknown, environmentName: string, file: string): EnvironmentReading {
  const table = environmentTable(tree, environmentName, file);
  const fields = new Fields(table);
  const own = readFields(fields, environmentName, file);
  const connect = readConnect(fields, own.overridePorts);
  const place = `environments.${oneLine(environmentName)}`;
  if (fields.problems.length > 0) {
    throw usageError(`${file}: ${fields.problems.map((problem) => oneLine(`${place}.${problem}`)).join('; ')}`);
  }
  const warnings = [
    ...unknownKeys(Object.keys(asTable(tree) ?? {}), ['environments'], file),
    ...unknownKeys(Object.keys(table), fields.known, `${file}: ${place}`),
    ...connect.warnings.map((warning) => `${file}: ${place}.${warning}`),
  ];
  return { environment: { ...own, connect: connect.entries }, warnings };
}

function readFields(fields: Fields, environment: string, file: string) {
  return {
    /** What messages call the draft.toml. */
    file,
    environment,
    name: fields.text('name', isLabelValue, 'a label value (letters, digits and -_. inside, at most 63)'),
    namespace: fields.namespace(),
    selector: selectorOf(fields),
    overridePorts: fields.mappings('override-ports'),
    autoConnect: fields.flag('auto-connect'),
    registry: fields.text('registry'),
    chart: fields.text('chart'),
    dockerfile: fields.text('dockerfile'),
    imageBuildArgs: fields.texts('image-build-args'),
    customTags: fields.list('custom-tags', (text) => /^\w[\w.-]{0,127}$/.test(text), 'an image tag'),
    /** `KEY=VALUE` each, as helm's `--set` takes them. */
    set: fields.list('set', (text) => /^[^=\0-][^=\0]*=[^\0]*$/.test(text), 'KEY=VALUE'),
    wait: fields.flag('wait'),
    containerBuilder: builderOf(fields),
    watch: fields.flag('watch'),
    watchDelayMs: 1000 * fields.count('watch-delay', WATCH_DELAY_S, DAY_S),
    buildTar: fields.text('build-tar'),
    chartTar: fields.text('chart-tar'),
    /** What Draft had and `up` has not, one sentence each; it does not matter for connecting. */
    unsupported: unsupported(fields, file),
  };
}

/** The names of what there is to choose from with -e. */
export function environmentNames(tree: unknown): readonly string[] {
  return Object.keys(environmentsOf(tree));
}

function environmentsOf(tree: unknown): Readonly<Record<string, unknown>> {
  const root = asTable(tree) ?? {};
  return asTable(Object.hasOwn(root, 'environments') ? root['environments'] : undefined) ?? {};
}

function environmentTable(tree: unknown, name: string, file: string): Readonly<Record<string, unknown>> {
  const environments = environmentsOf(tree);
  const names = Object.keys(environments);
  if (names.length === 0) {
    throw usageError(`${file}: there is no [environments.${oneLine(name)}]`, `an environment starts with that line`);
  }
  if (!Object.hasOwn(environments, name)) {
    const known = names.map(oneLine).join(', ');
    throw usageError(
      `${file}: environment ${quoted(name)} not found`,
      `the environments there are (-e, $DRAFT_ENV): ${known}`,
    );
  }
  const table = asTable(environments[name]);
  if (table === undefined) throw usageError(`${file}: environments.${oneLine(name)}: expected a table`);
  return table;
}

function selectorOf(fields: Fields): string | undefined {
  if (fields.raw('selector') === '') fields.problem('selector', 'a label selector', '');
  return fields.text('selector', isSelector, "a label selector that doesn't start with '-'");
}

/** A rough look only: what the selector means is for the API server to say. */
export function isSelector(text: string): boolean {
  return text.trim() !== '' && !text.startsWith('-') && !/\p{Cc}/u.test(text);
}

function builderOf(fields: Fields): ContainerBuilder | undefined {
  const value = fields.raw('container-builder');
  if (value === undefined || value === '' || value === AZURE_BUILDER) return undefined;
  const builder = BUILDERS.find((one) => one === value);
  if (builder === undefined) fields.problem('container-builder', `one of ${BUILDERS.join(', ')}`, value);
  return builder;
}

function unsupported(fields: Fields, file: string): readonly string[] {
  const builds = fields.raw('container-builder') === AZURE_BUILDER;
  const group = fields.raw(AZURE_FIELD);
  return [
    ...(builds ? [`${file}: container-builder ${AZURE_BUILDER} is not supported: use ${BUILDERS.join(', ')}`] : []),
    ...(group === undefined || group === '' ? [] : [`${file}: ${AZURE_FIELD} (the Azure builder) is not supported`]),
  ];
}
