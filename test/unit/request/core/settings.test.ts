import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AppSettings,
  type ConnectFlags,
  makeSettings,
  needsManifest,
  type RunSettings,
} from '../../../../src/request/core/settings.ts';
import { NO_FLAGS } from '../../no-flags.ts';

type OneApp = RunSettings & AppSettings;

test('a target alone has defaults for everything else', () => {
  assert.deepEqual(settings({ target: 'web-1' }), {
    target: { kind: 'pod', name: 'web-1' },
    app: 'web-1',
    manifest: undefined,
    kubectl: { program: 'kubectl', flags: [], requestTimeout: undefined, namespace: undefined, context: undefined },
    mappings: [],
    containers: [],
    addresses: ['localhost'],
    logs: true,
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
    shell: 'sh',
    command: undefined,
    commandLogs: false,
  } satisfies OneApp);
});

test('flags are taken as they are', () => {
  const flags = { timestamps: true, dryRun: true, detach: true, export: true } as const;
  const choices = { shell: 'fish', output: 'json', color: 'never', since: '10m', tail: -1, commandLogs: true } as const;
  const made = settings({ target: 'a', ...flags, ...choices, containers: ['go', 'db', 'go'] });
  for (const [name, value] of Object.entries({ ...flags, ...choices })) {
    assert.equal(made[name as keyof OneApp], value, name);
  }
  assert.deepEqual(made.containers, ['go', 'db']);
});

test('settings cannot be changed afterwards', () => {
  const flags = { target: 'a', overridePorts: ['80'], kubectlFlags: ['--v=1'], command: ['npm', 'test'] };
  const made = makeSettings({ ...NO_FLAGS, ...flags }, undefined, {});
  const [app] = made.apps;
  const { target, kubectl, mappings, containers, addresses } = app;
  const parts = [made, made.apps, made.command, app, target, kubectl, kubectl.flags, mappings, containers, addresses];
  for (const part of parts) assert.ok(Object.isFrozen(part));
});

const MANIFESTS: readonly (readonly [flags: Partial<ConnectFlags>, needed: boolean])[] = [
  [{}, true],
  [{ target: 'web' }, false],
  [{ selector: 'app=web' }, false],
  [{ target: 'web', environment: 'staging' }, true],
  [{ selector: 'app=web', file: 'draft.toml' }, true],
];
for (const [given, needed] of MANIFESTS) {
  test(`draft.toml is ${needed ? '' : 'not '}read with ${JSON.stringify(given)}`, () => {
    assert.equal(needsManifest({ ...NO_FLAGS, ...given }), needed);
  });
}

const SHELLS: readonly (readonly [env: Record<string, string>, shell: RunSettings['shell']])[] = [
  [{}, 'sh'],
  [{ SHELL: '/bin/bash' }, 'sh'],
  [{ SHELL: '/usr/bin/fish' }, 'fish'],
  [{ SHELL: '/usr/bin/pwsh' }, 'powershell'],
  [{ OS: 'Windows_NT' }, 'powershell'],
  [{ OS: 'Windows_NT', SHELL: '/usr/bin/bash.exe' }, 'sh'],
  [{ OS: 'Windows_NT', SHELL: 'C:\\msys64\\usr\\bin\\fish.exe' }, 'fish'],
];

for (const [env, shell] of SHELLS) {
  test(`the shell of ${JSON.stringify(env)} is taken for ${shell}`, () => {
    assert.equal(settings({ target: 'a' }, env).shell, shell);
    assert.equal(settings({ target: 'a', shell: 'fish' }, env).shell, 'fish');
  });
}

function settings(flags: Partial<ConnectFlags>, env: Record<string, string> = {}): OneApp {
  const { apps, ...run } = makeSettings({ ...NO_FLAGS, ...flags }, undefined, env);
  assert.equal(apps.length, 1);
  return { ...run, ...apps[0] };
}
