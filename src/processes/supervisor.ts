// Keeps one child running over its restarts; when and how long it pauses is decided in core/supervision.
import { type ChildEvent, type ChildState, nextChildState } from './core/supervision.ts';

/** One run of the child. `ready` may stay pending for ever; `ended` always settles and never rejects. */
export interface Run {
  readonly ready: Promise<unknown>;
  readonly ended: Promise<{ readonly causedByApp: boolean }>;
  stop(): Promise<void>;
}

/** Starts the child with `start` and again whenever it ends, until stopped. `starting` may delay a start (resource limits). */
export function supervise(start: () => Run, options: { starting: () => Promise<() => void> }) {
  let state: ChildState = { kind: 'starting', failures: 0 };
  let run: Run | undefined;
  let timer: NodeJS.Timeout | undefined;

  function dispatch(event: ChildEvent): void {
    const before = state;
    state = nextChildState(state, event, performance.now(), Math.random());
    if (state === before) return;
    clearTimeout(timer);
    if (state.kind === 'starting') void begin();
    if (state.kind === 'pausing') {
      // A timer may fire a moment early; the state machine compares with its own clock.
      timer = setTimeout(() => dispatch({ kind: 'timer' }), Math.ceil(state.untilMs - performance.now()) + 1);
    }
  }

  async function begin(): Promise<void> {
    const release = await options.starting();
    if (state.kind !== 'starting') {
      release();
      return;
    }
    const current = start();
    run = current;
    void Promise.race([current.ready, current.ended]).then(release);
    void current.ready.then(() => {
      if (run === current) dispatch({ kind: 'ready' });
    });
    const { causedByApp } = await current.ended;
    if (run !== current) return;
    run = undefined;
    dispatch({ kind: 'ended', causedByApp });
  }

  void begin();
  return {
    /** Ends a pause now: something has changed for the better. */
    retryNow: () => dispatch({ kind: 'retried' }),
    /** Ends the running child, so that another one takes its place. */
    renew: () => void run?.stop(),
    /** No further start; resolves when the running child, if any, has ended. */
    async stop(): Promise<void> {
      dispatch({ kind: 'stopped' });
      await run?.stop();
    },
  };
}
