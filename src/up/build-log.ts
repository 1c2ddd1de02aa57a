// The logs of an app's last builds: what the tools said, one file each below the state directory. A file `ID.running`
// beside one says which process still writes to it.
import { createHmac, randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from '../detached/core/record.ts';
import { lifeOf, ownIdentity } from '../detached/process-identity.ts';
import { cannot, ensureStateDirectory, removeFile, statePath, writeWhole } from '../detached/state-dir.ts';
import { isBuildId } from './core/build-id.ts';
import { redact } from './core/redact.ts';

export interface BuildLog {
  line(text: string): void;
  /** Resolves when all of it is on the disk, or cannot be: then with what is wrong. */
  close(): Promise<string | undefined>;
}

const FOLDER = 'builds';
const KEPT = 20;
/** More is no log that anybody reads. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * @param secrets are hidden in it
 * @throws {UserError} when it cannot be made
 */
export async function openBuildLog(app: string, id: string, secrets: readonly string[]): Promise<BuildLog> {
  ensureStateDirectory(FOLDER);
  ensureStateDirectory(join(FOLDER, app));
  await removeLeftScratch();
  writeWhole(runningPath(app, id), `${JSON.stringify(await ownIdentity())}\n`);
  const stream = createWriteStream('', { fd: create(logPath(app, id)) });
  let size = 0;
  let problem: string | undefined;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    problem ??= `the log of build ${id} is not complete: ${error.code ?? error.message}`;
  });
  return {
    line(text) {
      if (size > MAX_BYTES || problem !== undefined) return;
      const shown = `${redact(text, secrets)}\n`;
      size += shown.length;
      stream.write(size > MAX_BYTES ? '(the rest is not kept)\n' : shown);
    },
    async close() {
      await new Promise<void>((resolve) => {
        stream.once('close', resolve);
        stream.end();
      });
      removeFile(runningPath(app, id));
      prune(app);
      return problem;
    },
  };
}

/** Where a build keeps what it needs until its end. */
export function scratchPath(id: string): string {
  return statePath(FOLDER, `.${id}`);
}

/** What cannot be removed, as in a folder of build-tar that nobody may write to, does no harm. */
export function removeScratch(id: string): void {
  try {
    rmSync(scratchPath(id), { recursive: true, force: true });
  } catch {}
}

/** That of builds which were killed. */
async function removeLeftScratch(): Promise<void> {
  const ids = apps().flatMap((name) => (name.startsWith('.') ? [name.slice(1)] : []));
  const logs = listBuildLogs();
  for (const id of ids.filter(isBuildId)) {
    if (!(await logs.find((log) => log.id === id)?.isRunning())) removeScratch(id);
  }
}

function create(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    throw cannot('make', path, error);
  }
}

/** All that are kept, the newest first. */
export function listBuildLogs(): readonly FoundLog[] {
  return apps()
    .flatMap((app) => idsOf(app).map((id) => foundLog(app, id)))
    .sort((a, b) => (a.id < b.id ? 1 : -1));
}

/**
 * A name for these build arguments that is the same for the same ones and tells nobody else what they are.
 * @throws {UserError} when its key cannot be kept
 */
export function markOf(buildArgs: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(buildArgs).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHmac('sha256', markKey()).update(JSON.stringify(sorted)).digest('hex').slice(0, 16);
}

function markKey(): string {
  ensureStateDirectory(FOLDER);
  // No app is called so.
  const path = statePath(FOLDER, '.key');
  if (!existsSync(path)) writeWhole(path, randomBytes(32).toString('hex'));
  return readFileSync(path, 'utf8');
}

export type FoundLog = ReturnType<typeof foundLog>;

function foundLog(app: string, id: string) {
  return {
    app,
    id,
    path: logPath(app, id),
    /** Whether somebody still writes to it. */
    async isRunning(): Promise<boolean> {
      try {
        const identity = JSON.parse(readFileSync(runningPath(app, id), 'utf8')) as ProcessIdentity;
        return (await lifeOf(identity)) === 'alive';
      } catch {
        return false;
      }
    },
  };
}

function prune(app: string): void {
  for (const id of idsOf(app).slice(0, -KEPT)) {
    removeFile(logPath(app, id));
    removeFile(runningPath(app, id));
  }
}

function apps(): readonly string[] {
  return namesIn(statePath(FOLDER));
}

/** Oldest first. */
function idsOf(app: string): readonly string[] {
  return namesIn(statePath(FOLDER, app))
    .flatMap((name) => (name.endsWith('.log') ? [name.slice(0, -'.log'.length)] : []))
    .filter(isBuildId)
    .sort();
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function logPath(app: string, id: string): string {
  return statePath(FOLDER, app, `${id}.log`);
}

function runningPath(app: string, id: string): string {
  return statePath(FOLDER, app, `${id}.running`);
}
