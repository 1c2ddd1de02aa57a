// `kubectl draft-connect logs`: what the tools said during a build that `up` made.
import { closeSync, openSync, readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Output } from '../output/output.ts';
import { type FoundLog, listBuildLogs } from '../up/build-log.ts';
import { isBuildId } from '../up/core/build-id.ts';
import { UserError, usageError } from '../values/errors.ts';
import { quoted } from '../values/quote.ts';
import { loadEnvironment } from './load-environment.ts';

const POLL_MS = 100;
const FLUSH_MS = 300;

export async function runLogs(request: {
  readonly id: string | undefined;
  readonly follow: boolean;
  readonly environment: string | undefined;
}): Promise<number> {
  const log = request.id === undefined ? lastOf(request.environment) : logOf(request.id);
  const output = new Output();
  const fd = openSync(log.path, 'r');
  try {
    const buffer = Buffer.alloc(65_536);
    for (let running = request.follow; !output.closed.aborted; ) {
      const length = readSync(fd, buffer);
      if (length > 0) {
        await output.write(buffer.subarray(0, length), whole, true);
        continue;
      }
      if (!running) break;
      // Asked before the last look, which then misses nothing.
      running = await log.isRunning();
      if (running) await delay(POLL_MS);
    }
    await output.flush(FLUSH_MS);
  } finally {
    closeSync(fd);
  }
  if (output.failure !== undefined) throw output.failure;
  return 0;
}

/** The log is all that is written: nobody else waits for the end of its lines. */
const whole = { closing: new Uint8Array(), closedByOutput() {} };

function logOf(given: string): FoundLog {
  const id = given.toUpperCase();
  if (!isBuildId(id)) {
    throw usageError(
      `${quoted(given)} is no build ID`,
      "up shows it; a pod's logs are shown by kubectl draft-connect pod/NAME",
    );
  }
  const found = listBuildLogs().find((log) => log.id === id);
  if (found !== undefined) return found;
  throw new UserError(`there is no log of build ${id}`, { hint: "an app's last 20 builds are kept" });
}

function lastOf(environment: string | undefined): FoundLog {
  const app = appHere(environment);
  const found = listBuildLogs().find((log) => app === undefined || log.app === app);
  if (found !== undefined) return found;
  throw new UserError(app === undefined ? 'there is no log of a build' : `there is no log of a build of ${app}`, {
    hint: 'kubectl draft-connect up makes one',
  });
}

/** The app of draft.toml; one that cannot be read matters only where an environment was asked for. */
function appHere(environment: string | undefined): string | undefined {
  try {
    return loadEnvironment(undefined, environment).environment?.name;
  } catch (error) {
    if (environment === undefined && error instanceof UserError) return undefined;
    throw error;
  }
}
