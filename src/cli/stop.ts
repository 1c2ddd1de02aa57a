// `kubectl draft-connect stop`: ends sessions and waits until they are gone.
import { setTimeout as delay } from 'node:timers/promises';
import { runningHint, sessionsToStop } from '../detached/core/choose-session.ts';
import { namesOf, type SessionRecord } from '../detached/core/record.ts';
import { liveSessions, warn } from '../detached/live.ts';
import { lifeOf } from '../detached/process-identity.ts';
import { removeRecord } from '../detached/record-files.ts';
import { print } from '../output/print.ts';
import { UserError } from '../values/errors.ts';
import { oneLine, quoted } from '../values/quote.ts';

/** A session ends in well under a second. */
const PATIENCE_MS = 3_000;
const KILLED_MS = 2_000;
const POLL_MS = 25;

/** Each name is an ID or an app; an app means all its detached sessions. */
export async function runStop({
  names,
  all,
}: {
  readonly names: readonly string[];
  readonly all: boolean;
}): Promise<number> {
  const live = await liveSessions();
  const unknown = [...new Set(names)].filter((name) => sessionsToStop(name, live).length === 0);
  const chosen = all
    ? live.filter(({ mode }) => mode === 'detached')
    : [...new Set(names.flatMap((name) => sessionsToStop(name, live)))];
  if (all && chosen.length === 0) print(2, 'No detached sessions.\n');
  const results = await Promise.allSettled(chosen.map(end));
  const stopped = chosen.filter((_, index) => results[index]?.status === 'fulfilled');
  print(1, stopped.map((record) => `${oneLine(namesOf(record))} (${record.id}) stopped\n`).join(''));
  const left = live.filter((record) => !stopped.includes(record));
  const problems = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (unknown.length > 0) problems.push(noneOf(unknown, left));
  for (const problem of problems.slice(1)) warn(problem instanceof Error ? problem.message : String(problem));
  if (problems.length > 0) throw problems[0];
  return 0;
}

function noneOf(names: readonly string[], left: readonly SessionRecord[]): UserError {
  const shown = names.map(quoted).join(', ');
  const isOfForeground = left.some(({ apps }) => apps.some(({ app }) => names.includes(app)));
  const hint = `${runningHint(left)}${isOfForeground ? '; one in the foreground is stopped by its ID' : ''}`;
  return new UserError(`no detached session ${shown}`, { hint });
}

async function end(record: SessionRecord): Promise<void> {
  const { pid } = record.process;
  if ((await lifeOf(record.process)) === 'unsure') {
    throw new UserError(`process ${pid} may not be session ${record.id} any more: it is left alone`);
  }
  for (const [signal, patienceMs] of [
    ['SIGTERM', PATIENCE_MS],
    ['SIGKILL', KILLED_MS],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPERM') break;
    }
    if (!(await goneWithin(patienceMs, record))) continue;
    const problem = removeRecord(record.id);
    if (problem !== undefined) warn(problem);
    return;
  }
  throw new UserError(`session ${record.id} to ${namesOf(record)} (process ${pid}) did not end`);
}

async function goneWithin(ms: number, record: SessionRecord): Promise<boolean> {
  const deadline = performance.now() + ms;
  while ((await lifeOf(record.process)) === 'alive') {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}
