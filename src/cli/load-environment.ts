// The draft.toml that goes with a command, if there is one.
import { workingDirectory } from '../processes/working-directory.ts';
import { type Environment, readEnvironment } from '../request/core/manifest.ts';
import { findManifest, readManifest } from '../request/manifest-file.ts';
import { usageError } from '../values/errors.ts';
import { oneLine } from '../values/quote.ts';

/** `file` as given with -f, else the nearest draft.toml from the working directory upwards. */
export function loadEnvironment(
  file: string | undefined,
  name: string | undefined,
): { environment: Environment | undefined; warnings: readonly string[] } {
  if (file === '') throw usageError('-f: the path is empty', 'leave it out to take the nearest draft.toml');
  const path = file ?? nearestManifest();
  if (path === undefined) {
    if (name) throw usageError(`-e ${oneLine(name)}: there is no draft.toml here or above`, 'name one with -f PATH');
    return { environment: undefined, warnings: [] };
  }
  return readEnvironment(readManifest(path), name || process.env['DRAFT_ENV'] || 'development', path);
}

/** The nearest one from the working directory upwards; above one that was deleted nothing can be. */
export function nearestManifest(): string | undefined {
  const folder = workingDirectory();
  return folder && findManifest(folder);
}
