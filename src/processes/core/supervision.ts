// When a child that ended is started again: at once if it had lived, then with growing, jittered pauses.
//
//   starting ──ready──▶ running
//      │ ended              │ ended
//      ▼                    ▼
//   pausing ◀───────────────┘
//      │ timer or retryNow
//      ▼
//   starting            (stop: from any state to stopped)

export type ChildState =
  | { readonly kind: 'starting'; readonly failures: number }
  | { readonly kind: 'running'; readonly sinceMs: number; readonly failures: number }
  | { readonly kind: 'pausing'; readonly untilMs: number; readonly failures: number }
  | { readonly kind: 'stopped' };

export type ChildEvent =
  | { readonly kind: 'ready' }
  /** `causedByApp`: it ended for a reason that says nothing about the next one (e.g. the application refused a client). */
  | { readonly kind: 'ended'; readonly causedByApp: boolean }
  | { readonly kind: 'timer' }
  /** Something has changed for the better: do not wait any longer. */
  | { readonly kind: 'retried' }
  | { readonly kind: 'stopped' };

export const PAUSES = {
  firstMs: 100,
  maxMs: 3_000,
  /** A child that was ready for this long starts counting anew. */
  provenMs: 2_000,
} as const;

/** Milliseconds before restart number `failures` (0: at once), jittered with `random` in 0..1. */
export function pauseMs(failures: number, random: number, pauses: { firstMs: number; maxMs: number } = PAUSES): number {
  if (failures <= 0) return 0;
  return jitteredMs(Math.min(pauses.maxMs, pauses.firstMs * 2 ** (failures - 1)), random);
}

/** Spread by ±25 %, so that what failed at the same time is not tried again at the same time. */
export function jitteredMs(ms: number, random: number): number {
  return Math.round(ms * (0.75 + random / 2));
}

export function nextChildState(state: ChildState, event: ChildEvent, nowMs: number, random: number): ChildState {
  if (state.kind === 'stopped') return state;
  switch (event.kind) {
    case 'stopped':
      return { kind: 'stopped' };
    case 'ready':
      return state.kind === 'starting' ? { kind: 'running', sinceMs: nowMs, failures: state.failures } : state;
    case 'ended': {
      if (state.kind === 'pausing') return state;
      const proven = state.kind === 'running' && nowMs - state.sinceMs >= PAUSES.provenMs;
      const failures = proven || event.causedByApp ? 0 : state.failures;
      return { kind: 'pausing', untilMs: nowMs + pauseMs(failures, random), failures: failures + 1 };
    }
    case 'timer':
      return state.kind === 'pausing' && nowMs >= state.untilMs
        ? { kind: 'starting', failures: state.failures }
        : state;
    case 'retried':
      return state.kind === 'pausing' ? { kind: 'starting', failures: 0 } : state;
  }
}
