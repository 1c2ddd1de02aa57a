// Kills a process with all its descendants, for what did not end when its group was signalled. The only module that
// knows tree-kill.
import treeKill from 'tree-kill';
import { isOnPath } from './on-path.ts';

/**
 * Never rejects; resolves when the signals are sent, which costs one process per process of the tree.
 * Without the tool that lists processes only `pid` itself is killed.
 */
export function stopTree(pid: number): Promise<void> {
  // tree-kill does not listen for its `error` event, which would end us when it is missing.
  const lister = process.platform === 'darwin' ? 'pgrep' : 'ps';
  if (process.platform !== 'win32' && !isOnPath(lister)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // already gone
    }
    return Promise.resolve();
  }
  return new Promise((resolve) => treeKill(pid, 'SIGKILL', () => resolve()));
}
