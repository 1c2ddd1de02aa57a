// What stands behind a tunnel for one pod.
//
//   starting ──listening──▶ listening ──kubectl ended──▶ starting
//       │ retired               │ retired
//       └──────────┬────────────┘
//                  ▼
//              retiring ──the last connection is over, or the grace──▶ ended

export type PodForwardState =
  /** `failures`: kubectls in a row that ended without having listened. */
  | { readonly kind: 'starting'; readonly failures: number }
  | { readonly kind: 'listening'; readonly sinceMs: number }
  /** It takes no further connection. */
  | { readonly kind: 'retiring' }
  | { readonly kind: 'ended' };

export type PodForwardEvent =
  | { readonly kind: 'listening' }
  /** `causedByApp`: kubectl ends with a connection that the application refuses; the next one may listen all the same. */
  | { readonly kind: 'kubectl-ended'; readonly causedByApp: boolean }
  | { readonly kind: 'retired' }
  | { readonly kind: 'emptied' };

export function nextPodForwardState(state: PodForwardState, event: PodForwardEvent, nowMs: number): PodForwardState {
  if (state.kind === 'ended') return state;
  switch (event.kind) {
    case 'retired':
      return { kind: 'retiring' };
    case 'emptied':
      return state.kind === 'retiring' ? { kind: 'ended' } : state;
    case 'listening':
      return state.kind === 'starting' ? { kind: 'listening', sinceMs: nowMs } : state;
    case 'kubectl-ended':
      if (state.kind === 'listening') return { kind: 'starting', failures: 0 };
      if (state.kind !== 'starting' || event.causedByApp) return state;
      return { kind: 'starting', failures: state.failures + 1 };
  }
}

/** kubectl tells of a container's end about a second later, unless it hangs. */
const ABANDON_MS = 5_000;
/** The same for what may have reached the next container already, and may only take its time. */
const UNSURE_MS = 60_000;
/** News of a restarted container comes at most this long after its end: what was refused since then met nobody. */
const RECENT_MS = 3_000;

/** How long a connection without an answer, `ageMs` old, may stay with a kubectl that has outlived its container. */
export function patienceMs(ageMs: number): number {
  return ageMs < RECENT_MS ? UNSURE_MS : ABANDON_MS;
}

/**
 * Whether a kubectl that was started at `startedMs` forwards to the container that the news is about: it was started
 * after a refusal of its predecessor. With Kubernetes 1.20 one that has outlived its container may take every further
 * connection without ever passing a byte on.
 */
export function isRenewed(startedMs: number, refusedMs: number, nowMs: number): boolean {
  return nowMs - refusedMs < RECENT_MS && startedMs > refusedMs;
}

/** News of a pod comes as soon, if it comes at all. */
export const NEWS_MS = 2_000;

/**
 * A forward that began to listen while the pod is not watched may lead to one whose end was ordered meanwhile, without
 * anybody having said so yet.
 * @param blindSinceMs since when the pod is not watched, infinity while it is; undefined before the first watch
 */
export function awaitsNews(state: PodForwardState, blindSinceMs: number | undefined, nowMs: number): boolean {
  if (state.kind !== 'listening' || blindSinceMs === undefined) return false;
  return state.sinceMs > blindSinceMs && nowMs - state.sinceMs < NEWS_MS;
}
