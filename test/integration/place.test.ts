// The place of a session, context and namespace, is fixed at its start, whatever becomes of the kubeconfig.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { get } from '../harness/http.ts';
import { makeFolder } from '../harness/program.ts';
import { endConnected, type Place, startPlace } from './connect-setup.ts';

const cwd = tmpdir();

describe('a running session', { concurrency: 3 }, () => {
  let place: Place;
  let elsewhere: Place;
  before(async () => {
    [place, elsewhere] = await Promise.all([startPlace(), startPlace()]);
  });
  after(() => {
    place.stop();
    elsewhere.stop();
  });

  function kubeconfigOf(current: string, namespace: string, here = place): string {
    const clusters = [here, elsewhere].map(({ cluster }, index) => {
      return { name: `c${index}`, cluster: { server: cluster.url } };
    });
    const contexts = ['here', 'elsewhere'].map((name, index) => {
      return { name, context: { cluster: `c${index}`, user: 'u', namespace } };
    });
    const config = { apiVersion: 'v1', kind: 'Config', clusters, contexts, users: [{ name: 'u', user: {} }] };
    return JSON.stringify({ ...config, 'current-context': current });
  }

  const changes: readonly (readonly [title: string, current: string, namespace: string])[] = [
    ['stays in its cluster when another context is used', 'elsewhere', 'default'],
    ['stays in its namespace when the context names another', 'here', 'other'],
  ];
  for (const [index, [title, current, namespace]] of changes.entries()) {
    test(title, async () => {
      const name = `app-${index}`;
      await place.cluster.addExample({ name, selector: { draft: name } });
      const folder = makeFolder({ config: kubeconfigOf('here', 'default') });
      const kubeconfig = join(folder.path, 'config');
      const program = place.run([`deploy/${name}`], { cwd, kubeconfig });
      const ports = await program.connected(3);
      writeFileSync(kubeconfig, kubeconfigOf(current, namespace));
      await place.cluster.rollout(name);
      await program.sees('stderr', /replaced by/);
      assert.equal((await get(ports.get('go:8080') ?? 0)).status, 200);
      // A log that is read shows that the next pod's has been asked for.
      await program.sees('stdout', /\[go\]: .*GET/);
      await endConnected(program);
      assert.deepEqual(elsewhere.cluster.requests, []);
      assert.deepEqual(
        place.cluster.requests.filter((request) => request.namespace === namespace && namespace !== 'default'),
        [],
      );
      folder.remove();
    });
  }

  test('says so when its kubeconfig vanishes, and follows its pod when that is back', async () => {
    const own = await startPlace();
    await own.cluster.addExample();
    const folder = makeFolder({ config: kubeconfigOf('here', 'default', own) });
    const kubeconfig = join(folder.path, 'config');
    const program = own.run(['deploy/example-go', '--no-logs'], { cwd, kubeconfig });
    await program.connected(3);
    await own.cluster.streamsOpened('watch');
    rmSync(kubeconfig);
    own.cluster.endWatches();
    await program.sees('stderr', /the kubeconfig is gone, or has no context 'here' any more; trying again/);
    writeFileSync(kubeconfig, kubeconfigOf('elsewhere', 'default', own));
    await program.sees('stderr', /answers again/);
    await own.cluster.rollout('example-go');
    await program.sees('stderr', /replaced by/);
    await endConnected(program);
    own.stop();
    folder.remove();
  });
});
