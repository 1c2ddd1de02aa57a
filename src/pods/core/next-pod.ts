// Which pod a session follows next: it stays on its pod as long as that serves, and moves to what replaces it.

import { UserError } from '../../values/errors.ts';
import { choosePod, whyNotReady } from './choose-pod.ts';
import type { Pod } from './pod.ts';

export type NextPod =
  | { readonly kind: 'stay' }
  /** The followed pod serves, and this one is about to replace it. */
  | { readonly kind: 'prepare'; readonly pod: Pod }
  | { readonly kind: 'move'; readonly pod: Pod }
  /** The followed pod ends or is gone and no other is Ready. `reason`: what became of it. `candidate`: what may be next. */
  | { readonly kind: 'wait'; readonly reason: string; readonly candidate: Pod | undefined };

/**
 * @param current the followed pod as last seen
 * @param pods all pods of the target that exist now
 * @param options.left uids of pods that were followed before: a pod's age is known to the second only, and of two made
 *   in the same one each would be a reason to leave the other
 */
export function nextPod(
  current: Pod,
  pods: readonly Pod[],
  options: { buildId?: string | undefined; left?: ReadonlySet<string> } = {},
): NextPod {
  const now = pods.find((pod) => pod.uid === current.uid);
  const others = pods.filter((pod) => pod.uid !== current.uid);
  const serves = now !== undefined && !ends(now);
  // Only a newer revision of the same workload, which is about to replace it, is a reason to leave a pod that serves.
  const eligible = serves ? others.filter((pod) => isNewerRevision(pod, now) && !options.left?.has(pod.uid)) : others;
  const choice = choosePod(eligible, options);
  if (choice.kind === 'chosen') return { kind: 'move', pod: choice.pod };
  const candidate = choice.pod !== undefined && canForward(choice.pod) ? choice.pod : undefined;
  if (!serves) return { kind: 'wait', reason: whatBecameOf(now), candidate };
  return candidate === undefined ? { kind: 'stay' } : { kind: 'prepare', pod: candidate };
}

/** It will never run again, and no other pod gets its name. */
export function endedForGood(pod: Pod): boolean {
  return ends(pod) && !pod.terminating && pod.owner?.kind !== 'StatefulSet';
}

/** The end of a session whose pod was asked for by its own name. */
export function lostForGood(reason: string): UserError {
  return new UserError(reason, { hint: 'a TARGET such as deploy/NAME follows the app from pod to pod' });
}

export interface NamedPodLoss {
  /** A StatefulSet, or whoever made a pod by hand, may make another one of that name. */
  readonly mayReturn: boolean;
  readonly error: UserError;
}

/** What it means that a pod which was asked for by its name does not serve any more; undefined while it is terminating. */
export function namedPodLoss(current: Pod, pods: readonly Pod[]): NamedPodLoss | undefined {
  const now = pods.find((pod) => pod.uid === current.uid);
  if (now?.terminating === true) return undefined;
  if (now !== undefined) return { mayReturn: false, error: lostForGood(whyNotReady(now)) };
  const mayReturn = current.owner === undefined || current.owner.kind === 'StatefulSet';
  return { mayReturn, error: lostForGood(`pod ${current.name} was deleted`) };
}

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

function ends(pod: Pod): boolean {
  return pod.terminating || pod.phase === 'Succeeded' || pod.phase === 'Failed';
}

function whatBecameOf(pod: Pod | undefined): string {
  if (pod === undefined) return 'was deleted';
  return pod.terminating ? 'is being deleted' : `has ended (${pod.phase})`;
}
