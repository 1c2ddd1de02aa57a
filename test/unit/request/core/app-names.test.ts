import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameApps } from '../../../../src/request/core/app-names.ts';
import { parseTarget, type Target } from '../../../../src/request/core/target.ts';
import { EXIT } from '../../../../src/values/errors.ts';

const APP: Target = { kind: 'app', name: 'web', selectors: ['draft=web'] };

/** Written as TARGET, with the namespace behind `@`. */
const NAMES: readonly (readonly [apps: readonly (string | Target)[], names: readonly string[]])[] = [
  [['deploy/api'], ['api']],
  [[{ kind: 'selector', selector: 'app=web' }], ['app=web']],
  [
    ['deploy/api', 'svc/postgres', 'redis-0'],
    ['api', 'postgres', 'redis-0'],
  ],
  [
    ['deploy/web', 'svc/web', 'sts/redis'],
    ['deploy/web', 'svc/web', 'redis'],
  ],
  [
    ['web', 'deployments.apps/web', 'cj/web'],
    ['pod/web', 'deploy/web', 'cronjob/web'],
  ],
  [
    [APP, 'svc/web'],
    ['web', 'svc/web'],
  ],
  [
    ['svc/db', 'svc/db@data'],
    ['svc/db', 'data/svc/db'],
  ],
  [
    ['svc/db@a', 'svc/db@b', 'sts/db@b'],
    ['a/svc/db', 'b/svc/db', 'sts/db'],
  ],
];
for (const [apps, names] of NAMES) {
  test(`apps are called ${names.join(', ')}`, () => {
    assert.deepEqual(nameApps(apps.map(named)), names);
  });
}

const TWICE: readonly (readonly [apps: readonly string[], message: string])[] = [
  [['deploy/web', 'deployment/web'], 'deploy/web is named twice'],
  [['web', 'sts/db', 'pod/web'], 'pod/web is named twice'],
  [['svc/db@a', 'svc/db@a'], 'a/svc/db is named twice'],
];
for (const [apps, message] of TWICE) {
  test(`refused: ${message}`, () => {
    const hint = 'name each target once';
    assert.throws(() => nameApps(apps.map(named)), { message, hint, exitCode: EXIT.usage });
  });
}

function named(app: string | Target) {
  if (typeof app !== 'string') return { target: app, namespace: undefined };
  const [target = '', namespace] = app.split('@');
  return { target: parseTarget(target), namespace };
}
