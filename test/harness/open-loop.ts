// An open-loop client: starts new HTTP connections at a steady rate, whether or not earlier ones have been answered.
import { request } from 'node:http';

export interface OpenLoopReport {
  readonly started: number;
  readonly answered: number;
  /** Error codes or HTTP statuses other than 200, with how often each came. */
  readonly failures: ReadonlyMap<string, number>;
  readonly slowestMs: number;
}

export interface OpenLoop {
  /** Stops starting connections and waits for the answers to those under way. */
  finish(): Promise<OpenLoopReport>;
}

/** @param patienceMs after which an answer counts as missing */
export function startOpenLoop(options: {
  port: number;
  perSecond: number;
  path?: string;
  expect?: string;
  patienceMs?: number;
}): OpenLoop {
  const { port, path = '/', expect, patienceMs = 60_000 } = options;
  const failures = new Map<string, number>();
  const pending = new Set<Promise<void>>();
  let started = 0;
  let answered = 0;
  let slowestMs = 0;
  const fail = (why: string) => void failures.set(why, (failures.get(why) ?? 0) + 1);

  function once(): void {
    started += 1;
    const sinceMs = performance.now();
    const done = new Promise<void>((resolve) => {
      const call = request({ port, path, host: '127.0.0.1', agent: false, timeout: patienceMs }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => {
          if (response.statusCode !== 200) fail(`status ${response.statusCode}`);
          else if (expect !== undefined && body !== expect) fail('wrong body');
          else answered += 1;
          slowestMs = Math.max(slowestMs, performance.now() - sinceMs);
          resolve();
        });
        response.on('error', (error: NodeJS.ErrnoException) => {
          fail(`in the answer: ${error.code ?? error.message}`);
          resolve();
        });
      });
      call.on('timeout', () => call.destroy(Object.assign(new Error('no answer'), { code: 'no answer' })));
      call.on('error', (error: NodeJS.ErrnoException) => {
        fail(error.code ?? error.message);
        resolve();
      });
      call.end();
    });
    pending.add(done);
    void done.then(() => pending.delete(done));
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
