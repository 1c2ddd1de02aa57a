import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSettings, needsManifest } from '../../../../src/request/core/make-settings.ts';
import { type Environment, readEnvironment } from '../../../../src/request/core/manifest.ts';
import type { AppSettings, ConnectFlags, RunSettings } from '../../../../src/request/core/settings.ts';
import { EXIT } from '../../../../src/values/errors.ts';
import { NO_FLAGS } from '../../no-flags.ts';

type OneApp = RunSettings & AppSettings;

test('a target alone has defaults for everything else', () => {
  assert.deepEqual(settings({ targets: ['web-1'] }), {
    target: { kind: 'pod', name: 'web-1' },
    app: 'web-1',
    manifest: undefined,
    kubectl: { program: 'kubectl', flags: [], requestTimeout: undefined, namespace: undefined, context: undefined },
    mappings: [],
    containers: [],
    addresses: ['localhost'],
    logs: true,
    allPods: false,
    tunnels: true,
    unready: false,
    tail: 5,
    since: undefined,
    timestamps: false,
    lines: undefined,
    excludeContainers: [],
    timeoutMs: 300_000,
    holdMs: 30_000,
    quiet: false,
    dryRun: false,
    output: 'text',
    color: 'auto',
    detach: false,
    export: false,
    shell: undefined,
    command: undefined,
  } satisfies OneApp);
});

test('flags are taken as they are', () => {
  const flags = { timestamps: true, dryRun: true, detach: true, export: true } as const;
  const choices = { shell: 'fish', output: 'json', color: 'never', since: '10m', tail: -1 } as const;
  const made = settings({ targets: ['a'], ...flags, ...choices, containers: ['go', 'db', 'go'] });
  for (const [name, value] of Object.entries({ ...flags, ...choices })) {
    assert.equal(made[name as keyof OneApp], value, name);
  }
  assert.deepEqual(made.containers, ['go', 'db']);
});

const MANIFESTS: readonly (readonly [flags: Partial<ConnectFlags>, needed: boolean])[] = [
  [{}, true],
  [{ targets: ['web'] }, false],
  [{ selector: 'app=web' }, false],
  [{ targets: ['web'], environment: 'staging' }, true],
  [{ selector: 'app=web', file: 'draft.toml' }, true],
];
for (const [given, needed] of MANIFESTS) {
  test(`draft.toml is ${needed ? '' : 'not '}read with ${JSON.stringify(given)}`, () => {
    assert.equal(needsManifest({ ...NO_FLAGS, ...given }), needed);
  });
}

const TOML = {
  name: 'api',
  'override-ports': ['8080:80'],
  connect: [{ target: 'svc/db', 'override-ports': ['5432'] }],
};
const SEVERAL: readonly (readonly [
  title: string,
  flags: Partial<ConnectFlags>,
  toml: Record<string, unknown> | undefined,
  mappings: readonly string[],
  shared: string,
])[] = [
  ['draft.toml’s ports', {}, TOML, ['8080:80', '5432'], ''],
  ['-p with an app replaces its override-ports', { overridePorts: ['1:db:2'] }, TOML, ['8080:80', '1:db:2'], ''],
  ['-p without one waits', { overridePorts: ['1:2'] }, TOML, ['8080:80', '5432'], '1:2'],
  ['so do those of -e, for what is named', { targets: ['a', 'b'] }, TOML, ['', ''], '8080:80'],
  ['no ports at all', { targets: ['a', 'b'] }, undefined, ['', ''], ''],
];
for (const [title, flags, toml, mappings, shared] of SEVERAL) {
  test(`several apps: ${title}`, () => {
    const made = makeSettings({ ...NO_FLAGS, ...flags }, toml && environment(toml), {});
    const texts = (list: typeof made.shared.mappings) => list.map(({ text }) => text).join();
    assert.deepEqual([made.apps.map((app) => texts(app.mappings)), texts(made.shared.mappings)], [mappings, shared]);
  });
}

test('a local port of two apps is refused', () => {
  const flags = { ...NO_FLAGS, overridePorts: ['8080:db:5432'] };
  const message = 'local port 8080 already mapped';
  assert.throws(() => makeSettings(flags, environment(TOML), {}), { message, exitCode: EXIT.usage });
  // What names no app may replace the one that it clashes with.
  assert.equal(makeSettings({ ...NO_FLAGS, overridePorts: ['8080:81'] }, environment(TOML), {}).apps.length, 2);
});

function environment(toml: Record<string, unknown>): Environment {
  return readEnvironment({ environments: { development: toml } }, 'development', 'draft.toml').environment;
}

function settings(flags: Partial<ConnectFlags>, env: Record<string, string> = {}): OneApp {
  const { apps, shared, ...run } = makeSettings({ ...NO_FLAGS, ...flags }, undefined, env);
  assert.deepEqual([apps.length, shared], [1, { mappings: [], containers: [] }]);
  return { ...run, ...apps[0] };
}
