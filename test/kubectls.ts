// The kubectls on this machine, so that tests can run with one that speaks SPDY and one that speaks WebSocket.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Kubectl {
  readonly path: string;
  /** For example `1.30.13`. */
  readonly version: string;
  /** What it tries first for port-forward: WebSocket from 1.31 on. */
  readonly protocol: 'spdy' | 'websocket';
}

const OWN = fileURLToPath(new URL('../.cache/kubectl/kubectl', import.meta.url));
let known: readonly Kubectl[] | undefined;

/** One of each version, oldest first: those of `$KUBECTLS` (a PATH-like list), else what is found on this machine. */
export function availableKubectls(): readonly Kubectl[] {
  known ??= describe(process.env['KUBECTLS']?.split(delimiter) ?? candidates());
  return known;
}

/** The newest of each protocol, SPDY first; all there are with `ALL_KUBECTLS=1`. */
export function kubectlsUnderTest(): readonly Kubectl[] {
  const all = availableKubectls();
  if (process.env['ALL_KUBECTLS'] === '1') return all;
  return (['spdy', 'websocket'] as const).flatMap((protocol) => {
    const newest = all.findLast((each) => each.protocol === protocol);
    return newest === undefined ? [] : [newest];
  });
}

function candidates(): readonly string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = folders.map((folder) => join(folder, 'kubectl')).filter(isExecutable);
  // The Google Cloud SDK keeps kubectl.1.NN beside a kubectl that starts one of them.
  const siblings = [
    ...new Set([...onPath.map((path) => dirname(realpathSync(path))), '/usr/lib/google-cloud-sdk/bin']),
  ].flatMap((folder) =>
    listFolder(folder)
      .filter((name) => /^kubectl\.1\.\d+$/.test(name))
      .map((name) => join(folder, name)),
  );
  const named = [process.env['CLUSTER_KUBECTL'] ?? '', OWN];
  return [...siblings, ...onPath, ...named].filter(isExecutable);
}

function describe(paths: readonly string[]): readonly Kubectl[] {
  const byVersion = new Map<string, Kubectl>();
  for (const path of new Set(paths.filter((each) => each !== ''))) {
    const version = versionOf(path);
    if (byVersion.has(version)) continue;
    byVersion.set(version, { path, version, protocol: minor(version) >= 31 ? 'websocket' : 'spdy' });
  }
  return [...byVersion.values()].sort((a, b) => minor(a.version) - minor(b.version));
}

function versionOf(path: string): string {
  const answer = JSON.parse(execFileSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8' })) as {
    clientVersion: { gitVersion: string };
  };
  const version = /^v(\d+\.\d+\.\d+)/.exec(answer.clientVersion.gitVersion)?.[1];
  if (version === undefined) throw new Error(`${path}: version ${answer.clientVersion.gitVersion}`);
  return version;
}

function minor(version: string): number {
  return Number(version.split('.')[1]);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function listFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
