// The detached sessions that run: records whose process lives. Cleans up what others have left.
import type { SessionRecord } from './core/record.ts';
import { lifeOf } from './process-identity.ts';
import { logPath, pruneLeftovers, readRecords, removeRecord } from './record-files.ts';

/** Oldest first. `warn` is told of files that are not records, and of sessions that ended by themselves. */
export async function liveSessions(warn: (message: string) => void): Promise<SessionRecord[]> {
  const live: SessionRecord[] = [];
  for (const record of readRecords(warn)) {
    const life = await lifeOf(record.process);
    if (life === 'alive') live.push(record);
    if (life === 'gone') {
      warn(`session ${record.id} to ${record.app} ended by itself; its log is ${logPath(record.id)}`);
      const problem = removeRecord(record.id, { keepLog: true });
      if (problem !== undefined) warn(problem);
    }
  }
  pruneLeftovers(Date.now());
  return live;
}
