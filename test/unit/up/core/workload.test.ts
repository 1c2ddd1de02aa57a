import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  decodeWorkloads,
  newestRevision,
  ofApp,
  ofRelease,
  revisionsOf,
  type Workload,
} from '../../../../src/up/core/workload.ts';

const object = (
  kind: string,
  name: string,
  changes: { image?: string; labels?: object; status?: object; annotations?: object } = {},
) => ({
  kind,
  metadata: {
    name,
    uid: `uid-${name}`,
    generation: 3,
    annotations: {
      'meta.helm.sh/release-name': 'web',
      'deployment.kubernetes.io/revision': '2',
      ...changes.annotations,
    },
  },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name, ...changes.labels }, annotations: { buildID: 'B' } },
      spec: { containers: [{ name: 'c', image: changes.image ?? 'other:1' }] },
    },
  },
  status: { observedGeneration: 3, ...changes.status },
});
const decode = (...items: readonly object[]): readonly Workload[] => decodeWorkloads({ kind: 'List', items });
const only = (item: object): Workload => {
  const [one] = decode(item);
  assert.ok(one);
  return one;
};

test('workloads are read, Deployments first, and other kinds left out', () => {
  const found = decode(object('DaemonSet', 'd'), { kind: 'Job' }, object('Deployment', 'a', { image: 'r/web:1' }));
  assert.deepEqual(
    found.map(({ kind, name }) => `${kind}/${name}`),
    ['deployment/a', 'daemonset/d'],
  );
  assert.deepEqual(found[0], {
    kind: 'deployment',
    name: 'a',
    uid: 'uid-a',
    generation: 3,
    observed: true,
    release: 'web',
    images: ['r/web:1'],
    podLabels: { app: 'a' },
    selector: 'app=a',
    revision: '2',
    updateRevision: undefined,
  });
});

describe('the workload of a release', () => {
  const named = (choice: ReturnType<typeof ofRelease>) =>
    choice.kind === 'found' ? [choice.workload.name, choice.ignoresImage] : choice.kind;
  const redis = object('StatefulSet', 'redis');
  const web = object('Deployment', 'web', { image: 'r/web:1' });
  const foreign = object('Deployment', 'x', {
    image: 'r/web:1',
    annotations: { 'meta.helm.sh/release-name': 'other' },
  });
  test('is the one that runs the image', () =>
    assert.deepEqual(named(ofRelease(decode(foreign, redis, web), 'web', 'r/web:1')), ['web', false]));
  test('is its first where the chart ignores the image', () =>
    assert.deepEqual(named(ofRelease(decode(foreign, redis), 'web', 'r/web:1')), ['redis', true]));
  test('is none of another release', () => assert.equal(named(ofRelease(decode(foreign), 'web', 'r/web:1')), 'none'));
});

describe('the workload of an app', () => {
  const labelled = (name: string, label: string) => object('Deployment', name, { labels: { [label]: 'web' } });
  const order = ['draft', 'app.kubernetes.io/instance', 'app.kubernetes.io/name', 'app'];
  for (const [index, label] of order.entries()) {
    test(`is found by ${label} before what comes later`, () => {
      const choice = ofApp(
        decode(
          ...order
            .slice(index)
            .toReversed()
            .map((each) => labelled(each, each)),
        ),
        'web',
      );
      assert.equal(choice.kind === 'found' && choice.workload.name, label);
    });
  }
  test('may be none', () => assert.equal(ofApp(decode(labelled('a', 'other')), 'web').kind, 'none'));
});

describe('the newest revision', () => {
  const owned = (owner: string, number: number, hash: string, kind: 'rs' | 'cr') => ({
    metadata: {
      ownerReferences: [{ uid: owner }],
      labels: kind === 'rs' ? { 'pod-template-hash': hash } : { 'controller-revision-hash': hash },
      annotations: kind === 'rs' ? { 'deployment.kubernetes.io/revision': String(number) } : {},
    },
    ...(kind === 'cr' ? { revision: number } : {}),
  });
  const items = (...list: readonly object[]) => ({ items: list });
  const deployment = only(object('Deployment', 'a'));
  test('of a Deployment is the ReplicaSet of its own number', () => {
    assert.equal(revisionsOf(deployment), 'replicasets');
    const sets = items(
      owned('uid-x', 2, 'foreign', 'rs'),
      owned('uid-a', 1, 'old', 'rs'),
      owned('uid-a', 2, 'new', 'rs'),
    );
    assert.deepEqual(newestRevision(deployment, sets), { key: 'pod-template-hash', value: 'new' });
  });
  test('of a Deployment is unknown until its ReplicaSet is there, or its controller has looked', () => {
    assert.equal(newestRevision(deployment, items(owned('uid-a', 1, 'old', 'rs'))), undefined);
    const unseen = only(object('Deployment', 'a', { status: { observedGeneration: 2 } }));
    assert.equal(newestRevision(unseen, items(owned('uid-a', 2, 'new', 'rs'))), undefined);
  });
  test('of a StatefulSet is what it says itself', () => {
    const set = only(object('StatefulSet', 's', { status: { updateRevision: 's-2' } }));
    assert.equal(revisionsOf(set), undefined);
    assert.deepEqual(newestRevision(set, undefined), { key: 'controller-revision-hash', value: 's-2' });
  });
  test('of a DaemonSet is the last of its own', () => {
    const set = only(object('DaemonSet', 'd'));
    assert.equal(revisionsOf(set), 'controllerrevisions');
    const revisions = items(
      owned('uid-d', 2, 'new', 'cr'),
      owned('uid-d', 1, 'old', 'cr'),
      owned('uid-x', 9, 'foreign', 'cr'),
    );
    assert.deepEqual(newestRevision(set, revisions), { key: 'controller-revision-hash', value: 'new' });
    assert.equal(newestRevision(set, items()), undefined);
  });
});
