// The directory for what outlives a run, and files in it that are there whole or not at all.
import { chmodSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { UserError } from '../core/errors.ts';

const HINT = 'name a directory of your own with XDG_STATE_HOME';

/** `$XDG_STATE_HOME/draft-connect`; what is not absolute counts as not set (XDG Base Directory Specification). */
export function statePath(...names: readonly string[]): string {
  const xdg = process.env['XDG_STATE_HOME'] ?? '';
  return isAbsolute(xdg)
    ? join(xdg, 'draft-connect', ...names)
    : join(home(), '.local', 'state', 'draft-connect', ...names);
}

function home(): string {
  const given = process.env[process.platform === 'win32' ? 'USERPROFILE' : 'HOME'] ?? '';
  if (isAbsolute(given)) return given;
  try {
    const { homedir } = userInfo();
    if (isAbsolute(homedir)) return homedir;
  } catch {
    // no entry for this user
  }
  throw new UserError('there is no home directory to keep the records of detached connections in', { hint: HINT });
}

/**
 * Makes the directory if it is missing; from the state directory downwards it is nobody else's to read.
 * @throws {UserError} when it cannot be made, or is not ours
 */
export function ensureStateDirectory(name: string): string {
  const path = statePath(name);
  try {
    mkdirSync(statePath(), { recursive: true, mode: 0o700 });
    requireOurs(statePath());
    mkdirSync(path, { recursive: true, mode: 0o700 });
    requireOurs(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw cannot('make', path, error);
  }
  return path;
}

function requireOurs(path: string): void {
  const { uid, mode } = statSync(path);
  if (process.getuid === undefined) return;
  if (uid !== process.getuid()) throw new UserError(`the directory ${path} belongs to another user`, { hint: HINT });
  if ((mode & 0o077) !== 0) chmodSync(path, 0o700);
}

/** One writer a file: a crash may leave its half-written copy beside it, which the next write replaces. */
export function writeWhole(path: string, text: string): void {
  const draft = `${path}.new`;
  try {
    rmSync(draft, { force: true });
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
    renameSync(draft, path);
  } catch (error) {
    throw cannot('write', path, error);
  }
}

function cannot(verb: string, path: string, error: unknown): UserError {
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
  EEXIST: 'there is a file where a directory is needed',
};
