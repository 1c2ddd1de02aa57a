// Of which containers of a pod the logs are shown.

import { type Container, isServing } from './container.ts';
import type { Pod } from './pod.ts';

/**
 * Names, in the pod's order. Before a pod is ready also those of init containers: while they run, and when they fail.
 * @param wanted names given with `-c`, of every kind; empty means all
 */
export function logContainers({ ready, containers }: Pod, wanted: readonly string[]): readonly string[] {
  const isShown = (one: Container) =>
    wanted.length > 0 ? wanted.includes(one.name) : isServing(one) || (!ready && isTellingInit(one));
  return containers.filter(isShown).map(({ name }) => name);
}

/** Of one that ended in good order nothing is wanted. */
function isTellingInit({ role, status }: Container): boolean {
  if (role !== 'init' || status === undefined) return false;
  const { state, lastTermination } = status;
  if (state.kind === 'terminated') return state.exitCode !== 0;
  return state.kind === 'running' || lastTermination !== undefined;
}
