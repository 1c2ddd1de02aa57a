// What happens to an app on a real cluster, and that neither a client at 50 new connections a second nor a reader of the
// logs notices. Sessions with a kubectl of each protocol go through each event together.
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { leftovers, runProgram } from '../harness/program.ts';
import { kubectlsUnderTest } from '../kubectls.ts';
import {
  createWorkload,
  kubectl,
  NO_CLUSTER,
  order,
  pause,
  restarts,
  until,
  type Workload,
  type WorkloadOptions,
} from './real-cluster.ts';
import { startWatchedSession, type WatchedSession } from './watched-session.ts';

const PER_SECOND = 50;
const SERVER_LOGS = { LOG_EVERY_MS: '20' };
/** More requests than this are never under way at one moment. */
const MOST_IN_FLIGHT = 5;
/** The last numbered line tells a process's end so closely. */
const END_BLUR_MS = 40;

/** The numbered lines of a pod that is about to go, as plain kubectl reads them to their end. */
async function lastTickOf(pod: string, args: readonly string[]): Promise<number> {
  const lines = await kubectl(['logs', pod, '-c', 'go', '--tail=20', ...args]);
  return Number([...lines.matchAll(/^tick (\d+)$/gm)].at(-1)?.[1]);
}

interface Happening {
  /** Performs it. */
  happen(pod: string): Promise<{
    /** The last number that each instance which has ended logged, by pod. */
    readonly ended: ReadonlyMap<string, number>;
    /** When every connection was cut; requests under way then may fail, as may those that a process took and then ended. */
    readonly cutMs?: number;
  }>;
  /** When it is over for the session. */
  over(session: WatchedSession, pod: string, sinceMs: number): Promise<void>;
}

/** While both work at their rate, it happens. */
async function nobodyNotices(
  t: TestContext,
  workload: Workload,
  sessions: readonly WatchedSession[],
  happening: Happening,
): Promise<void> {
  await workload.settled();
  const [pod] = await workload.podNames();
  assert.ok(pod !== undefined);
  const clients = sessions.map((session) => session.startClient(PER_SECOND));
  await pause(1_000);
  const sinceMs = performance.now();
  const { ended, cutMs = 0 } = await happening.happen(pod);
  await Promise.all(sessions.map((session) => happening.over(session, pod, sinceMs)));
  await pause(1_500);
  const runs = await Promise.all(clients.map((client) => client.finish()));
  for (const [index, session] of sessions.entries()) {
    const { journal, kubectl: under } = session;
    const run = runs[index];
    assert.ok(run !== undefined);
    await session.logged(run);
    assert.deepEqual(journal.faults, []);
    let lastMs = cutMs;
    for (const [name, last] of ended) {
      const find = () => journal.lastTicks(name).find(({ tick }) => tick >= last);
      await until(
        `tick ${last} of ${name}, has ${JSON.stringify(journal.lastTicks(name))}`,
        async () => find() !== undefined,
      );
      lastMs = Date.parse(find()?.timestamp ?? '') - performance.timeOrigin + END_BLUR_MS;
    }
    const failed = run.requests
      .filter(({ failure }) => failure !== undefined)
      .map(({ startMs, endMs, failure, mark }) => ({
        failure,
        logged: journal.timesLogged(mark),
        startedAfterEndMs: Math.round(startMs - lastMs),
        tookMs: Math.round(endMs - startMs),
      }));
    t.diagnostic(
      `${under.version} (${under.protocol}): ${run.answered} of ${run.started} answered, ${failed.length} failed that were under way at the end, slowest ${Math.round(run.slowestMs)} ms`,
    );
    assert.deepEqual(
      failed.filter(({ startedAfterEndMs }) => startedAfterEndMs > 0),
      [],
      'failed though nothing took them',
    );
    assert.ok(failed.length <= MOST_IN_FLIGHT, JSON.stringify(failed));
  }
}

const replacedBy = (session: WatchedSession, sinceMs: number) => session.hears({ change: 'replaced' }, sinceMs);

/** Does it while plain kubectl reads the pod's log to its end. */
async function toTheEndOf(pod: string, act: () => Promise<void>): Promise<{ ended: ReadonlyMap<string, number> }> {
  const last = lastTickOf(pod, ['--follow']);
  await pause(300);
  await act();
  return { ended: new Map([[pod, await last]]) };
}

describe('staying connected to a real cluster', { skip: NO_CLUSTER, timeout: 170_000 }, () => {
  const kubectls = kubectlsUnderTest();

  async function connectAll(target: string): Promise<WatchedSession[]> {
    return Promise.all(kubectls.map((each) => startWatchedSession(each, target)));
  }

  /** An app with its sessions, for one test. */
  async function withApp(
    t: TestContext,
    name: string,
    options: WorkloadOptions,
    target: (app: Workload) => string,
  ): Promise<{ app: Workload; sessions: readonly WatchedSession[] }> {
    const app = await createWorkload(name, { env: SERVER_LOGS, ...options });
    t.after(() => app.remove());
    const sessions = await connectAll(target(app));
    t.after(() => Promise.all(sessions.map((session) => session.end())));
    return { app, sessions };
  }

  describe('a Deployment', () => {
    let app: Workload;
    let sessions: WatchedSession[] = [];
    before(async () => {
      app = await createWorkload('e2e-rolling', { env: SERVER_LOGS });
      sessions = await connectAll(app.target);
    });
    after(async () => {
      await app.remove();
      await Promise.all(sessions.map((session) => session.end()));
    });

    test('is rolled out anew', (t) =>
      nobodyNotices(t, app, sessions, {
        happen: (pod) => toTheEndOf(pod, () => app.rollout()),
        over: (session, _, sinceMs) => replacedBy(session, sinceMs),
      }));

    test('has its pod deleted', (t) =>
      nobodyNotices(t, app, sessions, {
        happen: (pod) => toTheEndOf(pod, () => app.deletePod(pod, { wait: false })),
        over: (session, _, sinceMs) => replacedBy(session, sinceMs),
      }));

    test('is scaled to zero and back', (t) =>
      nobodyNotices(t, app, sessions, {
        happen: (pod) =>
          toTheEndOf(pod, async () => {
            await app.scale(0);
            await pause(2_000);
            await app.scale(1);
          }),
        over: (session, _, sinceMs) => replacedBy(session, sinceMs),
      }));

    test('has its process killed', (t) =>
      nobodyNotices(t, app, sessions, {
        async happen(pod) {
          const count = await restarts(pod, 'go');
          await order('crash', pod, 'go');
          await until('restart', async () => (await restarts(pod, 'go')) > count);
          return { ended: new Map([[pod, await lastTickOf(pod, ['--previous'])]]) };
        },
        over: (session, pod, sinceMs) => session.hears({ about: 'container-restarted', pod }, sinceMs),
      }));

    test('has an API server that is killed and comes back', (t) =>
      nobodyNotices(t, app, sessions, {
        async happen() {
          await order('stop', 'apiserver');
          const cutMs = performance.now();
          await pause(3_000);
          await order('start', 'apiserver');
          return { ended: new Map(), cutMs };
        },
        over: (session, _, sinceMs) => session.hears({ about: 'api-restored' }, sinceMs),
      }));
  });

  test('a Deployment that is recreated rather than rolled', async (t) => {
    const { app, sessions } = await withApp(t, 'e2e-recreate', { strategy: 'Recreate' }, ({ target }) => target);
    await nobodyNotices(t, app, sessions, {
      happen: (pod) => toTheEndOf(pod, () => app.rollout()),
      over: (session, _, sinceMs) => replacedBy(session, sinceMs),
    });
  });

  test("a StatefulSet's pod that comes back under its name", async (t) => {
    const { app, sessions } = await withApp(t, 'e2e-set', { kind: 'StatefulSet' }, ({ name }) => `pod/${name}-0`);
    await nobodyNotices(t, app, sessions, {
      happen: (pod) => toTheEndOf(pod, () => app.deletePod(pod)),
      over: (session, pod, sinceMs) => session.hears({ change: 'restored', pod }, sinceMs),
    });
  });

  test('a container that ends again and again has the output of each instance shown once', async (t) => {
    const lines = 40;
    const app = await createWorkload('e2e-crashing', {
      containers: ['go'],
      script: `id=$(cat /proc/sys/kernel/random/uuid); i=0
        while [ $i -lt ${lines} ]; do i=$((i+1)); echo "$id $i"; done; sleep 3; echo "$id end"; exit 3`,
    });
    t.after(() => app.remove());
    const programs = kubectls.map((each) =>
      runProgram([app.target, '--tail', '-1', '--color', 'never'], { kubectl: each.path }),
    );
    t.after(() => Promise.all(programs.map((program) => program.end())));
    await until('three restarts', async () => {
      const [pod] = await app.podNames();
      return pod !== undefined && (await restarts(pod, 'go')) >= 3;
    });
    for (const program of programs) {
      await program.sees('stdout', /(?:\[go\]: \S+ end\n(?:.*\n)*?){3}/);
      await program.sees('stderr', /ended with exit code 3/);
      const shown = [...program.stdout().matchAll(/^\[go\]: (\S{36}) (\S+)$/gm)];
      const instances = [...new Set(shown.map(([, id]) => id))];
      const whole = [...Array.from({ length: lines }, (_, index) => `${index + 1}`), 'end'];
      for (const [index, instance] of instances.entries()) {
        const said = shown.filter(([, id]) => id === instance).map(([, , text]) => text);
        const running = index === instances.length - 1 && said.at(-1) !== 'end';
        assert.deepEqual(said, running ? whole.slice(0, said.length) : whole);
      }
      const { code } = await program.end();
      assert.ok(code === 0 || code === 130, `${code}\n${program.stderr()}`);
      assert.deepEqual(leftovers(program.pid), []);
    }
  });
});
