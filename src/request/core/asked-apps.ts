// Which apps a run is asked to connect to: the targets on the command line, or draft.toml's app and what it needs.
import { EXIT, UserError, usageError } from '../../values/errors.ts';
import { oneLine, quoted } from '../../values/quote.ts';
import { nameApps } from './app-names.ts';
import { type Environment, isSelector } from './manifest.ts';
import type { ConnectEntry } from './manifest-connect.ts';
import type { ConnectFlags, KubectlSettings } from './settings.ts';
import { parseTarget, type Target } from './target.ts';

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

/** No flag replaces its own namespace. */
export interface AskedApp extends ConnectEntry {
  readonly app: string;
  /** The draft.toml that names the target, if one does. */
  readonly manifest: string | undefined;
}

/**
 * @param kubectl what asks the cluster when nothing is named
 * @throws {UserError} when there is none, or one is named twice
 */
export function askedApps(
  flags: ConnectFlags,
  environment: Environment | undefined,
  kubectl: KubectlSettings,
): readonly AskedApp[] {
  const unnamed = fromFlags(flags) ?? (environment && fromManifest(environment));
  if (unnamed === undefined) throw new NothingNamed(kubectl);
  const names = nameApps(unnamed);
  return unnamed.map((app, index) => ({ ...app, app: names[index] ?? '' }));
}

type Unnamed = Omit<AskedApp, 'app'>;

function fromFlags({ targets, selector }: ConnectFlags): readonly Unnamed[] | undefined {
  const bare = { manifest: undefined, namespace: undefined, overridePorts: [], logs: true };
  if (targets.length > 0 && selector !== undefined) {
    const named = targets.map(quoted).join(' ');
    throw usageError(`TARGET ${named} and -l ${quoted(selector)} exclude each other`, 'give one of them');
  }
  if (targets.length > 0) return targets.map((text) => ({ ...bare, target: parseTarget(text) }));
  if (selector === undefined) return undefined;
  if (!isSelector(selector)) {
    throw usageError(`-l: ${quoted(selector)} is not a label selector`, 'for example -l app=web');
  }
  return [{ ...bare, target: { kind: 'selector', selector } }];
}

function fromManifest(environment: Environment): readonly Unnamed[] {
  const { file: manifest, overridePorts, connect } = environment;
  const own = { target: ownTarget(environment), manifest, namespace: undefined, overridePorts, logs: true };
  return [own, ...connect.map((entry) => ({ ...entry, manifest }))];
}

/** The labels by which draft.toml's name finds its pods, in this order. */
export const NAME_LABELS = ['draft', 'app.kubernetes.io/instance', 'app.kubernetes.io/name', 'app'];

function ownTarget({ name, selector, file, environment }: Environment): Target {
  if (name !== undefined) {
    const selectors = selector === undefined ? NAME_LABELS.map((label) => `${label}=${name}`) : [selector];
    return { kind: 'app', name, selectors };
  }
  if (selector !== undefined) return { kind: 'selector', selector };
  const place = `environments.${oneLine(environment)}`;
  throw usageError(`nothing to connect to: ${file} has no name in ${place}`, 'set name, or give a TARGET');
}
