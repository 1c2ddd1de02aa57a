import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  keysOf,
  type Labels,
  matches,
  mergedSelector,
  requiredLabels,
} from '../../../../src/pods/core/merge-selectors.ts';

const REQUIRED: readonly (readonly [selector: string, labels: Labels | undefined])[] = [
  ['app=web', { app: 'web' }],
  ['app==web', { app: 'web' }],
  ['app.kubernetes.io/name=web,tier=front', { 'app.kubernetes.io/name': 'web', tier: 'front' }],
  ['app in (web,api)', undefined],
  ['app=web,!canary', undefined],
  ['app!=web', undefined],
  ['app=', undefined],
  ['app', undefined],
  ['', undefined],
];
for (const [selector, labels] of REQUIRED) {
  test(`'${selector}' ${labels === undefined ? 'asks for more than labels' : 'asks for labels'}`, () => {
    assert.deepEqual(requiredLabels(selector), labels);
  });
}

const MERGED: readonly (readonly [selectors: readonly string[], merged: string])[] = [
  [['app=web', 'app=api'], 'app in (web,api)'],
  [['name=web,part=a', 'part=a,name=db'], 'name in (web,db),part in (a)'],
];
for (const [selectors, merged] of MERGED) {
  test(`${selectors.join(' and ')} become ${merged}`, () => {
    const all = selectors.map((selector) => requiredLabels(selector) ?? {});
    assert.equal(new Set(all.map(keysOf)).size, 1);
    assert.equal(mergedSelector(all), merged);
  });
}

test('a pod is whose labels it has', () => {
  const labels = { app: 'web', tier: 'front' };
  assert.deepEqual([matches(labels, { app: 'web' }), matches(labels, { app: 'web', tier: 'back' })], [true, false]);
});
