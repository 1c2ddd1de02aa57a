// Which pod a connection follows next: it stays on its pod as long as that serves, and moves to what replaces it.

import { UserError } from '../../values/errors.ts';
import { choosePod } from './choose-pod.ts';
import type { Pod } from './pod.ts';

export type Succession =
  | { readonly kind: 'stay' }
  /** Not usable yet, but it will be what comes next: make its forwards ready. */
  | { readonly kind: 'prepare'; readonly pod: Pod }
  | { readonly kind: 'move'; readonly pod: Pod }
  /** The followed pod ends or is gone, and nothing takes its place yet. */
  | { readonly kind: 'wait'; readonly reason: string };

/** The workload a pod belongs to, whichever revision: a ReplicaSet's name is its Deployment's plus the template's hash. */
function workloadOf(pod: Pod): string {
  const hash = pod.labels['pod-template-hash'];
  const name = pod.owner?.name ?? '';
  return `${pod.owner?.kind} ${hash !== undefined && name.endsWith(`-${hash}`) ? name.slice(0, -hash.length - 1) : name}`;
}

function isNewerRevision(pod: Pod, than: Pod): boolean {
  const before = than.labels['pod-template-hash'];
  const after = pod.labels['pod-template-hash'];
  return (
    after !== undefined &&
    before !== undefined &&
    after !== before &&
    pod.createdMs >= than.createdMs &&
    workloadOf(pod) === workloadOf(than)
  );
}

function canForward(pod: Pod): boolean {
  return pod.phase === 'Running' && !pod.terminating;
}

export function ends(pod: Pod): boolean {
  return pod.terminating || pod.phase === 'Succeeded' || pod.phase === 'Failed';
}

/** It will never run again, and no other pod gets its name. */
export function endedForGood(pod: Pod): boolean {
  return ends(pod) && !pod.terminating && pod.owner?.kind !== 'StatefulSet';
}

/** The end of a connection to a pod that was asked for by its own name. */
export function lostForGood(reason: string): UserError {
  return new UserError(reason, { hint: 'a TARGET such as deploy/NAME follows the app from pod to pod' });
}

/**
 * @param current the followed pod as last seen
 * @param pods all pods of the target that exist now
 * @param options.left uids of pods that were followed before: a pod's age is known to the second only, and of two made
 *   in the same one each would be a reason to leave the other
 */
export function succeed(
  current: Pod,
  pods: readonly Pod[],
  options: { buildId?: string | undefined; left?: ReadonlySet<string> } = {},
): Succession {
  const now = pods.find((pod) => pod.uid === current.uid);
  const others = pods.filter((pod) => pod.uid !== current.uid);
  if (now !== undefined && !ends(now)) {
    // It serves: only a newer revision of the same workload, which is about to replace it, is a reason to move.
    const newer = others.filter((pod) => isNewerRevision(pod, now) && !options.left?.has(pod.uid));
    const choice = choosePod(newer, options);
    if (choice.kind === 'chosen') return { kind: 'move', pod: choice.pod };
    if (choice.pod !== undefined && canForward(choice.pod)) return { kind: 'prepare', pod: choice.pod };
    return { kind: 'stay' };
  }
  const choice = choosePod(others, options);
  if (choice.kind === 'chosen') return { kind: 'move', pod: choice.pod };
  if (choice.pod !== undefined && canForward(choice.pod)) return { kind: 'prepare', pod: choice.pod };
  return { kind: 'wait', reason: choice.reason };
}
