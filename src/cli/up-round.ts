// One round of `up`: draft.toml as it is now, the stages, and what to connect to afterwards.
import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createFixPlace } from '../kubectl/current-context.ts';
import { SHORTEST_QUERY_MS } from '../pods/await-pod.ts';
import { makeSettings } from '../request/core/make-settings.ts';
import type { Environment } from '../request/core/manifest.ts';
import type { AppSettings, ConnectFlags, KubectlSettings, Settings } from '../request/core/settings.ts';
import { parseTarget } from '../request/core/target.ts';
import { openBuildLog } from '../up/build-log.ts';
import { makeBuildId } from '../up/core/build-id.ts';
import { secretsIn } from '../up/core/redact.ts';
import { helmPlaceFlags, type Place } from '../up/core/release.ts';
import { interruptedIn } from '../up/core/screen.ts';
import { ofApp, ofRelease } from '../up/core/workload.ts';
import { findDeployed, OF_HELM } from '../up/deployed.ts';
import { createKube, logIn } from '../up/kube.ts';
import { type AppFolder, type Plan, prepare } from '../up/prepare.ts';
import { runTool } from '../up/run-tool.ts';
import { runUp, type UpOutcome } from '../up/run-up.ts';
import type { Screen } from '../up/screen.ts';
import type { Before } from '../up/stage.ts';
import { renderError, UserError, usageError } from '../values/errors.ts';
import { oneLine, quoted } from '../values/quote.ts';
import { loadEnvironment, nearestManifest } from './load-environment.ts';

export interface UpRequest {
  /** draft.toml's folder, or itself. */
  readonly path: string | undefined;
  readonly flags: ConnectFlags;
  /** Undefined where draft.toml decides. */
  readonly autoConnect: boolean | undefined;
  readonly watch: boolean | undefined;
  readonly skipPush: boolean;
  readonly command: readonly string[] | undefined;
}

/** draft.toml is read anew for each. */
export interface Round {
  readonly folder: AppFolder;
  readonly environment: Environment;
  readonly settings: Settings;
  readonly plan: Plan;
}

/** @throws {UserError} for whatever is wrong before a build can begin */
export async function readRound(
  request: UpRequest,
  signal: AbortSignal,
  { hasTerminal, warn }: { readonly hasTerminal: boolean; readonly warn: (message: string) => void },
): Promise<Round> {
  const { flags, command, skipPush } = request;
  const file = manifestOf(request);
  const { environment, warnings } = loadEnvironment(file, flags.environment);
  if (environment === undefined) throw noManifest();
  for (const warning of warnings) warn(oneLine(warning));
  const folder: AppFolder = { file, path: dirname(resolve(file)) };
  const plan = prepare(environment, folder, { command, skipPush });
  const asked = makeSettings(flags, environment, process.env);
  const [own, ...others] = asked.apps;
  const fixPlace = createFixPlace({ signal });
  const placed = async (app: AppSettings) => ({ ...app, kubectl: await fixPlace(app.kubectl) });
  const app = await placed(own);
  const settings: Settings = { ...asked, apps: [app, ...(await Promise.all(others.map(placed)))] };
  // What helm has no flag for is said before anything is built.
  if (plan.kind === 'image') helmPlaceFlags(placeOf(app.kubectl));
  if (hasTerminal && app.kubectl.hasPlugin !== false) await logIn(app.kubectl, patience(app), signal);
  return { folder, environment, settings, plan };
}

/** The settings with another idea of the app itself; what it needs besides stays as it is. */
export function withOwnApp(settings: Settings, app: AppSettings): Settings {
  const [, ...others] = settings.apps;
  return { ...settings, apps: [app, ...others] };
}

/** How long the cluster or a registry may not answer. */
function patience({ timeoutMs }: AppSettings): number {
  return Math.max(SHORTEST_QUERY_MS, timeoutMs);
}

function placeOf({ namespace = 'default', context, flags }: KubectlSettings): Place {
  return { namespace, context, kubectlFlags: flags };
}

function manifestOf({ path, flags: { file } }: UpRequest): string {
  if (path !== undefined && file !== undefined) {
    throw usageError('PATH and -f exclude each other', 'PATH is the folder of the draft.toml, -f the file itself');
  }
  if (file !== undefined) return file;
  if (path !== undefined && isTarget(path)) {
    throw usageError(
      `${quoted(path)} is a target, not a folder`,
      `up builds what is in a folder; kubectl draft-connect ${path} connects`,
    );
  }
  if (path !== undefined) return statSync(path, { throwIfNoEntry: false })?.isFile() ? path : join(path, 'draft.toml');
  const found = nearestManifest();
  if (found === undefined) throw noManifest();
  return found;
}

/** Somebody means what `connect` takes. */
function isTarget(path: string): boolean {
  if (!path.includes('/') || existsSync(path)) return false;
  try {
    return parseTarget(path).kind !== 'app';
  } catch {
    return false;
  }
}

function noManifest(): UserError {
  return usageError(
    'there is no draft.toml here or above',
    'write one, [environments.development] and below it name = "my-app", or name its folder: kubectl draft-connect up PATH',
  );
}

let lastId: string | undefined;

/**
 * @param before what the round before has left, if that was the same app in the same place
 * @throws {UserError} when a stage failed
 */
export async function runRound(
  round: Round,
  screen: Screen,
  signal: AbortSignal,
  before?: Before | undefined,
): Promise<UpOutcome> {
  const { environment, settings, plan } = round;
  const secrets = secretsIn(environment.imageBuildArgs, environment.set);
  const [app] = settings.apps;
  const place = placeOf(app.kubectl);
  const timeoutMs = patience(app);
  const kube = createKube(app.kubectl, place.namespace, timeoutMs);
  const buildId = makeBuildId(Date.now(), randomBytes(10), lastId);
  lastId = buildId;
  const log = await openBuildLog(plan.app, buildId, secrets);
  try {
    const end = await runUp({
      plan,
      environment,
      place,
      buildId,
      timeoutMs,
      run: runTool,
      kube,
      before,
      screen,
      log,
      secrets,
      signal,
    });
    if (end.kind === 'interrupted') {
      log.line(interruptedIn(end.stage, end.pushes));
      screen.warn(interruptedIn(end.stage, end.pushes));
    }
    return end;
  } catch (error) {
    if (error instanceof UserError) log.line(renderError(error).trimEnd());
    throw error;
  } finally {
    const problem = await log.close();
    if (problem !== undefined) screen.warn(problem);
  }
}

/**
 * The settings that connect to the pods of what has just been deployed.
 * @param image undefined when a command deployed it
 */
export async function connectTo(
  { settings, plan }: Round,
  image: string | undefined,
  signal: AbortSignal,
): Promise<Settings> {
  const [app] = settings.apps;
  const timeoutMs = patience(app);
  const kube = createKube(app.kubectl, placeOf(app.kubectl).namespace, timeoutMs);
  const found = await findDeployed(kube, {
    selector: image === undefined ? undefined : OF_HELM,
    choose: (workloads) => (image === undefined ? ofApp(workloads, plan.app) : ofRelease(workloads, plan.app, image)),
    timeoutMs,
    signal,
  });
  if (found !== undefined) {
    const { workload, revision } = found;
    const target = { kind: 'workload', resource: workload.kind, name: workload.name } as const;
    return withOwnApp(settings, { ...app, target, revision });
  }
  if (image === undefined) return settings;
  throw new UserError(`release ${plan.app} has no Deployment, StatefulSet or DaemonSet to connect to`, {
    hint: 'connect to something else of it with kubectl draft-connect KIND/NAME',
  });
}
