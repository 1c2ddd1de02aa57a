import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstQuestions, ownObject } from '../../../../src/pods/core/first-questions.ts';
import type { KubectlSettings } from '../../../../src/request/core/settings.ts';
import { parseTarget, type Target } from '../../../../src/request/core/target.ts';

const kubectl: KubectlSettings = {
  program: 'kubectl',
  flags: [],
  requestTimeout: undefined,
  namespace: undefined,
  context: undefined,
};
const APP: Target = { kind: 'app', name: 'web', selectors: ['draft=web'] };

/** Targets, with the namespace behind `@`; what each question asks kubectl to get. */
const CASES: readonly (readonly [title: string, apps: readonly (string | Target)[], questions: readonly string[]])[] = [
  ['one target is asked for by itself', ['deploy/api'], ['deployment/api']],
  ['named ones are asked for together', ['deploy/api', 'svc/db', 'x'], ['deployment/api service/db pod/x']],
  ['those of another namespace by themselves', ['deploy/a', 'svc/b@data', 'c'], ['deployment/a pod/c', 'service/b']],
  ['an app of draft.toml, too', [APP, 'svc/db', 'sts/redis'], ['pods', 'service/db statefulset/redis']],
];
for (const [title, apps, questions] of CASES) {
  test(title, () => {
    const asked = firstQuestions(apps.map(asking)).map(({ args }) => args.slice(1, args.findIndex(isFlag)).join(' '));
    assert.deepEqual(asked, questions);
  });
}

const isFlag = (arg: string) => arg.startsWith('--');

function asking(app: string | Target) {
  if (typeof app !== 'string') return { kubectl, target: app };
  const [text = '', namespace] = app.split('@');
  const flags = namespace === undefined ? [] : [`--namespace=${namespace}`];
  return { kubectl: { ...kubectl, namespace, flags }, target: parseTarget(text) };
}

test('each target finds its own object in a common answer', () => {
  const pod = { kind: 'Pod', metadata: { name: 'web' } };
  const job = { kind: 'CronJob', metadata: { name: 'web' } };
  const answer = { kind: 'List', items: [pod, job] };
  assert.equal(ownObject(answer, parseTarget('web')), pod);
  assert.equal(ownObject(answer, parseTarget('cj/web')), job);
  assert.equal(ownObject(answer, parseTarget('deploy/web')), undefined);
  assert.equal(ownObject(answer, APP), undefined);
  assert.throws(() => ownObject({ items: [{}] }, parseTarget('web')), /items\[\]\.kind/);
});
