// Kills a process with all its descendants, for what did not end when its group was signalled. The only module that
// knows tree-kill.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import treeKill from 'tree-kill';

/**
 * Never rejects; resolves when the signals are sent, which costs one process per process of the tree.
 * Without the tool that lists processes only `pid` itself is killed.
 */
export function stopTree(pid: number): Promise<void> {
  if (!onPath(process.platform === 'darwin' ? 'pgrep' : 'ps')) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // already gone
    }
    return Promise.resolve();
  }
  return new Promise((resolve) => treeKill(pid, 'SIGKILL', () => resolve()));
}

/** tree-kill starts `ps` (`pgrep`) without listening for its `error` event, which would end us when it is missing. */
function onPath(program: string): boolean {
  if (process.platform === 'win32') return true;
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
