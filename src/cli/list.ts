// `kubectl draft-connect list`: the sessions of this user on this machine. One with several apps has a row for each.

import type { AppRecord, SessionRecord } from '../detached/core/record.ts';
import { liveSessions } from '../detached/live.ts';
import { logPath } from '../detached/record-files.ts';
import { tunnelAsJson } from '../output/core/events.ts';
import { print } from '../output/print.ts';
import { renderAge } from '../values/age.ts';
import { oneLine } from '../values/quote.ts';
import { renderTable } from '../values/table.ts';

const HEADER = ['ID', 'APP', 'POD', 'NAMESPACE', 'CONTEXT', 'PORTS', 'AGE', 'STATE', 'MODE'];

export async function runList({ output }: { readonly output: 'text' | 'json' }): Promise<number> {
  const sessions = await liveSessions();
  const all = sessions.flatMap((session) => session.apps.map((app) => ({ session, app })));
  if (output === 'json') print(1, all.map((one) => `${JSON.stringify(asObject(one))}\n`).join(''));
  else if (all.length === 0) print(2, 'No sessions.\n');
  else print(1, renderTable(HEADER, all.map(asRow)));
  return 0;
}

interface Listed {
  readonly session: SessionRecord;
  readonly app: AppRecord;
}

function asRow({ session: { id, mode, createdMs }, app: record }: Listed): readonly string[] {
  const { app, pod, namespace = '', context = '', tunnels, state } = record;
  const ports = tunnels.map(({ localPort, remotePort }) => `${localPort}:${remotePort}`).join(',');
  return [id, app, pod, namespace, context, ports, renderAge(Date.now() - createdMs), state, mode].map(oneLine);
}

function asObject({ session, app: record }: Listed): Readonly<Record<string, unknown>> {
  const { id, mode, createdMs, process } = session;
  const { app, pod, namespace, context, tunnels, state } = record;
  const created = new Date(createdMs).toISOString();
  const log = mode === 'detached' ? logPath(id) : undefined;
  return {
    id,
    app,
    pod,
    namespace,
    context,
    state,
    mode,
    created,
    pid: process.pid,
    log,
    tunnels: tunnels.map(tunnelAsJson),
  };
}
