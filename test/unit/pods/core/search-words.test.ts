import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentsHint, likelyTarget, noPodWords } from '../../../../src/pods/core/search-words.ts';
import type { Target } from '../../../../src/request/core/target.ts';

const PLACE = { context: 'test', namespace: 'team' };
const app = (...selectors: string[]): Target => ({ kind: 'app', name: 'web', selectors });

const CASES: readonly (readonly [target: Target, file: string | undefined, words: string])[] = [
  [
    { kind: 'selector', selector: 'app=web' },
    undefined,
    'there is no pod that matches app=web in namespace team (context test)',
  ],
  [
    { kind: 'workload', resource: 'deployment', name: 'web' },
    undefined,
    'there is no pod of deployment web in namespace team (context test)',
  ],
  [
    app('draft=web', 'a=web', 'app=web'),
    '/x/draft.toml',
    'there is no pod with the label draft=web, a=web or app=web in namespace team (context test), as /x/draft.toml says',
  ],
  [app('a=b'), 'draft.toml', 'there is no pod with the label a=b in namespace team (context test), as draft.toml says'],
];
for (const [target, file, words] of CASES) {
  test(words, () => assert.equal(noPodWords(target, PLACE, file), words));
}

const LIKELY: readonly (readonly [title: string, answer: unknown, target: string | undefined])[] = [
  ['the only object of that name', { kind: 'Service' }, 'svc/web'],
  ['the likeliest of several', { kind: 'List', items: [{ kind: 'Service' }, { kind: 'Deployment' }] }, 'deploy/web'],
  ['nothing of an empty list', { kind: 'List', items: [] }, undefined],
  ['nothing of another kind', { kind: 'ConfigMap' }, undefined],
];
for (const [title, answer, target] of LIKELY) {
  test(`a bare name that is not a pod means ${title}`, () => assert.equal(likelyTarget(answer, 'web'), target));
}

const deployments = (...names: string[]) => ({
  kind: 'List',
  items: names.map((name) => ({ metadata: { name, namespace: 'shop' } })),
});
const HINTS: readonly (readonly [title: string, answer: unknown, hint: string | undefined])[] = [
  ['none', deployments(), undefined],
  ['one', deployments('web'), 'in namespace shop there is deploy/web'],
  ['two', deployments('api', 'web'), 'in namespace shop there are deploy/api, deploy/web'],
  [
    'many',
    deployments('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'),
    'in namespace shop there are deploy/a, deploy/b, deploy/c, deploy/d, deploy/e, deploy/f, deploy/g, deploy/h and 2 more',
  ],
];
for (const [title, answer, hint] of HINTS) {
  test(`of Deployments that could be named there are ${title}`, () => assert.equal(deploymentsHint(answer), hint));
}
