// The network has changed: connections to the API server lead nowhere, and nobody says so. kubectl gives up after 30 s.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { get } from '../harness/http.ts';
import { startRelay } from '../harness/relay.ts';
import { kubectlsUnderTest } from '../kubectls.ts';
import { endConnected, startPlace } from './connect-setup.ts';

/** More than kubectl has listeners, so that some share one. */
const CLIENTS = 12;

describe('after a change of the network', { concurrency: true }, () => {
  for (const kubectl of kubectlsUnderTest()) {
    test(`all that waited reach the pod that is there by now, each once (kubectl ${kubectl.version})`, async (context) => {
      const place = await startPlace(kubectl.path);
      context.after(() => place.stop());
      const { cluster } = place;
      const counters = await cluster.addExample({ terminationMs: 500 });
      const relay = await startRelay(cluster.url, cluster.kubeconfig);
      context.after(() => relay.close());
      const program = place.run(['deploy/example-go', '--hold', '50s'], { kubeconfig: relay.kubeconfig });
      const ports = await program.connected(3);
      const port = ports.get('go:8080') ?? 0;
      await get(port, '/before');
      await program.sees('stdout', /\/before/);
      await cluster.streamsOpened('watch');
      relay.hush();
      const [before] = cluster.podNames('example-go');
      await cluster.rollout('example-go');
      const answers = await Promise.all(
        Array.from({ length: CLIENTS }, (_, index) => get(port, `/after-${index}`, { timeoutMs: 60_000 })),
      );
      assert.deepEqual(
        answers.map(({ status }) => status),
        answers.map(() => 200),
        program.stderr(),
      );
      assert.equal(counters.go.requests, 1 + CLIENTS);
      await program.sees('stderr', new RegExp(`pod ${before} replaced by`));
      // Nobody has tried this one: it is known to be dead all the same.
      assert.equal((await get(ports.get('multi-port:80') ?? 0, '/', { timeoutMs: 10_000 })).status, 200);
      await program.sees('stdout', /\/after-/);
      await endConnected(program);
    });
  }
});
