import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedApps } from '../../../../src/request/core/asked-apps.ts';
import { readEnvironment } from '../../../../src/request/core/manifest.ts';
import type { ConnectFlags } from '../../../../src/request/core/settings.ts';
import type { Target } from '../../../../src/request/core/target.ts';
import { EXIT, UserError } from '../../../../src/values/errors.ts';
import { NO_FLAGS } from '../../no-flags.ts';

const EXAMPLE = { name: 'example-go', 'override-ports': ['8080:8080', '9090:80'], namespace: 'apps' };
const APP: Target = {
  kind: 'app',
  name: 'example-go',
  selectors: [
    'draft=example-go',
    'app.kubernetes.io/instance=example-go',
    'app.kubernetes.io/name=example-go',
    'app=example-go',
  ],
};

interface TargetCase {
  readonly title: string;
  readonly flags?: Partial<ConnectFlags>;
  readonly toml?: Record<string, unknown>;
  readonly target: Target;
  readonly app: string;
}

const TARGETS: readonly TargetCase[] = [
  { title: 'draft.toml’s name', toml: EXAMPLE, target: APP, app: 'example-go' },
  {
    title: 'draft.toml’s selector replaces the labels',
    toml: { ...EXAMPLE, selector: 'a=b' },
    target: { kind: 'app', name: 'example-go', selectors: ['a=b'] },
    app: 'example-go',
  },
  {
    title: 'draft.toml’s selector without a name',
    toml: { selector: 'a=b' },
    target: { kind: 'selector', selector: 'a=b' },
    app: 'a=b',
  },
  {
    title: 'TARGET before draft.toml, and the app is called after it',
    flags: { targets: ['deploy/web'] },
    toml: EXAMPLE,
    target: { kind: 'workload', resource: 'deployment', name: 'web' },
    app: 'web',
  },
  {
    title: 'TARGET alone',
    flags: { targets: ['svc/web'] },
    target: { kind: 'workload', resource: 'service', name: 'web' },
    app: 'web',
  },
  {
    title: '-l before draft.toml',
    flags: { selector: 'a in (b)' },
    toml: EXAMPLE,
    target: { kind: 'selector', selector: 'a in (b)' },
    app: 'a in (b)',
  },
  { title: '-l alone', flags: { selector: '!a' }, target: { kind: 'selector', selector: '!a' }, app: '!a' },
];

for (const { title, flags = {}, toml, target, app } of TARGETS) {
  test(`the target: ${title}`, () => {
    const [made, ...others] = asked(flags, toml);
    assert.deepEqual([made?.target, made?.app, others], [target, app, []]);
  });
}

const CONNECT = [
  { target: 'svc/postgres', namespace: 'data', 'override-ports': ['5432:5432'], logs: false },
  { target: 'redis-0' },
];
test('draft.toml’s app comes with what it needs', () => {
  const apps = asked({}, { ...EXAMPLE, connect: CONNECT });
  assert.deepEqual(
    apps.map(({ app, manifest, namespace, overridePorts, logs }) => {
      return [app, manifest, namespace, overridePorts.map(({ text }) => text).join(), logs];
    }),
    [
      ['example-go', 'draft.toml', undefined, '8080:8080,9090:80', true],
      ['postgres', 'draft.toml', 'data', '5432:5432', false],
      ['redis-0', 'draft.toml', undefined, '', true],
    ],
  );
});

test('what is named on the command line comes alone', () => {
  const apps = asked({ targets: ['deploy/api', 'svc/db'] }, { ...EXAMPLE, connect: CONNECT });
  assert.deepEqual(
    apps.map(({ app, manifest, overridePorts }) => [app, manifest, overridePorts]),
    [
      ['api', undefined, []],
      ['db', undefined, []],
    ],
  );
});

const REFUSED: readonly (readonly [
  flags: Partial<ConnectFlags>,
  toml: Record<string, unknown> | undefined,
  message: string,
  hint: string,
])[] = [
  [
    {},
    undefined,
    'nothing to connect to',
    'give a TARGET (e.g. deploy/my-app), -l SELECTOR, or a draft.toml with a name',
  ],
  [
    {},
    { namespace: 'apps', connect: CONNECT },
    'nothing to connect to: draft.toml has no name in environments.development',
    'set name, or give a TARGET',
  ],
  [{ targets: ['a'], selector: 'b' }, undefined, "TARGET 'a' and -l 'b' exclude each other", 'give one of them'],
  [
    { targets: ['a', 'c'], selector: 'b' },
    undefined,
    "TARGET 'a' 'c' and -l 'b' exclude each other",
    'give one of them',
  ],
  [{ targets: ['svc/a', 'service/a'] }, undefined, 'svc/a is named twice', 'name each target once'],
  [{ selector: '' }, undefined, "-l: '' is not a label selector", 'for example -l app=web'],
  [{ selector: '-n' }, undefined, "-l: '-n' is not a label selector", 'for example -l app=web'],
];

for (const [flags, toml, message, hint] of REFUSED) {
  test(`refused: ${message}`, () => {
    assert.throws(
      () => asked(flags, toml),
      (error) => {
        assert.ok(error instanceof UserError);
        assert.deepEqual([error.message, error.hint, error.exitCode], [message, hint, EXIT.usage]);
        return true;
      },
    );
  });
}

function asked(flags: Partial<ConnectFlags>, toml?: Record<string, unknown>) {
  const environments = { development: toml };
  const environment = toml && readEnvironment({ environments }, 'development', 'draft.toml').environment;
  const kubectl = {
    program: 'kubectl',
    flags: [],
    requestTimeout: undefined,
    namespace: undefined,
    context: undefined,
  };
  return askedApps({ ...NO_FLAGS, ...flags }, environment, kubectl);
}
