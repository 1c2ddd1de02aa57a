// Why a session cannot start although there is a pod: kubectl port-forward does not come up.

import { queryError } from '../../kubectl/core/kubectl-errors.ts';
import { UserError } from '../../values/errors.ts';

export function neverListened(withinMs: number, pod: string, remotePorts: readonly number[]): UserError {
  const message = `kubectl port-forward did not start to listen within ${Math.round(withinMs / 1000)} s`;
  return new UserError(message, { hint: forwardHint(pod, remotePorts) });
}

/** `reason`: kubectl's own words, empty if it said nothing. */
export function cannotForward(reason: string, pod: string, remotePort: number): UserError {
  if (reason !== '') return queryError(reason);
  return new UserError('kubectl port-forward ended without listening and said nothing', {
    hint: forwardHint(pod, [remotePort]),
  });
}

function forwardHint(pod: string, remotePorts: readonly number[]): string {
  return `see what it does with: kubectl port-forward pod/${pod} ${remotePorts.map((port) => `:${port}`).join(' ')}`;
}
