// Something happens to an app while clients and readers of its logs are at work, and they must not notice: a client at 50
// new connections a second and a reader of the logs, with a kubectl of each protocol side by side.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { kubectlsUnderTest } from '../kubectls.ts';
import { kubectl, pause, until, type Workload } from './real-cluster.ts';
import { startWatchedSession, type WatchedSession } from './watched-session.ts';

const PER_SECOND = 50;
/** Kubernetes 1.20 took 45 s once until a StatefulSet's pod was back: more than the program's own 30 s. */
const HOLD_MS = 120_000;
export const SERVER_LOGS = { LOG_EVERY_MS: '20' };
/** More requests than these are not under way at one moment where an answer takes some milliseconds. */
const MOST_IN_FLIGHT = 5;
/**
 * While containers end and start, a refusal takes longer than an answer did before: 70 ms were seen after answers within
 * 25, and what kubectl cuts off together with the refused one was sent until then.
 */
const REFUSED_WITHIN_MS = 150;
/**
 * With Kubernetes 1.20 a kubectl may hang since the process was killed, which shows after a second only: the few that tried
 * it until then are given up after five seconds or more. Their number is bounded like that of all others.
 */
const HUNG_MS = 4_500;
/** The last numbered line tells a process's end so closely. */
const END_BLUR_MS = 40;

/** The numbered lines of a pod that is about to go, as plain kubectl reads them to their end. */
export async function lastTickOf(pod: string, args: readonly string[]): Promise<number> {
  const lines = await kubectl(['logs', pod, '-c', 'go', '--tail=20', ...args]);
  return Number([...lines.matchAll(/^tick (\d+)$/gm)].at(-1)?.[1]);
}

export interface Happening {
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
export async function nobodyNotices(
  t: TestContext,
  workload: Workload,
  sessions: readonly WatchedSession[],
  happening: Happening,
): Promise<void> {
  await workload.settled();
  const [pod] = await workload.podNames();
  assert.ok(pod !== undefined);
  const clients = sessions.map((session) => session.startClient(PER_SECOND, 2 * HOLD_MS));
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
    // A request that nothing takes any more is refused about as late as others were answered before; until then further
    // ones follow it, and kubectl cuts them off together with it. On a busy machine those are more than on an idle one.
    const newsMs = Math.max(
      0,
      ...run.requests.filter(({ endMs }) => endMs < sinceMs).map((one) => one.endMs - one.startMs),
    );
    const failed = run.requests
      .filter(({ failure }) => failure !== undefined)
      .map(({ startMs, endMs, failure, mark }) => ({
        failure,
        logged: journal.timesLogged(mark),
        startedAfterEndMs: Math.round(startMs - lastMs),
        tookMs: Math.round(endMs - startMs),
      }));
    t.diagnostic(
      `${under.version} (${under.protocol}): ${run.answered} of ${run.started} answered, ${failed.length} failed that were under way at the end, slowest ${Math.round(run.slowestMs)} ms, before it ${Math.round(newsMs)} ms`,
    );
    for (const one of failed) t.diagnostic(`failed: ${JSON.stringify(one)}`);
    const lateMs = Math.max(newsMs, REFUSED_WITHIN_MS);
    const late = failed.filter(({ startedAfterEndMs, tookMs }) => startedAfterEndMs > lateMs && tookMs < HUNG_MS);
    assert.deepEqual(late, [], `failed though nothing took them, ${Math.round(lateMs)} ms after the end or more`);
    const most = MOST_IN_FLIGHT + (PER_SECOND * newsMs) / 1000;
    assert.ok(failed.length <= most, `${failed.length} of at most ${most} failed: ${JSON.stringify(failed)}`);
  }
}

export const replacedBy = (session: WatchedSession, sinceMs: number) => session.hears({ change: 'replaced' }, sinceMs);

/** Does it while plain kubectl reads the pod's log to its end. */
export async function toTheEndOf(
  pod: string,
  act: () => Promise<void>,
): Promise<{ ended: ReadonlyMap<string, number> }> {
  const last = lastTickOf(pod, ['--follow']);
  await pause(300);
  await act();
  return { ended: new Map([[pod, await last]]) };
}

/** Sessions with a kubectl of each protocol. */
export async function connectAll(target: string): Promise<WatchedSession[]> {
  return Promise.all(kubectlsUnderTest().map((each) => startWatchedSession(each, target, ['--hold', `${HOLD_MS}ms`])));
}
