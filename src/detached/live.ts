// The sessions that run: records whose process lives. Cleans up what others have left.
import { print } from '../output/print.ts';
import { oneLine } from '../values/quote.ts';
import { namesOf, type SessionRecord } from './core/record.ts';
import { lifeOf } from './process-identity.ts';
import { logPath, pruneLeftovers, readRecords, removeRecord } from './record-files.ts';

/** Oldest first. Warns of files that are not records, and of detached sessions that ended by themselves. */
export async function liveSessions(): Promise<SessionRecord[]> {
  const { live, gone } = await sortedByLife(warn);
  for (const record of gone) {
    const { id, mode } = record;
    if (mode === 'detached') warn(`session ${id} to ${namesOf(record)} ended by itself; its log is ${logPath(id)}`);
    const problem = removeRecord(id, { keepLog: true });
    if (problem !== undefined) warn(problem);
  }
  pruneLeftovers(Date.now());
  return live;
}

export function warn(message: string): void {
  print(2, `${oneLine(message)}\n`);
}

/** The same, without a word about others and leaving everything as it is. Never rejects. */
export async function sessionsBeside(): Promise<readonly SessionRecord[]> {
  try {
    return (await sortedByLife(() => {})).live;
  } catch {
    // There is no home directory.
    return [];
  }
}

/**
 * Which session of this user has a local port.
 * @param hasOne whether the port is taken on one of the addresses that a session listens on
 */
export async function ownerOf(
  port: number,
  hasOne: (addresses: readonly string[]) => boolean,
): Promise<{ readonly id: string; readonly apps: string } | undefined> {
  const sessions = await sessionsBeside();
  const owner = sessions.find(({ apps }) =>
    apps.some(({ tunnels }) => tunnels.some(({ localPort, addresses }) => localPort === port && hasOne(addresses))),
  );
  return owner && { id: owner.id, apps: namesOf(owner) };
}

async function sortedByLife(report: (problem: string) => void): Promise<Record<'live' | 'gone', SessionRecord[]>> {
  const live: SessionRecord[] = [];
  const gone: SessionRecord[] = [];
  for (const record of readRecords(report)) {
    const life = await lifeOf(record.process);
    // One that may live is shown, and `stop` does not touch it.
    if (life === 'alive' || life === 'unsure') live.push(record);
    if (life === 'gone') gone.push(record);
  }
  return { live, gone };
}
