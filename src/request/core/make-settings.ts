// From the flags and draft.toml's environment to what the run is to do.
import { kubectlSettings, makeAppSettings } from './app-settings.ts';
import { askedApps } from './asked-apps.ts';
import type { Environment } from './manifest.ts';
import { parseMappings, requireDistinctLocals } from './mapping.ts';
import { partOptions } from './part-options.ts';
import { parseLinePatterns } from './patterns.ts';
import type { AppSettings, Apps, ConnectFlags, Settings, Variables } from './settings.ts';

/** What is named on the command line is not to be taken for the app of whichever draft.toml lies above. */
export function needsManifest({ targets, selector, environment, file }: ConnectFlags): boolean {
  return (targets.length === 0 && selector === undefined) || environment !== undefined || file !== undefined;
}

/** @throws {UserError} exit status 2 for everything that the flags or draft.toml have wrong */
export function makeSettings(flags: ConnectFlags, environment: Environment | undefined, env: Variables): Settings {
  return {
    ...appsOf(flags, environment, env),
    lines: parseLinePatterns(flags),
    quiet: flags.quiet,
    dryRun: flags.dryRun,
    output: flags.output,
    color: flags.color,
    detach: flags.detach,
    export: flags.export,
    shell: flags.shell,
    command: flags.command,
  };
}

function appsOf(
  flags: ConnectFlags,
  environment: Environment | undefined,
  env: Variables,
): Pick<Settings, 'apps' | 'shared'> {
  const kubectl = kubectlSettings(flags, flags.namespace || environment?.namespace, env);
  const asked = askedApps(flags, environment, kubectl);
  // What draft.toml says of ports holds for its own app, or for whatever is named in its place.
  const standsIn = asked[0]?.manifest === undefined ? environment?.overridePorts : undefined;
  const mappings = flags.overridePorts.length > 0 ? parseMappings(flags.overridePorts) : (standsIn ?? []);
  const containers = [...new Set(flags.containers.flatMap((names) => names.split(',')))];
  const { own, shared } = partOptions(asked, mappings, containers);
  const apps = asked.map((app, index) =>
    makeAppSettings(app, own[index] ?? shared, { flags, environment, env }),
  ) as readonly AppSettings[] as Apps;
  // What is shared may still replace some of them.
  if (shared.mappings.length === 0) requireDistinctLocals(apps.flatMap((app) => app.mappings));
  return { apps, shared };
}
