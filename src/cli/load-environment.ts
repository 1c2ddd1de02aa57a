// The draft.toml that goes with a command, if there is one.

import type { Environment } from '../request/core/manifest.ts';
import { readEnvironment } from '../request/core/manifest.ts';
import { findManifest, readManifest } from '../request/manifest-file.ts';
import { usageError } from '../values/errors.ts';
import { oneLine } from '../values/quote.ts';

/** `file` as given with -f, else the nearest draft.toml from the working directory upwards. */
export function loadEnvironment(
  file: string | undefined,
  name: string | undefined,
): { environment: Environment | undefined; warnings: readonly string[] } {
  if (file === '') throw usageError('-f: the path is empty', 'leave it out to take the nearest draft.toml');
  const path = file ?? findNearest();
  if (path === undefined) {
    if (name) throw usageError(`-e ${oneLine(name)}: there is no draft.toml here or above`, 'name one with -f PATH');
    return { environment: undefined, warnings: [] };
  }
  return readEnvironment(readManifest(path), name || process.env['DRAFT_ENV'] || 'development', path);
}

function findNearest(): string | undefined {
  let cwd: string;
  try {
    cwd = process.cwd();
  } catch {
    // It was deleted, and nothing can be above it.
    return undefined;
  }
  return findManifest(cwd);
}
