// What one app of a run is asked to do: its target, its ports and how it is shown.
import { parseDuration } from '../../values/duration.ts';
import { EXIT, UserError, usageError } from '../../values/errors.ts';
import { oneLine, quoted } from '../../values/quote.ts';
import { type Environment, isSelector } from './manifest.ts';
import { parseMappings } from './mapping.ts';
import { parsePatterns } from './patterns.ts';
import type { AppSettings, ConnectFlags, KubectlSettings, Variables } from './settings.ts';
import { parseTarget, type Target } from './target.ts';

const DEFAULT_TAIL = 5;
const DEFAULT_TIMEOUT = '5m';
const DEFAULT_HOLD = '30s';

/** Nothing is named on the command line, and there is no draft.toml. */
export class NothingNamed extends UserError {
  /** How to ask what there is. */
  readonly kubectl: KubectlSettings;

  constructor(kubectl: KubectlSettings) {
    const hint = 'give a TARGET (e.g. deploy/my-app), -l SELECTOR, or a draft.toml with a name';
    super('nothing to connect to', { hint, exitCode: EXIT.usage });
    this.kubectl = kubectl;
  }
}

/** @throws {UserError} exit status 2 for everything that the flags or draft.toml have wrong */
export function makeAppSettings(
  flags: ConnectFlags,
  environment: Environment | undefined,
  env: Variables,
): AppSettings {
  const kubectl = kubectlSettings(flags, environment, env);
  const target = chooseTarget(flags, environment, kubectl);
  const mappings = flags.overridePorts.length > 0 ? parseMappings(flags.overridePorts) : environment?.overridePorts;
  return Object.freeze({
    target: Object.freeze(target),
    app: target.kind === 'selector' ? target.selector : target.name,
    manifest: flags.target === undefined && flags.selector === undefined ? environment?.file : undefined,
    kubectl,
    mappings: Object.freeze([...(mappings ?? [])]),
    containers: Object.freeze([...new Set(flags.containers.flatMap((names) => names.split(',')))]),
    addresses: Object.freeze(parseAddresses(flags.addresses)),
    logs: flags.command === undefined ? !flags.noLogs && !flags.export : flags.commandLogs,
    tail: tailOf(flags),
    since: sinceOf(flags.since),
    timestamps: flags.timestamps,
    excludeContainers: parsePatterns('--exclude-container', flags.excludeContainers),
    timeoutMs: parseDuration(flags.timeout ?? DEFAULT_TIMEOUT, '--timeout'),
    holdMs: parseDuration(flags.hold ?? DEFAULT_HOLD, '--hold'),
  });
}

function chooseTarget(
  { target, selector }: ConnectFlags,
  environment: Environment | undefined,
  kubectl: KubectlSettings,
): Target {
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
    throw new NothingNamed(kubectl);
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
