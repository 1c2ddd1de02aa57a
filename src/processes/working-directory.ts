// Where children start. None can start in a directory that is gone, and a session may outlive its own: a branch's, say.
import { existsSync } from 'node:fs';

/** Ours, by the name it had when it was first asked for; undefined while nothing is there. */
export function workingDirectory(): string | undefined {
  try {
    const path = process.cwd();
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** `/` only where there is no other: what the user named relatively must stay what it was. */
export function startDirectory(): string {
  return workingDirectory() ?? '/';
}
