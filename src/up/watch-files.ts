// Watches an app's files, one fs.watch a folder: the recursive one loses files that are renamed over (Node 20). An event
// only means that something has changed there.
import { existsSync, type FSWatcher, lstatSync, readdirSync, watch } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError } from '../values/errors.ts';
import type { WatchRule } from './core/watch-rule.ts';

/** A burst of changes is looked at once. */
const LOOK_AGAIN_MS = 50;
/** The watched folder itself may be gone for a while, as when a checkout puts another one in its place. */
const LOOK_FOR_ROOT_MS = 500;

/**
 * @param onProblem nothing more is noticed in some folder: too many watches, for example
 */
export function watchFiles(
  root: string,
  rule: WatchRule,
  on: { readonly change: () => void; readonly problem: (error: UserError) => void },
) {
  /** By path relative to the root; the inode tells a folder that took another's place. */
  const watched = new Map<string, { readonly watcher: FSWatcher; readonly inode: number }>();
  let timer: NodeJS.Timeout | undefined;
  let hasProblem = false;

  const forget = (folder: string) => {
    watched.get(folder)?.watcher.close();
    watched.delete(folder);
  };

  /** False when that cannot be watched. */
  function add(folder: string, inode: number): boolean {
    try {
      const whole = join(root, folder);
      const watcher = watch(whole, { persistent: true }, (event, name) => {
        // The folder itself is gone, and nothing in it of its name: what takes its place may have its inode.
        if (event === 'rename' && name === basename(whole) && !existsSync(join(whole, name))) {
          forget(folder);
          lookSoon();
        }
        const path = name === null || folder === '' ? (name ?? folder) : `${folder}/${name}`;
        if (rule.counts(path) || rule.enters(path)) lookSoon();
        if (rule.counts(path)) on.change();
      });
      watcher.on('error', () => {
        forget(folder);
        lookSoon();
      });
      watched.set(folder, { watcher, inode });
      return true;
    } catch (error) {
      const problem = watchError(folder === '' ? root : folder, error);
      // Beyond the limit are thousands, and each is tried again later.
      if (problem !== undefined && !hasProblem) on.problem(problem);
      hasProblem ||= problem !== undefined;
      return false;
    }
  }

  /** Takes up folders that are new and drops those that are gone. */
  function look(): boolean {
    const found = foldersBelow(root, rule);
    let changed = false;
    for (const [folder, { inode }] of watched) if (found.get(folder) !== inode) forget(folder);
    for (const [folder, inode] of found) {
      if (!watched.has(folder) && add(folder, inode)) changed = true;
    }
    // Nothing tells when it is back.
    if (found.size === 0) lookSoon(LOOK_FOR_ROOT_MS);
    return changed;
  }

  function lookSoon(afterMs: number = LOOK_AGAIN_MS): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      // What a new folder held already was never told.
      if (look()) on.change();
    }, afterMs);
  }

  look();
  return {
    /** How many folders are watched. */
    get folders(): number {
      return watched.size;
    },
    stop(): void {
      clearTimeout(timer);
      for (const folder of [...watched.keys()]) forget(folder);
    },
  };
}

/** All folders that the rule enters, with their inodes; '' is the root. Links are not followed. */
function foldersBelow(root: string, rule: WatchRule): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const open = [''];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    if (!rule.enters(folder)) continue;
    try {
      found.set(folder, lstatSync(join(root, folder)).ino);
      for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
        if (entry.isDirectory()) open.push(folder === '' ? entry.name : `${folder}/${entry.name}`);
      }
    } catch {
      // It went away meanwhile, or is not ours to read: the builder would say so.
    }
  }
  return found;
}

function watchError(path: string, error: unknown): UserError | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  const hint =
    code === 'ENOSPC' || code === 'EMFILE'
      ? 'leave out what the image does not need with .dockerignore, or raise fs.inotify.max_user_watches (sysctl)'
      : undefined;
  return new UserError(
    `cannot watch ${path}: ${code === 'ENOSPC' || code === 'EMFILE' ? 'too many folders are watched' : code}`,
    { hint },
  );
}
