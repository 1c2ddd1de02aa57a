// `kubectl draft-connect completion`: prints a shell's script, or installs what kubectl's own completion looks for.
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { print } from '../output/print.ts';
import { folderOf, foldersOnPath } from '../processes/on-path.ts';
import { UserError, usageError } from '../values/errors.ts';
import { quoted } from '../values/quote.ts';
import { type CompletionShell, completionScript } from './completion-shells.ts';

export type CompletionRequest =
  | { readonly kind: 'print'; readonly shell: CompletionShell }
  /** `folder`: one on the PATH; undefined is the program's own. */
  | { readonly kind: 'install'; readonly folder: string | undefined };

const PROGRAM = 'kubectl-draft_connect';
/** kubectl 1.26 and newer run a program of this name to complete the plugin's words. */
const COMPLETER = 'kubectl_complete-draft_connect';

export async function runCompletion(request: CompletionRequest): Promise<number> {
  if (request.kind === 'print') print(1, completionScript(request.shell));
  else install(request.folder);
  return 0;
}

function install(given: string | undefined): void {
  const isWindows = process.platform === 'win32';
  const folder = given ?? ownFolder();
  const path = join(folder, isWindows ? `${COMPLETER}.cmd` : COMPLETER);
  const text = isWindows ? `@${PROGRAM} __complete %*\r\n` : `#!/bin/sh\nexec ${PROGRAM} __complete "$@"\n`;
  const there = read(path);
  if (there !== undefined && there !== text) {
    throw new UserError(`${path} is there and is not ours`, { hint: 'remove it first, or name another folder' });
  }
  try {
    writeFileSync(path, text);
    chmodSync(path, 0o755);
  } catch (error) {
    throw new UserError(`cannot write ${path}: ${(error as NodeJS.ErrnoException).code}`, {
      hint: `name a folder of yours that is on the PATH: kubectl draft-connect completion install FOLDER`,
    });
  }
  print(
    2,
    `${path} is installed: kubectl's own completion now completes kubectl draft-connect, from kubectl 1.26 on\n`,
  );
  if (!onPath(folder)) print(2, `Warning: ${quoted(folder)} is not on the PATH, where kubectl looks for it\n`);
}

/** Where the shell finds the program. Krew's link to it is there, not what it leads to. */
function ownFolder(): string {
  const found = folderOf(PROGRAM);
  if (found !== undefined) return found;
  throw usageError(`there is no ${PROGRAM} on the PATH`, 'name a folder that is: completion install FOLDER');
}

function onPath(folder: string): boolean {
  const inode = statSync(folder, { throwIfNoEntry: false });
  return foldersOnPath().some((each) => {
    const there = statSync(each, { throwIfNoEntry: false });
    return there !== undefined && there.ino === inode?.ino && there.dev === inode.dev;
  });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
