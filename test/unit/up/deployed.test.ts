import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Answer } from '../../../src/kubectl/ask.ts';
import { ofRelease } from '../../../src/up/core/workload.ts';
import { findDeployed, type Kube, listWorkloads } from '../../../src/up/deployed.ts';
import { UserError } from '../../../src/values/errors.ts';
import { answered, NO_KUBE } from './scripted-up.ts';

const { signal } = new AbortController();
const deployment = (observed: number) => ({
  kind: 'Deployment',
  metadata: {
    name: 'web',
    uid: 'u',
    generation: 2,
    annotations: { 'meta.helm.sh/release-name': 'web', 'deployment.kubernetes.io/revision': '2' },
  },
  spec: { selector: { matchLabels: { app: 'web' } }, template: { spec: { containers: [{ image: 'r:1' }] } } },
  status: { observedGeneration: observed },
});
const replicaSet = {
  metadata: {
    ownerReferences: [{ uid: 'u' }],
    labels: { 'pod-template-hash': 'new' },
    annotations: { 'deployment.kubernetes.io/revision': '2' },
  },
};
const failure = (kind: 'forbidden' | 'unreachable'): Answer => ({
  kind: 'failed',
  failure: kind,
  error: new UserError(kind),
});

describe('what was deployed', () => {
  const find = (list: Kube['list'], timeoutMs = 5_000) =>
    findDeployed(
      { ...NO_KUBE, list },
      { selector: 'x', choose: (all) => ofRelease(all, 'web', 'r:1'), timeoutMs, signal },
    );

  test('is known once its controller has made the newest revision', async () => {
    let asked = 0;
    const found = await find(async (resources) => {
      if (resources === 'replicasets') return answered(...(asked > 2 ? [replicaSet] : []));
      asked += 1;
      return answered(deployment(asked > 1 ? 2 : 1));
    });
    assert.deepEqual(found?.revision, { key: 'pod-template-hash', value: 'new' });
    assert.equal(asked, 3);
  });

  test('is nothing when the release has no workload', async () =>
    assert.equal(await find(async () => answered()), undefined));

  test('is an error when its controller does nothing', () =>
    assert.rejects(
      find(async (resources) => (resources === 'replicasets' ? answered() : answered(deployment(2))), 0),
      { name: 'UserError', message: /made no pods of the new deployment web within 0 s/ },
    ));

  test('is no longer waited for after an interruption, which is no error of its own', async () => {
    const abort = new AbortController();
    const list = async () => {
      setImmediate(() => abort.abort('SIGINT'));
      return answered(deployment(1));
    };
    const options = { selector: 'x', choose: (all: Parameters<typeof ofRelease>[0]) => ofRelease(all, 'web', 'r:1') };
    const found = findDeployed({ ...NO_KUBE, list }, { ...options, timeoutMs: 5_000, signal: abort.signal });
    assert.equal(await found.catch((error: unknown) => error), 'SIGINT');
  });

  test('is an error in kubectl’s own words when that cannot tell', () =>
    assert.rejects(
      find(async () => failure('unreachable')),
      { message: 'unreachable' },
    ));
});

test('who may see Deployments alone is shown those', async () => {
  const asked: string[] = [];
  const list: Kube['list'] = async (resources) => {
    asked.push(resources);
    return resources.includes(',') ? failure('forbidden') : answered(deployment(2));
  };
  const found = await listWorkloads({ ...NO_KUBE, list }, undefined, signal);
  assert.deepEqual(
    found.map(({ name }) => name),
    ['web'],
  );
  assert.deepEqual(asked, ['deployments.apps,statefulsets.apps,daemonsets.apps', 'deployments.apps']);
});
