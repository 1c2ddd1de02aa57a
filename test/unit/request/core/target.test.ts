import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTarget, selectorOfWorkload, type WorkloadKind } from '../../../../src/request/core/target.ts';
import { EXIT, UserError } from '../../../../src/values/errors.ts';

for (const text of ['web-1', 'pod/web-1', 'po/web-1', 'pods/web-1', 'POD/web-1', 'pod.v1./web-1']) {
  test(`${text} is a pod`, () => {
    assert.deepEqual(parseTarget(text), { kind: 'pod', name: 'web-1' });
  });
}

const WORKLOADS: readonly (readonly [WorkloadKind, readonly string[]])[] = [
  ['deployment', ['deploy', 'deployment', 'deployments', 'Deployment', 'deployment.apps', 'deployments.v1.apps']],
  ['statefulset', ['sts', 'statefulset', 'statefulsets', 'statefulset.apps']],
  ['daemonset', ['ds', 'daemonset', 'daemonsets', 'ds.apps']],
  ['replicaset', ['rs', 'replicaset', 'replicasets']],
  ['job', ['job', 'jobs', 'job.batch', 'jobs.v1.batch']],
  ['cronjob', ['cj', 'cronjob', 'cronjobs', 'cronjob.batch', 'cj.v1beta1.batch']],
  ['service', ['svc', 'service', 'services']],
];

for (const [resource, kinds] of WORKLOADS) {
  for (const kind of kinds) {
    test(`${kind}/web is a ${resource}`, () => {
      assert.deepEqual(parseTarget(`${kind}/web.v2`), { kind: 'workload', resource, name: 'web.v2' });
    });
  }
}

const KINDS =
  'the kinds are pod, deployment, statefulset, daemonset, replicaset, job, cronjob, service and their short forms, e.g. deploy/my-app';
const REFUSED: readonly (readonly [text: string, message: string, hint?: string])[] = [
  ['', "'' is not a target: expected POD or KIND/NAME", KINDS],
  ['/', "'/' is not a target: expected POD or KIND/NAME", KINDS],
  ['deploy/', "'deploy/' is not a target: expected POD or KIND/NAME", KINDS],
  ['/web', "'/web' is not a target: expected POD or KIND/NAME", KINDS],
  ['deploy/web/0', "'deploy/web/0' is not a target: expected POD or KIND/NAME", KINDS],
  ['configmap/web', "'configmap/web': unknown kind 'configmap'", KINDS],
  ['constructor/web', "'constructor/web': unknown kind 'constructor'", KINDS],
  ['deployment.example.com/web', "'deployment.example.com/web': unknown kind 'deployment.example.com'", KINDS],
  ['svc.apps/web', "'svc.apps/web': unknown kind 'svc.apps'", KINDS],
  ['--all', "'--all' is not a valid name of a pod"],
  ['deploy/--all', "'deploy/--all': '--all' is not a valid name of a deployment"],
  ['Web', "'Web' is not a valid name of a pod"],
  ['web 1', "'web 1' is not a valid name of a pod"],
  ['web..1', "'web..1' is not a valid name of a pod"],
  ['web\u001b', "'web\\u001b' is not a valid name of a pod"],
];

for (const [text, message, hint] of REFUSED) {
  test(`the target ${JSON.stringify(text)} is refused`, () => {
    assert.throws(() => parseTarget(text), { message, hint, exitCode: EXIT.usage });
  });
}

test('a name may be as long as Kubernetes allows and no longer', () => {
  assert.equal(parseTarget('a'.repeat(253)).kind, 'pod');
  assert.throws(() => parseTarget('a'.repeat(254)), UserError);
});

const workload = (spec: unknown) => ({ metadata: { name: 'web' }, spec });
const SELECTORS: readonly (readonly [WorkloadKind, spec: unknown, selector: string, replicas: number | undefined])[] = [
  ['deployment', { replicas: 1, selector: { matchLabels: { draft: 'example-go' } } }, 'draft=example-go', 1],
  ['deployment', { replicas: 0, selector: { matchLabels: { a: 'b' } } }, 'a=b', 0],
  [
    'replicaset',
    { replicas: 2, selector: { matchLabels: { draft: 'example-go', 'pod-template-hash': '69c9df97c9' } } },
    'draft=example-go,pod-template-hash=69c9df97c9',
    2,
  ],
  [
    'statefulset',
    {
      replicas: 3,
      selector: {
        matchLabels: { 'app.kubernetes.io/name': 'web' },
        matchExpressions: [
          { key: 'tier', operator: 'In', values: ['a', 'b'] },
          { key: 'env', operator: 'NotIn', values: ['old'] },
          { key: 'on', operator: 'Exists' },
          { key: 'off', operator: 'DoesNotExist', values: null },
        ],
      },
    },
    'app.kubernetes.io/name=web,tier in (a,b),env notin (old),on,!off',
    3,
  ],
  ['daemonset', { selector: { matchLabels: { a: '' } } }, 'a=', undefined],
  [
    'job',
    { parallelism: 1, selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': '1-2' } } },
    'batch.kubernetes.io/controller-uid=1-2',
    1,
  ],
  ['job', { parallelism: 0, replicas: 4, selector: { matchLabels: { a: 'b' } } }, 'a=b', 0],
  ['service', { replicas: 9, selector: { app: 'web', tier: 'front' } }, 'app=web,tier=front', undefined],
];

for (const [resource, spec, selector, replicas] of SELECTORS) {
  test(`a ${resource} stands for ${selector}`, () => {
    assert.deepEqual(selectorOfWorkload(workload(spec), resource), { selector, replicas });
  });
}

for (const [resource, spec] of [
  ['service', { type: 'ExternalName', externalName: 'example.com' }],
  ['service', { selector: {} }],
  ['service', { selector: null }],
  ['deployment', {}],
  ['deployment', { selector: {} }],
] as const) {
  test(`a ${resource} without selector is a clear error: ${JSON.stringify(spec)}`, () => {
    assert.throws(() => selectorOfWorkload(workload(spec), resource), {
      message: `${resource} 'web' has no selector, so it stands for no pods`,
      hint: 'name a pod or the workload behind it, or give a label selector with -l',
      exitCode: EXIT.failed,
    });
  });
}

const ODD: readonly (readonly [workload: unknown, message: string])[] = [
  [null, 'expected an object, got nothing'],
  [{ spec: {} }, 'metadata: expected an object, got nothing'],
  [workload(undefined), 'spec: expected an object, got nothing'],
  [workload({ selector: 'a=b' }), 'spec.selector: expected an object, got a string'],
  [workload({ replicas: '1' }), 'spec.replicas: expected a number, got a string'],
  [
    workload({ selector: { matchLabels: { a: 1 } } }),
    'spec.selector.matchLabels["a"]: expected a string, got a number',
  ],
  [
    workload({ selector: { matchLabels: { a: 'b,c=d' } } }),
    "spec.selector.matchLabels.a: expected a label's value, got a string",
  ],
  [
    workload({ selector: { matchLabels: { 'a in (b)': 'c' } } }),
    "spec.selector.matchLabels: expected a label's key, got a string",
  ],
  [
    workload({ selector: { matchExpressions: [{ key: 'a', operator: 'toString' }] } }),
    'spec.selector.matchExpressions[0].operator: expected In, NotIn, Exists or DoesNotExist, got a string',
  ],
];

for (const [value, message] of ODD) {
  test(`an odd workload is a clear error: ${message}`, () => {
    assert.throws(() => selectorOfWorkload(value, 'deployment'), {
      message: `kubectl printed something unexpected: ${message}`,
      exitCode: EXIT.failed,
    });
  });
}
