import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodePlace,
  isPlaced,
  needsNoContext,
  type Place,
  placeOptions,
  placeWords,
  settleIn,
} from '../../../../src/kubectl/core/place.ts';
import type { KubectlSettings } from '../../../../src/request/core/settings.ts';

const settings = (changes: Partial<KubectlSettings> = {}): KubectlSettings => ({
  program: 'kubectl',
  flags: [],
  requestTimeout: undefined,
  namespace: undefined,
  context: undefined,
  ...changes,
});

const VIEWS: readonly (readonly [title: string, view: unknown, place: Place])[] = [
  [
    'the namespace it names',
    { 'current-context': 'a', contexts: [{ name: 'a', context: { namespace: 'n' } }] },
    { context: 'a', namespace: 'n', hasPlugin: false },
  ],
  [
    'default where it names none',
    { 'current-context': 'a', contexts: [{ name: 'a', context: {} }] },
    { context: 'a', namespace: 'default', hasPlugin: false },
  ],
  [
    'no context where none is current',
    { 'current-context': '', contexts: null },
    { context: undefined, namespace: 'default', hasPlugin: false },
  ],
  [
    'one where a plugin logs in',
    {
      'current-context': 'a',
      contexts: [{ name: 'a', context: {} }],
      users: [{ name: 'u', user: { exec: { command: 'aws' } } }],
    },
    { context: 'a', namespace: 'default', hasPlugin: true },
  ],
  [
    'one where a certificate logs in',
    { 'current-context': 'a', contexts: [{ name: 'a', context: {} }], users: [{ name: 'u', user: {} }] },
    { context: 'a', namespace: 'default', hasPlugin: false },
  ],
];
for (const [title, view, place] of VIEWS) {
  test(`a context's place is ${title}`, () => assert.deepEqual(decodePlace(view), place));
}

const here = { context: 'here', namespace: 'team' };
const unknown: Place = { context: undefined, namespace: undefined };
const CASES: readonly (readonly [
  title: string,
  given: Partial<KubectlSettings>,
  place: Place,
  flags: readonly string[],
  settled: Place,
])[] = [
  ['both are stated', {}, here, ['--context=here', '--namespace=team'], here],
  [
    'a namespace that was given stays',
    { namespace: 'mine', flags: ['--namespace=mine'] },
    here,
    ['--namespace=mine', '--context=here'],
    { context: 'here', namespace: 'mine' },
  ],
  [
    'a context that was given stays',
    { context: 'mine', flags: ['--context=mine'] },
    here,
    ['--context=mine', '--namespace=team'],
    { context: 'mine', namespace: 'team' },
  ],
  ['what is not known is not stated', {}, unknown, [], unknown],
];
for (const [title, given, place, flags, settled] of CASES) {
  test(`every later call names its place: ${title}`, () => {
    const now = settleIn(settings(given), place);
    assert.deepEqual([now.flags, now.context, now.namespace], [flags, settled.context, settled.namespace]);
    assert.equal(isPlaced(now), settled.context !== undefined && settled.namespace !== undefined);
  });
}

test('whether a plugin logs in is known from then on', () => {
  const once = settleIn(settings(), { ...here, hasPlugin: true });
  assert.equal(settleIn(once, unknown).hasPlugin, true);
  assert.equal(settleIn(settings(), unknown).hasPlugin, undefined);
});

test('a server or a cluster of the flags needs no context', () => {
  const withFlag = (flag: string) => needsNoContext(settings({ flags: [flag] }));
  assert.deepEqual(['--server=http://x', '--cluster=x', '--user=x'].map(withFlag), [true, true, false]);
});

test('a place is told as far as it is known', () => {
  assert.equal(placeWords({ context: 'test', namespace: 'team' }), ' in namespace team (context test)');
});

test('what is not known of a place is not said', () => {
  assert.equal(placeWords({ context: undefined, namespace: 'team' }), ' in namespace team');
  assert.equal(placeWords({ context: undefined, namespace: undefined }), '');
});

const OPTIONS: readonly (readonly [place: Place, options: string])[] = [
  [{ context: 'gke_a_b:c/d', namespace: 'web' }, ' -n web --context gke_a_b:c/d'],
  [{ context: 'my cluster', namespace: 'web' }, " -n web --context 'my cluster'"],
  [{ context: undefined, namespace: 'web' }, ' -n web'],
  [{ context: undefined, namespace: undefined }, ''],
];
for (const [place, options] of OPTIONS) {
  test(`a command in a hint is for the same place:${options}`, () => assert.equal(placeOptions(place), options));
}
