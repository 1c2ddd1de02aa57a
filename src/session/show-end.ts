// A session with what is over for good when it begins: there is the log, and then the end.

import type { Logs } from '../logs/logs.ts';
import type { AwaitedPod } from '../pods/await-pod.ts';
import type { Finish } from '../pods/core/finish.ts';
import { UserError } from '../values/errors.ts';
import type { StartDeps } from './started-session.ts';

interface ShowEndDeps extends Pick<StartDeps, 'checksFirst'> {
  readonly allPods: boolean;
  readonly logs: Logs | undefined;
  /** Tells which pod it was, and what of -p is skipped. */
  readonly plan: () => void;
}

/**
 * Resolves when all of the log was shown.
 * @throws {UserError} at once, when more than the log was wanted
 */
export function showEnd({ chosen, pods }: AwaitedPod, finish: Finish, deps: ShowEndDeps): Promise<unknown> {
  const { logs, allPods, checksFirst, plan } = deps;
  if (checksFirst || logs === undefined) {
    if (finish.kind === 'failed') throw finish.error;
    throw new UserError(`${finish.message}: there is nothing to connect to any more`);
  }
  plan();
  logs.followAll(allPods ? pods : [chosen]);
  logs.update(pods);
  return logs.drained();
}
