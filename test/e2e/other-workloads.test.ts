// What happens to apps that are no rolling Deployment on a real cluster, and that nobody notices.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { get } from '../harness/http.ts';
import { leftovers, runProgram } from '../harness/program.ts';
import { kubectlsUnderTest } from '../kubectls.ts';
import { connectAll, nobodyNotices, replacedBy, SERVER_LOGS, toTheEndOf } from './nobody-notices.ts';
import { createWorkload, NO_CLUSTER, restarts, until, type Workload, type WorkloadOptions } from './real-cluster.ts';
import type { WatchedSession } from './watched-session.ts';

describe('staying connected to other workloads on a real cluster', { skip: NO_CLUSTER }, () => {
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

  test('two apps in one session, of which one is rolled out', async (t) => {
    const [api, db] = await Promise.all([
      createWorkload('e2e-api', { containers: ['go'] }),
      createWorkload('e2e-db', { kind: 'StatefulSet', containers: ['multi-port'] }),
    ]);
    t.after(() => Promise.all([api.remove(), db.remove()]));
    const programs = kubectlsUnderTest().map((each) => runProgram([api.target, db.target], { kubectl: each.path }));
    t.after(() => Promise.all(programs.map((program) => program.end())));
    const ports = await Promise.all(programs.map((program) => program.connected(3)));
    await api.rollout();
    for (const [index, program] of programs.entries()) {
      await program.sees('stderr', new RegExp(`^${api.name}: pod \\S+ replaced by \\S+$`, 'm'));
      for (const name of [`${api.name}/go:8080`, `${db.name}/multi-port:80`, `${db.name}/multi-port:81`]) {
        assert.equal((await get(ports[index]?.get(name) ?? 0)).status, 200, name);
      }
      await program.sees('stdout', new RegExp(`^\\[${db.name}/multi-port\\]: .*GET`, 'm'));
      assert.doesNotMatch(program.stderr(), new RegExp(`^${db.name}: .*replaced`, 'm'));
      assert.equal((await program.end()).code, 0);
      assert.deepEqual(leftovers(program.pid), []);
    }
  });

  test('a container that ends again and again has the output of each instance shown once', async (t) => {
    const lines = 40;
    const app = await createWorkload('e2e-crashing', {
      containers: ['go'],
      script: `id=$(cat /proc/sys/kernel/random/uuid); i=0
        while [ $i -lt ${lines} ]; do i=$((i+1)); echo "$id $i"; done; sleep 3; echo "$id end"; exit 3`,
    });
    t.after(() => app.remove());
    const programs = kubectlsUnderTest().map((each) =>
      runProgram([app.target, '--tail', '-1', '--color', 'never'], { kubectl: each.path }),
    );
    t.after(() => Promise.all(programs.map((program) => program.end())));
    await until('two restarts', async () => {
      const [pod] = await app.podNames();
      return pod !== undefined && (await restarts(pod, 'go')) >= 2;
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
