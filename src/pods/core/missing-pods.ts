// Followed pods that the watch has ceased to name without a word of their end: a pod that is deleted is marked as
// terminating first, as a rule. So one that simply disappears is asked for by its name: its labels may have changed.

import type { Pod } from './pod.ts';

export type Whereabouts =
  | 'asked'
  /** It exists, and no longer matches the selector. */
  | 'runs-on'
  | 'gone';

/** By uid. */
export type MissingPods = ReadonlyMap<string, Whereabouts>;

/**
 * @param followed pods that are or were followed, as last seen
 * @param pods all that the watch names now
 * @returns `missing` without those that are back, and with those that are to be asked for now
 */
export function lookForMissing(
  missing: MissingPods,
  followed: readonly Pod[],
  pods: readonly Pod[],
): { readonly missing: MissingPods; readonly toAsk: readonly Pod[] } {
  const named = new Set(pods.map(({ uid }) => uid));
  const toAsk = followed.filter(({ uid, terminating }) => !named.has(uid) && !terminating && !missing.has(uid));
  const still = [...missing].filter(([uid]) => !named.has(uid));
  return { missing: new Map([...still, ...toAsk.map(({ uid }) => [uid, 'asked'] as const)]), toAsk };
}

/** Uids of pods of which open connections may go on although no new one goes there. */
export function maybeAlive(missing: MissingPods): readonly string[] {
  return [...missing].filter(([, whereabouts]) => whereabouts !== 'gone').map(([uid]) => uid);
}
