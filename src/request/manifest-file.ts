// Finds and reads draft.toml. The only module that knows smol-toml.
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { type UserError, usageError } from '../values/errors.ts';
import { oneLine } from '../values/quote.ts';

const NAME = 'draft.toml';
/** A draft.toml has a few kilobytes; more is some other file. */
const LARGEST_BYTES = 1024 * 1024;

/** The nearest draft.toml in `startDir` or above it. */
export function findManifest(startDir: string): string | undefined {
  for (let dir = resolve(startDir); ; dir = dirname(dir)) {
    const path = join(dir, NAME);
    if (isFile(path)) return path;
    if (dirname(dir) === dir) return undefined;
  }
}

/** The file's TOML as a tree of unknown form. */
export function readManifest(path: string): unknown {
  const bytes = readBytes(path);
  let text: string;
  try {
    // the decoder also drops a byte order mark
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw usageError(`${path}: the text is not UTF-8`, 'save the file as UTF-8');
  }
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [what = ''] = error.message.split('\n');
    throw usageError(`${path}:${error.line}:${error.column}: ${oneLine(what)}`);
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function readBytes(path: string): Uint8Array {
  try {
    // Looked at before it is opened: opening a pipe would wait for its writer.
    const stat = statSync(path);
    if (!stat.isFile()) throw usageError(`${path} is not a file`, `-f takes the path of a ${NAME}`);
    if (stat.size > LARGEST_BYTES) throw usageError(`${path} is too large for a ${NAME} (${stat.size} bytes)`);
    return readFileSync(path);
  } catch (error) {
    throw readError(error, path);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
};

function readError(error: unknown, path: string): UserError | unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined) return error;
  return usageError(`cannot read ${oneLine(path)}: ${REASONS[code] ?? code}`);
}
