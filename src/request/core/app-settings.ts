// What one app of a run is asked to do: its target, its ports and how it is shown.
import { parseDuration } from '../../values/duration.ts';
import { usageError } from '../../values/errors.ts';
import { quoted } from '../../values/quote.ts';
import type { AskedApp } from './asked-apps.ts';
import type { Environment } from './manifest.ts';
import type { PodOptions } from './part-options.ts';
import { parsePatterns } from './patterns.ts';
import type { AppSettings, ConnectFlags, KubectlSettings, Variables } from './settings.ts';

const DEFAULT_TAIL = 5;
const DEFAULT_TIMEOUT = '5m';
const DEFAULT_HOLD = '30s';

/**
 * @param options of -p and -c, as far as they are this app's; its mappings go before draft.toml's
 * @throws {UserError} exit status 2 for everything that the flags have wrong
 */
export function makeAppSettings(
  { target, app, manifest, namespace, overridePorts, logs }: AskedApp,
  { mappings, containers }: PodOptions,
  { flags, environment, env }: AppContext,
): AppSettings {
  return {
    target,
    app,
    manifest,
    kubectl: kubectlSettings(flags, namespace ?? (flags.namespace || environment?.namespace), env),
    mappings: mappings.length > 0 ? mappings : overridePorts,
    containers: [...new Set(containers)],
    addresses: parseAddresses(flags.addresses),
    logs: logs && wantsLogs(flags),
    allPods: flags.allPods,
    tunnels: tunnelsOf(flags),
    // Only connections need a pod that serves.
    unready: flags.unready || flags.noTunnels,
    tail: tailOf(flags),
    since: sinceOf(flags.since),
    timestamps: flags.timestamps,
    excludeContainers: parsePatterns('--exclude-container', flags.excludeContainers),
    timeoutMs: parseDuration(flags.timeout ?? DEFAULT_TIMEOUT, '--timeout'),
    holdMs: parseDuration(flags.hold ?? DEFAULT_HOLD, '--hold'),
  };
}

/** What all apps of a run have in common. */
export interface AppContext {
  readonly flags: ConnectFlags;
  readonly environment: Environment | undefined;
  readonly env: Variables;
}

function wantsLogs({ command, noLogs, export: isExport, commandLogs }: ConnectFlags): boolean {
  return command === undefined ? !noLogs && !isExport : commandLogs;
}

/** kubectl takes an empty namespace or context for none given. */
export function kubectlSettings(flags: ConnectFlags, namespace: string | undefined, env: Variables): KubectlSettings {
  const own = flags.kubectlFlags.filter((flag) => !flag.startsWith('--namespace='));
  return {
    program: flags.kubectl || env['KUBECTL_PATH'] || 'kubectl',
    flags: namespace === undefined ? own : [...own, `--namespace=${namespace}`],
    requestTimeout: flags.requestTimeout,
    namespace,
    context: flags.context || undefined,
  };
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

function tunnelsOf({ noTunnels, command, detach, export: isBackground, overridePorts }: ConnectFlags): boolean {
  if (!noTunnels) return true;
  if (command !== undefined) throw usageError('--no-tunnels and -- COMMAND exclude each other');
  if (detach || isBackground) throw usageError('--no-tunnels and --detach exclude each other');
  if (overridePorts.length > 0) throw usageError('--no-tunnels and --override-port exclude each other');
  return false;
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
