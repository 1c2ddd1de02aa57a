// An open-loop client: starts new HTTP connections at a steady rate, whether or not earlier ones have been answered.
import { request } from 'node:http';

export interface OpenLoopReport {
  readonly started: number;
  readonly answered: number;
  /** Error codes or HTTP statuses other than 200, with how often each came. */
  readonly failures: ReadonlyMap<string, number>;
  readonly slowestMs: number;
}

/** One request that is over. */
export interface RequestEnd {
  readonly number: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Undefined when it was answered as expected. */
  readonly failure: string | undefined;
}

export interface OpenLoop {
  /** Stops starting connections and waits for the answers to those under way. */
  finish(): Promise<OpenLoopReport>;
}

/**
 * `path` may depend on the request's number, which counts from 1; `onOver` hears of each request's end, on the clock of
 * `performance.now()`; `patienceMs` is after which an answer counts as missing.
 */
export function startOpenLoop(options: {
  port: number;
  perSecond: number;
  path?: string | ((number: number) => string);
  expect?: string;
  patienceMs?: number;
  onOver?: (request: RequestEnd) => void;
}): OpenLoop {
  const { port, path = '/', expect, patienceMs = 60_000, onOver } = options;
  const failures = new Map<string, number>();
  const pending = new Set<Promise<void>>();
  let started = 0;
  let answered = 0;
  let slowestMs = 0;

  function once(): void {
    started += 1;
    const number = started;
    const sinceMs = performance.now();
    const done = ask(number).then((failure) => {
      const endMs = performance.now();
      if (failure === undefined) answered += 1;
      else failures.set(failure, (failures.get(failure) ?? 0) + 1);
      slowestMs = Math.max(slowestMs, endMs - sinceMs);
      onOver?.({ number, startMs: sinceMs, endMs, failure });
    });
    pending.add(done);
    void done.then(() => pending.delete(done));
  }

  function ask(number: number): Promise<string | undefined> {
    const where = typeof path === 'string' ? path : path(number);
    return new Promise((resolve) => {
      const call = request({ port, path: where, host: '127.0.0.1', agent: false, timeout: patienceMs }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => {
          if (response.statusCode !== 200) resolve(`status ${response.statusCode}`);
          else resolve(expect !== undefined && body !== expect ? 'wrong body' : undefined);
        });
        response.on('error', (error: NodeJS.ErrnoException) => {
          resolve(`in the answer: ${error.code ?? error.message}`);
        });
      });
      call.on('timeout', () => call.destroy(Object.assign(new Error('no answer'), { code: 'no answer' })));
      call.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      call.end();
    });
  }

  const startMs = performance.now();
  // Catches up after a delay of the timer, so that the rate holds.
  const timer = setInterval(() => {
    while (started < ((performance.now() - startMs) / 1000) * options.perSecond) once();
  }, 1000 / options.perSecond);
  return {
    async finish() {
      clearInterval(timer);
      await Promise.all(pending);
      return { started, answered, failures, slowestMs };
    },
  };
}
