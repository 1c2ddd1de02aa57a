// Builds again whenever files have changed and settled; core/rebuild decides when.
import { nextRebuild, type RebuildEvent, type RebuildState } from './core/rebuild.ts';

/**
 * Begins with a build.
 * @param build never rejects
 */
export function startRebuilding(build: () => Promise<void>, delayMs: number) {
  let state: RebuildState = { kind: 'building', untilMs: undefined };
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function dispatch(event: RebuildEvent): void {
    if (stopped) return;
    const before = state;
    state = nextRebuild(state, event, performance.now(), delayMs);
    if (state === before) return;
    if (state.kind === 'settling') {
      clearTimeout(timer);
      timer = setTimeout(() => dispatch('timer'), Math.max(0, Math.ceil(state.untilMs - performance.now())) + 1);
    }
    if (state.kind === 'building' && before.kind !== 'building') run();
  }

  function run(): void {
    void build().then(() => dispatch('built'));
  }

  run();
  return {
    /** Something has changed. */
    changed: () => dispatch('changed'),
    stop(): void {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
