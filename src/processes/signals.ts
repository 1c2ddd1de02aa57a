// The signals that ask us to end: the first is a request, the second an order.
import { createDeferred } from '../values/deferred.ts';

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndingSignal = (typeof ENDING_SIGNALS)[number];

/** The exit status of a program that a signal has ended, as the shell tells it. */
export const EXIT_AFTER: Readonly<Record<EndingSignal, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** What COMMAND gets from us besides; without a listener each of them would end us on the spot. */
const PASSED_ON = [...ENDING_SIGNALS, 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
export type PassedOnSignal = (typeof PASSED_ON)[number];

/** nohup(1) asks that SIGHUP be ignored, which node undoes when it starts. bash and zsh tell what they have called. */
const UNDER_NOHUP = /(^|\/)nohup$/.test(process.env['_'] ?? '');

export type Signals = ReturnType<typeof listenForSignals>;

/**
 * In the `background`, where we stay in a terminal that is the user's, only SIGTERM ends us: the terminal's keys and its
 * end must not. Under nohup its end must not, either.
 */
export function listenForSignals({ background = false }: { background?: boolean } = {}) {
  let handler: ((signal: PassedOnSignal) => void) | undefined;
  const first = createDeferred<EndingSignal>();
  const second = createDeferred<EndingSignal>();
  let told = 0;
  const count = (signal: EndingSignal) => {
    if (handler !== undefined) return;
    told += 1;
    (told === 1 ? first : second).resolve(signal);
  };
  const ignored = new Set<NodeJS.Signals>(background ? ['SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGTSTP'] : []);
  if (UNDER_NOHUP) ignored.add('SIGHUP');
  const counted = ENDING_SIGNALS.filter((signal) => !ignored.has(signal));
  const passedOn = PASSED_ON.filter((signal) => !ignored.has(signal));
  for (const signal of counted) process.on(signal, count);
  for (const signal of ignored) process.on(signal, ignore);
  return {
    first: first.promise,
    second: second.promise,
    /** From now on every signal goes to `newHandler` and counts neither as first nor as second, until the result is called. */
    divert(newHandler: (signal: PassedOnSignal) => void): () => void {
      handler = newHandler;
      for (const signal of passedOn) process.on(signal, newHandler);
      return () => {
        handler = undefined;
        for (const signal of passedOn) process.off(signal, newHandler);
      };
    },
    /** Gives the signals back their ordinary effect. */
    dispose(): void {
      for (const signal of counted) process.off(signal, count);
      for (const signal of ignored) process.off(signal, ignore);
    },
  };
}

function ignore(): void {}
