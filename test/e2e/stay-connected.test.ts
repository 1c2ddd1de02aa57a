// What happens to a Deployment on a real cluster, and that nobody notices.
import { after, before, describe, test } from 'node:test';
import { connectAll, lastTickOf, nobodyNotices, replacedBy, SERVER_LOGS, toTheEndOf } from './nobody-notices.ts';
import { createWorkload, NO_CLUSTER, order, pause, restarts, until, type Workload } from './real-cluster.ts';
import type { WatchedSession } from './watched-session.ts';

/**
 * kubectl notices a killed API server some 0.1 to 0.2 s later. What it takes until then goes into a dead connection, and
 * nobody can tell that from one whose answer was lost, so it must not be sent again.
 */
const KUBECTL_NOTICES_MS = 200;

describe('staying connected to a Deployment on a real cluster', { skip: NO_CLUSTER }, () => {
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
        const cutMs = performance.now() + KUBECTL_NOTICES_MS;
        await pause(3_000);
        await order('start', 'apiserver');
        return { ended: new Map(), cutMs };
      },
      over: (session, _, sinceMs) => session.hears({ about: 'api-restored' }, sinceMs),
    }));
});
