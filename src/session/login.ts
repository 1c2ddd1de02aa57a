// What a session's login is: who tells of it, how long it may take, and whether it has the terminal.

import { PluginLogin } from '../kubectl/plugin-login.ts';
import type { Tell } from '../output/core/events.ts';
import { SHORTEST_QUERY_MS } from '../pods/await-pod.ts';
import type { Settings } from '../request/core/settings.ts';

export function createLogin({ apps, command }: Settings, tell: Tell, signal: AbortSignal): PluginLogin {
  return new PluginLogin({
    signal,
    timeoutMs: Math.max(SHORTEST_QUERY_MS, apps[0].timeoutMs),
    terminal: command === undefined,
    onRefused: (reason) => tell({ kind: 'api-lost', reason }),
    onRestored: () => tell({ kind: 'api-restored' }),
  });
}
