// Whether the keys of a terminal are for us.
import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Whether Ctrl-C in our terminal goes to our process group. */
export function inForeground(): boolean {
  return inForegroundByProc() ?? [0, 1, 2].some((fd) => isatty(fd));
}

/** proc(5): behind the name come state, parent, group, session, terminal and the terminal's foreground group. */
function inForegroundByProc(): boolean | undefined {
  if (process.platform !== 'linux') return undefined;
  let stat: string;
  try {
    stat = readFileSync('/proc/self/stat', 'latin1');
  } catch {
    return undefined;
  }
  const [, , group, , terminal, foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return terminal !== '0' && group === foreground;
}
