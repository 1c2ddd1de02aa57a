// The records of sessions, one file each, and the logs of detached ones beside them.
import { existsSync, lstatSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { decodeSessionRecord, SESSION_ID, type SessionRecord } from './core/record.ts';
import { cannot, ensureStateDirectory, removeFile, statePath, writeWhole } from './state-dir.ts';

// Its name on disk since the first version: what runs must stay visible to the next one.
const FOLDER = 'connections';
/** What else may lie there: logs, and a record that is being written. */
const NOT_RECORDS = /^([a-z][a-z0-9]{5})\.(?:log|json\.new)$/;
const NO_RECORD = 'not the record of a session';
const MAX_RECORD_BYTES = 1 << 20;
/** A session that ended by itself leaves its log, which says why, for this long. */
const KEEP_LEFTOVERS_MS = 7 * 24 * 3600 * 1000;

export function logPath(id: string): string {
  return statePath(FOLDER, `${id}.log`);
}

function recordPath(id: string): string {
  return statePath(FOLDER, `${id}.json`);
}

/**
 * Takes a free ID by creating its log. `fd` is the log's, open for reading and appending.
 * @throws {UserError}
 */
export function reserveSession(): { id: string; log: string; fd: number } {
  ensureStateDirectory(FOLDER);
  for (;;) {
    const id = randomId();
    try {
      return { id, log: logPath(id), fd: openSync(logPath(id), 'ax+', 0o600) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannot('make', logPath(id), error);
    }
  }
}

/** Whether a waiting half has reserved `id`, which comes from the environment, where anything may stand. */
export function isReserved(id: string): boolean {
  if (!SESSION_ID.test(id) || existsSync(recordPath(id))) return false;
  return lstatSync(logPath(id), { throwIfNoEntry: false })?.isFile() === true;
}

/** An ID for a session that needs no log. @throws {UserError} */
export function freeId(): string {
  ensureStateDirectory(FOLDER);
  for (;;) {
    const id = randomId();
    if (!existsSync(recordPath(id)) && !existsSync(logPath(id))) return id;
  }
}

function randomId(): string {
  const pick = (from: string) => from.charAt(Math.floor(Math.random() * from.length));
  return (
    pick('abcdefghijkmnpqrstuvwxyz') +
    Array.from({ length: 5 }, () => pick('abcdefghijkmnpqrstuvwxyz23456789')).join('')
  );
}

/** @throws {UserError} */
export function writeRecord(record: SessionRecord): void {
  ensureStateDirectory(FOLDER);
  // A session in the foreground does not outlive the machine's crash, and clients are not to wait for its disk.
  writeWhole(recordPath(record.id), `${JSON.stringify(record)}\n`, { flush: record.mode === 'detached' });
}

/**
 * Says what stays and why, if anything does.
 * @param options.keepLog the session ended by itself, and its log says why
 */
export function removeRecord(id: string, { keepLog = false }: { keepLog?: boolean } = {}): string | undefined {
  const paths = [recordPath(id), `${recordPath(id)}.new`, ...(keepLog ? [] : [logPath(id)])];
  return paths.map(removeFile).find((problem) => problem !== undefined);
}

/** All records that can be read, oldest first; `report` is told why any other file is left as it is. */
export function readRecords(report: (problem: string) => void): SessionRecord[] {
  const records: SessionRecord[] = [];
  for (const name of fileNames(report)) {
    if (NOT_RECORDS.test(name)) continue;
    const found = readRecord(name);
    if (typeof found === 'string') report(`${statePath(FOLDER, name)}: ${found}; it is left as it is`);
    else if (found !== undefined) records.push(found);
  }
  return records.sort((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1));
}

function fileNames(report: (problem: string) => void): readonly string[] {
  try {
    return readdirSync(statePath(FOLDER)).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') report(`${statePath(FOLDER)}: it cannot be read (${code})`);
    return [];
  }
}

/** The record, or why the file does not hold one; undefined if the file has just been removed. */
function readRecord(name: string): SessionRecord | string | undefined {
  const path = statePath(FOLDER, name);
  try {
    const stat = lstatSync(path);
    if (!stat.isFile() || stat.size > MAX_RECORD_BYTES) return NO_RECORD;
    if (process.getuid !== undefined && stat.uid !== process.getuid()) return 'it belongs to another user';
    const record = decodeSessionRecord(JSON.parse(readFileSync(path, 'utf8')), '');
    return name === `${record.id}.json` ? record : NO_RECORD;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    return code === undefined ? NO_RECORD : `it cannot be read (${code})`;
  }
}

/** Removes what sessions that ended by themselves a while ago have left: logs, and records that were never completed. */
export function pruneLeftovers(nowMs: number): void {
  for (const name of fileNames(() => {})) {
    const id = NOT_RECORDS.exec(name)?.[1];
    if (id === undefined || existsSync(recordPath(id))) continue;
    const path = statePath(FOLDER, name);
    try {
      if (nowMs - lstatSync(path).mtimeMs > KEEP_LEFTOVERS_MS) rmSync(path);
    } catch {
      // Another program was faster.
    }
  }
}
