// The pods of a target, as a watch and the lists beside it tell of them.
//
// A watch begins by naming every pod there is. A pod that was deleted while nobody watched is never named again: only a
// list shows that it is missing. What a watch has named is newer than any list that was asked for beside it.

import type { Pod, WatchEvent } from './pod.ts';

export interface PodSet {
  /** By uid. */
  readonly pods: ReadonlyMap<string, Pod>;
  /** Uids that the present watch has named. */
  readonly named: ReadonlySet<string>;
  /** Since when a pod may have changed without our knowing; infinity while all is known. */
  readonly blindSinceMs: number;
}

export type PodSetEvent =
  | { readonly kind: 'started' }
  | WatchEvent
  | { readonly kind: 'listed'; readonly pods: readonly Pod[] }
  | { readonly kind: 'ended'; readonly atMs: number };

export function podSetOf(pods: readonly Pod[]): PodSet {
  return { pods: byUid(pods), named: new Set(), blindSinceMs: Number.POSITIVE_INFINITY };
}

/** Whether the watch has named every pod that is known. */
export function allNamed({ pods, named }: PodSet): boolean {
  return [...pods.keys()].every((uid) => named.has(uid));
}

export function nextPodSet(set: PodSet, event: PodSetEvent): PodSet {
  switch (event.kind) {
    case 'started':
      return { ...set, named: new Set() };
    case 'ended':
      return { ...set, blindSinceMs: Math.min(set.blindSinceMs, event.atMs) };
    case 'listed': {
      const known = [...set.pods.values()].filter((pod) => set.named.has(pod.uid));
      const fresh = event.pods.filter((pod) => !set.named.has(pod.uid));
      return { ...set, pods: byUid([...known, ...fresh]), blindSinceMs: Number.POSITIVE_INFINITY };
    }
    case 'added':
    case 'modified':
    case 'deleted': {
      const pods = new Map(set.pods);
      if (event.kind === 'deleted') pods.delete(event.pod.uid);
      else pods.set(event.pod.uid, event.pod);
      const next = { ...set, pods, named: new Set(set.named).add(event.pod.uid) };
      return allNamed(next) ? { ...next, blindSinceMs: Number.POSITIVE_INFINITY } : next;
    }
  }
}

function byUid(pods: readonly Pod[]): ReadonlyMap<string, Pod> {
  return new Map(pods.map((pod) => [pod.uid, pod]));
}
