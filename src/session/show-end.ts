// A session with what is over for good when it begins: there is the log, and then the end.

import type { Logs } from '../logs/logs.ts';
import type { AwaitedPod } from '../pods/await-pod.ts';
import type { Finish } from '../pods/core/finish.ts';
import type { AppSettings } from '../request/core/settings.ts';
import { UserError } from '../values/errors.ts';
import type { StartDeps } from './started-session.ts';

interface ShowEndDeps extends Pick<StartDeps, 'tell' | 'checksFirst'> {
  readonly settings: AppSettings;
  readonly logs: Logs | undefined;
}

/**
 * Resolves when all of the log was shown.
 * @throws {UserError} at once, when more than the log was wanted
 */
export function showEnd({ chosen, pods }: AwaitedPod, finish: Finish, deps: ShowEndDeps): Promise<unknown> {
  const { tell, logs, settings, checksFirst } = deps;
  const { kubectl, allPods } = settings;
  if (checksFirst || logs === undefined) {
    if (finish.kind === 'failed') throw finish.error;
    throw new UserError(`${finish.message}: there is nothing to connect to any more`);
  }
  const { namespace, context } = kubectl;
  tell({ kind: 'pod-selected', pod: chosen.name, others: 0, containers: chosen.containers, namespace, context });
  logs.followAll(allPods ? pods : [chosen]);
  logs.update(pods);
  return logs.drained();
}
