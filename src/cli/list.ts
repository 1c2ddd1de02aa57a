// `kubectl draft-connect list`: the detached sessions of this user on this machine.

import type { SessionRecord } from '../detached/core/record.ts';
import { liveSessions } from '../detached/live.ts';
import { logPath } from '../detached/record-files.ts';
import { tunnelAsJson } from '../output/core/tunnel-json.ts';
import { print } from '../output/print.ts';
import { renderAge } from '../values/age.ts';
import { oneLine } from '../values/quote.ts';
import { renderTable } from '../values/table.ts';

const HEADER = ['ID', 'APP', 'POD', 'NAMESPACE', 'CONTEXT', 'PORTS', 'AGE', 'STATE'];

export async function runList({ output }: { readonly output: 'text' | 'json' }): Promise<number> {
  const sessions = await liveSessions((message) => print(2, `${oneLine(message)}\n`));
  if (output === 'json') print(1, sessions.map((record) => `${JSON.stringify(asObject(record))}\n`).join(''));
  else if (sessions.length === 0) print(2, 'No detached sessions.\n');
  else print(1, renderTable(HEADER, sessions.map(asRow)));
  return 0;
}

function asRow(record: SessionRecord): readonly string[] {
  const { id, app, pod, namespace = '', context = '', tunnels, createdMs, state } = record;
  const ports = tunnels.map(({ localPort, remotePort }) => `${localPort}:${remotePort}`).join(',');
  return [id, app, pod, namespace, context, ports, renderAge(Date.now() - createdMs), state].map(oneLine);
}

function asObject(record: SessionRecord): Readonly<Record<string, unknown>> {
  const { id, app, pod, namespace, context, tunnels, createdMs, state, process } = record;
  const created = new Date(createdMs).toISOString();
  return {
    id,
    app,
    pod,
    namespace,
    context,
    state,
    created,
    pid: process.pid,
    log: logPath(id),
    tunnels: tunnels.map(tunnelAsJson),
  };
}
