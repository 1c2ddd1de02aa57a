// Which programs there are on PATH.
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export function foldersOnPath(): readonly string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
}

export function isOnPath(program: string): boolean {
  return folderOf(program) !== undefined;
}

/** The first folder that has the program; undefined where it is not on PATH. */
export function folderOf(program: string): string | undefined {
  const ends = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  return foldersOnPath().find((folder) => ends.some((end) => isExecutable(join(folder, `${program}${end}`))));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
