// `kubectl draft-connect stop`: ends detached sessions and waits until they are gone.
import { setTimeout as delay } from 'node:timers/promises';
import type { SessionRecord } from '../detached/core/record.ts';
import { liveSessions } from '../detached/live.ts';
import { lifeOf } from '../detached/process-identity.ts';
import { removeRecord } from '../detached/record-files.ts';
import { print } from '../output/print.ts';
import { UserError } from '../values/errors.ts';
import { oneLine, quoted } from '../values/quote.ts';

/** A session ends in well under a second. */
const PATIENCE_MS = 3_000;
const KILLED_MS = 2_000;
const POLL_MS = 25;

const warn = (message: string) => print(2, `${oneLine(message)}\n`);

/** Each name is an ID or an app; an app means all its sessions. */
export async function runStop({
  names,
  all,
}: {
  readonly names: readonly string[];
  readonly all: boolean;
}): Promise<number> {
  const live = await liveSessions(warn);
  const unknown = [...new Set(names)].filter((name) => named(name, live).length === 0);
  const chosen = all ? live : [...new Set(names.flatMap((name) => named(name, live)))];
  if (all && live.length === 0) print(2, 'No detached sessions.\n');
  const results = await Promise.allSettled(chosen.map(end));
  const stopped = chosen.filter((_, index) => results[index]?.status === 'fulfilled');
  print(1, stopped.map(({ app, id }) => `${oneLine(app)} (${id}) stopped\n`).join(''));
  const left = live.filter((record) => !stopped.includes(record));
  const problems = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (unknown.length > 0) problems.push(noneOf(unknown, left));
  for (const problem of problems.slice(1)) warn(problem instanceof Error ? problem.message : String(problem));
  if (problems.length > 0) throw problems[0];
  return 0;
}

function named(name: string, live: readonly SessionRecord[]): readonly SessionRecord[] {
  const byId = live.filter(({ id }) => id === name);
  return byId.length > 0 ? byId : live.filter(({ app }) => app === name);
}

function noneOf(names: readonly string[], left: readonly SessionRecord[]): UserError {
  const hint =
    left.length === 0
      ? 'no detached session is running'
      : `running: ${left.map(({ id, app }) => `${id} (${app})`).join(', ')}`;
  return new UserError(`no detached session ${names.map(quoted).join(', ')}`, { hint });
}

async function end(record: SessionRecord): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGTERM', PATIENCE_MS],
    ['SIGKILL', KILLED_MS],
  ] as const) {
    try {
      process.kill(record.process.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPERM') break;
    }
    if (!(await goneWithin(patienceMs, record))) continue;
    const problem = removeRecord(record.id);
    if (problem !== undefined) warn(problem);
    return;
  }
  throw new UserError(`session ${record.id} to ${record.app} (process ${record.process.pid}) did not end`);
}

async function goneWithin(ms: number, record: SessionRecord): Promise<boolean> {
  const deadline = performance.now() + ms;
  while ((await lifeOf(record.process)) === 'alive') {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}
