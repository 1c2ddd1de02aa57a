// The directory for what outlives a run, and files in it that are there whole or not at all.
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { UserError } from '../values/errors.ts';

const WINDOWS = process.platform === 'win32';
const DEFAULT = WINDOWS ? ['AppData', 'Local'] : ['.local', 'state'];
const HINT = 'name a directory of your own with XDG_STATE_HOME';

/**
 * `$XDG_STATE_HOME/draft-connect`, on Windows also `%LOCALAPPDATA%\draft-connect`; what is not absolute counts as not set
 * (XDG Base Directory Specification).
 */
export function statePath(...names: readonly string[]): string {
  const given = [process.env['XDG_STATE_HOME'], WINDOWS ? process.env['LOCALAPPDATA'] : undefined];
  const base = given.find((path) => path !== undefined && isAbsolute(path));
  return join(base ?? join(home(), ...DEFAULT), 'draft-connect', ...names);
}

function home(): string {
  const given = process.env[WINDOWS ? 'USERPROFILE' : 'HOME'] ?? '';
  if (isAbsolute(given) && !isOfAnotherUser(given)) return given;
  try {
    const { homedir } = userInfo();
    if (isAbsolute(homedir)) return homedir;
  } catch {
    // no entry for this user
  }
  throw new UserError('there is no home directory to keep the records of detached sessions in', { hint: HINT });
}

/** Root under sudo often has the user's HOME: what it made there would lock the user out. */
function isOfAnotherUser(path: string): boolean {
  const uid = process.getuid?.();
  const owner = statSync(path, { throwIfNoEntry: false })?.uid;
  return uid !== undefined && owner !== undefined && owner !== uid && owner !== 0;
}

/**
 * Makes the directory if it is missing; from the state directory downwards it is nobody else's to read.
 * @throws {UserError} when it cannot be made, or is not ours
 */
export function ensureStateDirectory(...name: readonly [] | readonly [string]): string {
  const path = statePath(...name);
  try {
    for (const directory of new Set([statePath(), path])) {
      makeDirectory(directory);
      requireOurs(directory);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw cannot('make', path, error);
  }
  return path;
}

/** Node's own `recursive` never returns where a directory cannot be made, as in /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (!existsSync(parent)) makeDirectory(parent);
  if (isOfAnotherUser(parent)) throw foreign(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another of us may have been faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function requireOurs(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink())
    throw new UserError(`${path} is a link; records are kept in no other place`, { hint: HINT });
  if (!stat.isDirectory()) throw new UserError(`${path} is not a directory`, { hint: HINT });
  if (process.getuid === undefined) return;
  if (stat.uid !== process.getuid()) throw foreign(path);
  if ((stat.mode & 0o077) !== 0) chmodSync(path, 0o700);
}

function foreign(path: string): UserError {
  return new UserError(`the directory ${path} belongs to another user`, { hint: HINT });
}

/**
 * One writer a file: a crash may leave its half-written copy beside it, which the next write replaces.
 * @param options.flush false: a crash of the machine may leave an empty file
 */
export function writeWhole(path: string, text: string, { flush = true }: { flush?: boolean } = {}): void {
  const draft = `${path}.new`;
  try {
    rmSync(draft, { force: true });
    // Flushed, since after a crash of the machine the new name may otherwise be an empty file's.
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx', flush });
    renameSync(draft, path);
  } catch (error) {
    removeFile(draft);
    throw cannot('write', path, error);
  }
}

/** A half-written copy that has been there for so long is nobody's any more. */
const STALE_MS = 10_000;

/**
 * For a file that several programs change: the half-written copy keeps the others out. False: another one is at it.
 * @throws when it cannot be written
 */
export function changeWhole(path: string, change: (text: string | undefined) => string | undefined): boolean {
  const draft = `${path}.new`;
  let fd: number;
  try {
    fd = openSync(draft, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const stat = lstatSync(draft, { throwIfNoEntry: false });
    if (stat !== undefined && Date.now() - stat.mtimeMs > STALE_MS) rmSync(draft, { force: true });
    return false;
  }
  try {
    const text = change(readOurs(path));
    if (text === undefined) rmSync(draft);
    else {
      writeFileSync(fd, text);
      renameSync(draft, path);
    }
    return true;
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

const MAX_BYTES = 1 << 20;

/** The text of a file of this user's that is no link, nor lies behind one; undefined if it cannot be read, or is too large to be one of ours. */
export function readOurs(path: string): string | undefined {
  try {
    requireOurs(dirname(path));
    const stat = lstatSync(path);
    if (!stat.isFile() || stat.size > MAX_BYTES) return undefined;
    if (process.getuid !== undefined && stat.uid !== process.getuid()) return undefined;
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Removes the file, if it is there; otherwise says why it stays. */
export function removeFile(path: string): string | undefined {
  try {
    rmSync(path, { force: true });
    return undefined;
  } catch (error) {
    return cannot('remove', path, error).message;
  }
}

export function cannot(verb: string, path: string, error: unknown): UserError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new UserError(`cannot ${verb} ${path}: ${REASONS[code ?? ''] ?? code ?? message}`, { hint: HINT });
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'there is a file where a directory is needed',
  ENOENT: 'no directory can be made there',
};
