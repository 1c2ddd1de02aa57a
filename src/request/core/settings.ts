// Everything a session was asked to do: flags, environment and draft.toml folded into one frozen value.
import { parseDuration } from '../../values/duration.ts';
import { usageError } from '../../values/errors.ts';
import { oneLine, quoted } from '../../values/quote.ts';
import { type Environment, isSelector } from './manifest.ts';
import { type Mapping, parseMappings } from './mapping.ts';
import { parseTarget, type Target } from './target.ts';

/** How kubectl is called: the program and the flags that every call gets. */
export interface KubectlSettings {
  readonly program: string;
  /** kubectl's own flags as the user gave them, namespace included, in `--flag=value` form. */
  readonly flags: readonly string[];
  /** `--request-timeout`, only for calls that end by themselves. */
  readonly requestTimeout: string | undefined;
  /** What the records and messages say; undefined is the context's own. */
  readonly namespace: string | undefined;
  readonly context: string | undefined;
}

export interface Settings {
  readonly target: Target;
  /** What the app is called in variables and in `list`: after the target, which may be draft.toml's. */
  readonly app: string;
  /** The draft.toml that names the target, if one does. */
  readonly manifest: string | undefined;
  readonly kubectl: KubectlSettings;
  readonly mappings: readonly Mapping[];
  /** Names given with `-c`; empty means all. */
  readonly containers: readonly string[];
  /** `['localhost']` unless `--address` was given. */
  readonly addresses: readonly string[];
  readonly logs: boolean;
  /** Lines shown when a log is first opened; -1 is all. */
  readonly tail: number;
  /** As kubectl writes durations, e.g. `5m`. */
  readonly since: string | undefined;
  readonly timestamps: boolean;
  readonly timeoutMs: number;
  readonly holdMs: number;
  readonly dryRun: boolean;
  readonly output: 'text' | 'json';
  readonly color: 'auto' | 'always' | 'never';
  readonly detach: boolean;
  /** The hidden half of `--detach`: print variables instead of `Connect to` lines, no logs. */
  readonly export: boolean;
  readonly shell: Shell;
  /** `-- COMMAND [ARG...]`. */
  readonly command: readonly string[] | undefined;
  /** `--logs`: show logs on stderr while COMMAND runs. */
  readonly commandLogs: boolean;
  /** Only pods whose `buildID` annotation is this. */
  readonly buildId: string | undefined;
  /** The first pod has this label: it is of the build that `up` has just released. */
  readonly revision?: { readonly key: string; readonly value: string };
}

export type Shell = 'sh' | 'fish' | 'powershell';

/** What the command line hands over: undefined where a flag was not given. */
export interface ConnectFlags {
  readonly target: string | undefined;
  readonly selector: string | undefined;
  readonly environment: string | undefined;
  readonly file: string | undefined;
  readonly overridePorts: readonly string[];
  readonly containers: readonly string[];
  readonly addresses: readonly string[];
  readonly tail: number | undefined;
  readonly since: string | undefined;
  readonly timestamps: boolean;
  readonly noLogs: boolean;
  readonly timeout: string | undefined;
  readonly hold: string | undefined;
  readonly dryRun: boolean;
  readonly detach: boolean;
  readonly export: boolean;
  readonly shell: Shell | undefined;
  readonly output: 'text' | 'json' | undefined;
  readonly color: 'auto' | 'always' | 'never' | undefined;
  readonly kubectl: string | undefined;
  readonly namespace: string | undefined;
  readonly context: string | undefined;
  readonly requestTimeout: string | undefined;
  /** Every flag of kubectl's own but `--request-timeout`, as `--flag=value`. */
  readonly kubectlFlags: readonly string[];
  readonly command: readonly string[] | undefined;
  readonly commandLogs: boolean;
  /** Set by `up`. */
  readonly buildId?: string | undefined;
}

const DEFAULT_TAIL = 5;
const DEFAULT_TIMEOUT = '5m';
const DEFAULT_HOLD = '30s';

type Variables = Readonly<Record<string, string | undefined>>;

/** What is named on the command line is not to be taken for the app of whichever draft.toml lies above. */
export function needsManifest({ target, selector, environment, file }: ConnectFlags): boolean {
  return (target === undefined && selector === undefined) || environment !== undefined || file !== undefined;
}

/** @throws {UserError} exit status 2 for everything that the flags or draft.toml have wrong */
export function makeSettings(flags: ConnectFlags, environment: Environment | undefined, env: Variables): Settings {
  const target = chooseTarget(flags, environment);
  const mappings = flags.overridePorts.length > 0 ? parseMappings(flags.overridePorts) : environment?.overridePorts;
  return Object.freeze({
    target: Object.freeze(target),
    app: target.kind === 'selector' ? target.selector : target.name,
    manifest: flags.target === undefined && flags.selector === undefined ? environment?.file : undefined,
    kubectl: kubectlSettings(flags, environment, env),
    mappings: Object.freeze([...(mappings ?? [])]),
    containers: Object.freeze([...new Set(flags.containers.flatMap((names) => names.split(',')))]),
    addresses: Object.freeze(parseAddresses(flags.addresses)),
    logs: flags.command === undefined ? !flags.noLogs && !flags.export : flags.commandLogs,
    tail: tailOf(flags),
    since: sinceOf(flags.since),
    timestamps: flags.timestamps,
    timeoutMs: parseDuration(flags.timeout ?? DEFAULT_TIMEOUT, '--timeout'),
    holdMs: parseDuration(flags.hold ?? DEFAULT_HOLD, '--hold'),
    dryRun: flags.dryRun,
    output: flags.output ?? 'text',
    color: flags.color ?? 'auto',
    detach: flags.detach,
    export: flags.export,
    shell: flags.shell ?? guessShell(env),
    command: flags.command && Object.freeze([...flags.command]),
    commandLogs: flags.commandLogs,
    buildId: flags.buildId,
  });
}

function chooseTarget({ target, selector }: ConnectFlags, environment: Environment | undefined): Target {
  if (target !== undefined && selector !== undefined) {
    throw usageError(`TARGET ${quoted(target)} and -l ${quoted(selector)} exclude each other`, 'give one of them');
  }
  if (target !== undefined) return parseTarget(target);
  if (selector !== undefined) {
    if (!isSelector(selector))
      throw usageError(`-l: ${quoted(selector)} is not a label selector`, 'for example -l app=web');
    return { kind: 'selector', selector };
  }
  const name = environment?.name;
  const own = environment?.selector;
  if (name === undefined) {
    if (own !== undefined) return { kind: 'selector', selector: own };
    if (environment !== undefined) {
      const place = `environments.${oneLine(environment.environment)}`;
      throw usageError(
        `nothing to connect to: ${environment.file} has no name in ${place}`,
        'set name, or give a TARGET',
      );
    }
    throw usageError(
      'nothing to connect to',
      'give a TARGET (e.g. deploy/my-app), -l SELECTOR, or a draft.toml with a name',
    );
  }
  const labels = ['draft', 'app.kubernetes.io/instance', 'app.kubernetes.io/name', 'app'];
  const selectors = own === undefined ? labels.map((label) => `${label}=${name}`) : [own];
  return { kind: 'app', name, selectors: Object.freeze(selectors) };
}

function kubectlSettings(flags: ConnectFlags, environment: Environment | undefined, env: Variables): KubectlSettings {
  // kubectl takes an empty namespace or context for none given
  const namespace = flags.namespace || environment?.namespace;
  const own = flags.kubectlFlags.filter((flag) => !flag.startsWith('--namespace='));
  return Object.freeze({
    program: flags.kubectl || env['KUBECTL_PATH'] || 'kubectl',
    flags: Object.freeze(namespace === undefined ? own : [...own, `--namespace=${namespace}`]),
    requestTimeout: flags.requestTimeout,
    namespace,
    context: flags.context || undefined,
  });
}

function parseAddresses(texts: readonly string[]): string[] {
  const addresses = texts.flatMap((text) => text.split(',')).map((text) => text.trim());
  const wrong = addresses.find((text) => text !== 'localhost' && !isAddress(text));
  if (wrong !== undefined) {
    throw usageError(
      `--address: ${quoted(wrong)} is neither localhost nor an IP address`,
      'for example 127.0.0.1 or ::1',
    );
  }
  return addresses.length === 0 ? ['localhost'] : [...new Set(addresses)];
}

function isAddress(text: string): boolean {
  const byte = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
  if (new RegExp(`^${byte}(?:\\.${byte}){3}$`).test(text)) return true;
  return /^[\da-fA-F:.]*:[\da-fA-F:.]*$/.test(text) && URL.canParse(`http://[${text}]`);
}

function tailOf({ tail, since }: ConnectFlags): number {
  // a time span asks for all its lines, as in kubectl
  if (tail === undefined) return since === undefined ? DEFAULT_TAIL : -1;
  if (!Number.isInteger(tail) || tail < -1)
    throw usageError(`--tail: ${tail} is not a number of lines`, '-1 is all of them');
  return tail;
}

function sinceOf(since: string | undefined): string | undefined {
  return since === undefined || parseDuration(since, '--since') === 0 ? undefined : since;
}

/** Windows sets OS; there SHELL is set only within a Unix-like shell. */
function guessShell(env: Variables): Shell {
  const shell = env['SHELL']
    ?.split(/[\\/]/)
    .at(-1)
    ?.replace(/\.exe$/i, '');
  if (shell === 'fish') return 'fish';
  if (shell === 'pwsh' || shell === 'powershell') return 'powershell';
  return !shell && env['OS'] === 'Windows_NT' ? 'powershell' : 'sh';
}
