// Which pod a session follows next: it stays on its pod as long as that serves, and moves to what replaces it.

import { UserError } from '../../values/errors.ts';
import { type ChoiceOptions, choosePod, type PodChoice, whyNotReady } from './choose-pod.ts';
import { isServing as mayServe } from './container.ts';
import type { Pod } from './pod.ts';

export type NextPod =
  | { readonly kind: 'stay' }
  /** The followed pod serves, and this one, which may still be pending, is about to replace it. */
  | { readonly kind: 'prepare'; readonly pod: Pod }
  /** `reason`: why a pod that exists is left, where no event of its containers says so. */
  | { readonly kind: 'move'; readonly pod: Pod; readonly reason?: string }
  /** The followed pod ends or is gone and no other is Ready. `reason`: what became of it. `candidate`: what may be next. */
  | { readonly kind: 'wait'; readonly reason: string; readonly candidate: Pod | undefined };

/** A pod that is not ready for this long is left for one that is; a probe that fails once is no reason. */
export const UNREADY_MS = 3_000;

export interface NextPodOptions extends ChoiceOptions {
  /**
   * Uids of pods that were followed before. A pod's age is known to the second only: of two that were made in the same
   * second, each would be a reason to leave the other.
   */
  readonly left?: ReadonlySet<string>;
  /** For how long the followed pod has not been ready. */
  readonly unreadyForMs?: number;
  /** The followed pod exists, although it is not among `pods`: its labels have changed. */
  readonly runsOn?: boolean;
}

/**
 * Where a Service would send a request, there it goes.
 * @param current the followed pod as last seen
 * @param pods all pods of the target that exist now
 */
export function nextPod(current: Pod, pods: readonly Pod[], options: NextPodOptions = {}): NextPod {
  const now = pods.find((pod) => pod.uid === current.uid);
  const others = pods.filter((pod) => pod.uid !== current.uid);
  const exists = now !== undefined && !ends(now);
  // Only a newer revision of the same workload, which is about to replace it, is a reason to leave a pod that serves.
  const newer = exists ? others.filter((pod) => isNewerRevision(pod, now) && !options.left?.has(pod.uid)) : [];
  const serves = exists && isServing(now, options.unreadyForMs);
  const ready = choosePod(serves ? newer : others);
  // Among pods that are not ready only the end, or a newer revision, is a reason to leave one for another.
  const mayBeUnready = ready.kind === 'none' && options.unready === true && !now?.ready;
  const choice = mayBeUnready ? choosePod(exists ? newer : others, options) : ready;
  if (choice.kind === 'chosen') {
    const { pod } = choice;
    return exists && !now.ready && !isDown(now)
      ? { kind: 'move', pod, reason: whyNotReady(now) }
      : { kind: 'move', pod };
  }
  const candidate = candidateOf(exists ? choosePod(newer) : choice);
  if (!exists) return { kind: 'wait', reason: whatBecameOf(now, options.runsOn), candidate };
  return candidate === undefined ? { kind: 'stay' } : { kind: 'prepare', pod: candidate };
}

function candidateOf({ pod }: PodChoice): Pod | undefined {
  return pod !== undefined && !ends(pod) ? pod : undefined;
}

function isServing(pod: Pod, unreadyForMs = 0): boolean {
  return pod.ready || (!isDown(pod) && unreadyForMs < UNREADY_MS);
}

function isDown(pod: Pod): boolean {
  return pod.containers.some((one) => mayServe(one) && one.status?.state.kind !== 'running');
}

/** A pod that was left runs on and is not about to be replaced: its log goes on, too. */
export function logGoesOn(left: Pod, next: Pod, pods: readonly Pod[]): boolean {
  const now = pods.find(({ uid }) => uid === left.uid);
  return now !== undefined && !ends(now) && !isNewerRevision(next, now);
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

function ends(pod: Pod): boolean {
  return pod.terminating || pod.phase === 'Succeeded' || pod.phase === 'Failed';
}

function whatBecameOf(pod: Pod | undefined, runsOn = false): string {
  if (pod === undefined) return runsOn ? 'does not match the selector any more' : 'was deleted';
  return pod.terminating ? 'is being deleted' : `has ended (${pod.phase})`;
}
