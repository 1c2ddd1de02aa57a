// When the app is built again: once its files have been quiet for a while, never twice at a time, and once more if
// something changed during a build.
//
//   idle ──changed──▶ settling ──timer──▶ building
//                      ▲    │ ▲             │ built, and nothing changed meanwhile ──▶ idle
//                      └────┘ └─────────────┘ built, and something did
//                      changed

export type RebuildState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'settling'; readonly untilMs: number }
  /** `untilMs`: until when a change made during the build has to settle. */
  | { readonly kind: 'building'; readonly untilMs: number | undefined };

export type RebuildEvent = 'changed' | 'timer' | 'built';

export function nextRebuild(state: RebuildState, event: RebuildEvent, nowMs: number, delayMs: number): RebuildState {
  switch (event) {
    case 'changed':
      return state.kind === 'building'
        ? { kind: 'building', untilMs: nowMs + delayMs }
        : { kind: 'settling', untilMs: nowMs + delayMs };
    case 'timer':
      return state.kind === 'settling' && nowMs >= state.untilMs ? { kind: 'building', untilMs: undefined } : state;
    case 'built':
      if (state.kind !== 'building') return state;
      return state.untilMs === undefined ? { kind: 'idle' } : { kind: 'settling', untilMs: state.untilMs };
  }
}
