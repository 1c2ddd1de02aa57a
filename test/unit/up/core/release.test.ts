import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  decodeReleased,
  decodeStatus,
  historyCall,
  type Place,
  type Release,
  upgradeCall,
  valuesCall,
} from '../../../../src/up/core/release.ts';

const place: Place = { namespace: 'dev', context: 'test', kubectlFlags: [] };
const release: Release = {
  name: 'web',
  chart: '/app/charts/web',
  repository: 'r/web',
  tag: '0123',
  buildId: '01C9HJKRQ7VZ3C4G9KBCS41BFJ',
  set: [],
  wait: false,
  timeoutMs: 60_000,
  createNamespace: false,
};
const own = '--set-string=image.repository=r/web,image.tag=0123,draft=web,buildID=01C9HJKRQ7VZ3C4G9KBCS41BFJ';
const where = ['--namespace=dev', '--kube-context=test'];

describe('a release', () => {
  const cases: readonly (readonly [title: string, Partial<Release>, Partial<Place>, readonly string[]])[] = [
    ['states its place and its image', {}, {}, [...where, own]],
    ['without a context names none', {}, { context: undefined }, ['--namespace=dev', own]],
    ['makes a namespace that is missing', { createNamespace: true }, {}, [...where, '--create-namespace', own]],
    [
      'takes draft.toml’s values after its own',
      { set: ['a=b,c=d', 'x=y'] },
      {},
      [...where, own, '--set=a=b,c=d', '--set=x=y'],
    ],
    ['waits when asked to', { wait: true }, {}, [...where, own, '--wait']],
    [
      'translates kubectl’s flags and drops what has no meaning for helm',
      {},
      {
        kubectlFlags: [
          '--kubeconfig=/k',
          '--server=https://x',
          '--as-group=g',
          '--v=6',
          '--context=test',
          '--namespace=dev',
        ],
      },
      [...where, '--kubeconfig=/k', '--kube-apiserver=https://x', '--kube-as-group=g', own],
    ],
  ];
  for (const [title, changes, placeChanges, flags] of cases) {
    test(title, () => {
      const call = upgradeCall({ ...release, ...changes }, { ...place, ...placeChanges });
      assert.deepEqual(call.args, [
        'upgrade',
        '--install',
        ...flags,
        '--timeout=60000ms',
        '--',
        'web',
        '/app/charts/web',
      ]);
      assert.equal(call.program, 'helm');
    });
  }

  test('takes no part of its place from helm’s own variables', () => {
    const { env } = upgradeCall(release, place);
    for (const name of ['HELM_NAMESPACE', 'HELM_KUBECONTEXT', 'HELM_KUBETOKEN']) {
      assert.ok(Object.hasOwn(env, name));
      assert.equal(env[name], undefined);
    }
  });

  for (const flag of ['--cluster=c', '--user=u', '--client-key=/k', '--as-uid=1']) {
    test(`refuses ${flag}, which helm does not know`, () =>
      assert.throws(() => upgradeCall(release, { ...place, kubectlFlags: [flag] }), {
        name: 'UserError',
        exitCode: 2,
      }));
  }
});

test('helm is asked for values and history in the same place', () => {
  assert.deepEqual(valuesCall('web', place).args, ['get', 'values', ...where, '--output=json', '--', 'web']);
  assert.deepEqual(historyCall('web', place).args, ['history', ...where, '--output=json', '--max=1', '--', 'web']);
});

const released: readonly (readonly [title: string, value: unknown, expected: unknown])[] = [
  ['a release of ours', { image: { repository: 'r', tag: 't' }, buildID: 'B' }, { image: 'r:t', buildId: 'B' }],
  ['somebody else’s release', { image: { repository: 'r', tag: 1 } }, undefined],
  ['no values', null, undefined],
  ['an odd answer', 'x', undefined],
];
for (const [title, value, expected] of released) {
  test(`what was released before is read from ${title}`, () => assert.deepEqual(decodeReleased(value), expected));
}

test('the state of the last revision is read, and nothing from what is odd', () => {
  assert.equal(
    decodeStatus([
      { revision: 1, status: 'deployed' },
      { revision: 2, status: 'pending-upgrade' },
    ]),
    'pending-upgrade',
  );
  for (const odd of [undefined, [], {}, [{ status: 1 }]]) assert.equal(decodeStatus(odd), undefined);
});
