// A session with what is over for good when it begins: there is the log, and then the end.

import type { Place } from '../kubectl/core/place.ts';
import type { Logs } from '../logs/logs.ts';
import type { AwaitedPod } from '../pods/await-pod.ts';
import type { Finish } from '../pods/core/finish.ts';
import { UserError } from '../values/errors.ts';
import type { SessionDeps } from './session.ts';

interface ShowEndDeps extends Pick<SessionDeps, 'tell' | 'checksFirst'> {
  readonly place: Place;
  readonly logs: Logs | undefined;
}

/**
 * Resolves when all of the log was shown.
 * @throws {UserError} at once, when more than the log was wanted
 */
export function showEnd({ chosen, pods }: AwaitedPod, finish: Finish, deps: ShowEndDeps): Promise<unknown> {
  const { tell, logs, place, checksFirst } = deps;
  if (checksFirst || logs === undefined) {
    if (finish.kind === 'failed') throw finish.error;
    throw new UserError(`${finish.message}: there is nothing to connect to any more`);
  }
  const containers = chosen.containers.map(({ name }) => name);
  const { namespace, context } = place;
  tell({ kind: 'pod-selected', pod: chosen.name, others: 0, containers, namespace, context });
  logs.follow(chosen);
  logs.update(pods);
  return logs.drained();
}
