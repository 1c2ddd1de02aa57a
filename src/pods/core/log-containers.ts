// Of which containers of a pod the logs are shown.

import type { Pattern } from '../../request/core/patterns.ts';
import { type Container, isServing } from './container.ts';
import type { Pod } from './pod.ts';

/**
 * Names, in the pod's order. Before a pod is ready also those of init containers: while they run, and when they fail.
 * @param wanted names given with `-c`, of every kind; empty means all
 * @param excluded patterns of `--exclude-container`
 */
export function logContainers(
  { ready, containers }: Pod,
  wanted: readonly string[],
  excluded: readonly Pattern[],
): readonly string[] {
  const isShown = (one: Container) =>
    wanted.length > 0 ? wanted.includes(one.name) : isServing(one) || (!ready && isTellingInit(one));
  return withoutExcluded(containers.filter(isShown), excluded);
}

/** Names of those whose logs are not excluded. */
export function withoutExcluded(containers: readonly Container[], excluded: readonly Pattern[]): readonly string[] {
  return containers.map(({ name }) => name).filter((name) => !excluded.some(({ regexp }) => regexp.test(name)));
}

/** Of one that ended in good order nothing is wanted. */
function isTellingInit({ role, status }: Container): boolean {
  if (role !== 'init' || status === undefined) return false;
  const { state, lastTermination } = status;
  if (state.kind === 'terminated') return state.exitCode !== 0;
  return state.kind === 'running' || lastTermination !== undefined;
}
