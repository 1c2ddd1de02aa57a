// A connection to a real cluster under observation: a client at a steady rate through its tunnel, each request with a
// mark of its own, and a journal of the log that must name each of them.
import assert from 'node:assert/strict';
import { type OpenLoopReport, type RequestEnd, startOpenLoop } from '../harness/open-loop.ts';
import { leftovers, type Program, runProgram } from '../harness/program.ts';
import type { Kubectl } from '../kubectls.ts';
import { LogJournal } from './log-journal.ts';
import { until } from './real-cluster.ts';

const GREETING = "Hello World, I'm Golang!\n";
let clients = 0;

export interface ClientRun extends OpenLoopReport {
  readonly requests: readonly (RequestEnd & { readonly mark: string })[];
}

export interface WatchedSession {
  readonly kubectl: Kubectl;
  readonly program: Program;
  readonly journal: LogJournal;
  startClient(
    perSecond: number,
    patienceMs?: number,
    onOver?: (request: RequestEnd & { mark: string }) => void,
  ): { finish(): Promise<ClientRun> };
  /** Waits until an event of this kind is told that was not told before `sinceMs`. */
  hears(what: { about?: string; change?: string; pod?: string }, sinceMs?: number): Promise<void>;
  /** Every answered request was logged exactly once. */
  logged(run: ClientRun): Promise<void>;
  end(): Promise<void>;
}

export async function startWatchedSession(
  kubectl: Kubectl,
  target: string,
  args: readonly string[] = [],
): Promise<WatchedSession> {
  const journal = new LogJournal();
  const program = runProgram([target, '-c', 'go', '-o', 'json', '--tail', '-1', ...args], { kubectl: kubectl.path });
  program.child.stdout?.on('data', (text: string) => journal.take(text));
  await program.sees('stdout', /"type":"tunnel"/);
  const port = () => {
    const local = journal.ports.get('go:8080');
    assert.ok(local !== undefined);
    return local;
  };
  return {
    kubectl,
    program,
    journal,
    startClient(perSecond, patienceMs, onOver) {
      const prefix = `${process.pid}-${clients++}`;
      const mark = (number: number) => `${prefix}-${number}`;
      const requests: (RequestEnd & { mark: string })[] = [];
      const loop = startOpenLoop({
        port: port(),
        perSecond,
        ...(patienceMs === undefined ? {} : { patienceMs }),
        path: (number) => `/?mark=${mark(number)}`,
        expect: GREETING,
        onOver(request) {
          const marked = { ...request, mark: mark(request.number) };
          if (onOver === undefined) requests.push(marked);
          else onOver(marked);
        },
      });
      return { finish: async () => ({ ...(await loop.finish()), requests }) };
    },
    async hears(what, sinceMs = 0) {
      const matches = () =>
        journal.told.some(
          (told) =>
            told.atMs >= sinceMs &&
            Object.entries(what).every(([key, value]) => told[key as keyof typeof told] === value),
        );
      await until(`${JSON.stringify(what)} among ${JSON.stringify(journal.told.slice(-8))}`, async () => matches());
    },
    async logged(run) {
      const answered = run.requests.filter(({ failure }) => failure === undefined);
      const missing = () => answered.filter(({ mark }) => journal.timesLogged(mark) === 0);
      await until('every answered request in the log', async () => missing().length === 0, 15_000).catch(() => {});
      assert.deepEqual(
        missing().map(({ mark, startMs }) => ({ mark, startMs })),
        [],
        `answered but not in the log, of ${answered.length}`,
      );
      assert.deepEqual(journal.repeatedRequests, []);
    },
    async end() {
      const { code } = await program.end();
      assert.equal(code, 0, program.stderr());
      assert.deepEqual(leftovers(program.pid), []);
    },
  };
}
