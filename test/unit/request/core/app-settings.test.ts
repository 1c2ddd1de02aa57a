import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeAppSettings } from '../../../../src/request/core/app-settings.ts';
import type { AskedApp } from '../../../../src/request/core/asked-apps.ts';
import { type Environment, readEnvironment } from '../../../../src/request/core/manifest.ts';
import { parseMappings } from '../../../../src/request/core/mapping.ts';
import type { AppSettings, ConnectFlags } from '../../../../src/request/core/settings.ts';
import { EXIT, UserError } from '../../../../src/values/errors.ts';
import { NO_FLAGS } from '../../no-flags.ts';

const EXAMPLE = { name: 'example-go', 'override-ports': ['8080:8080', '9090:80'], namespace: 'apps' };
const ASKED: AskedApp = {
  target: { kind: 'pod', name: 'a' },
  app: 'a',
  manifest: undefined,
  namespace: undefined,
  overridePorts: parseMappings(['5432:5432']),
  logs: true,
};

test('-p replaces override-ports as a whole', () => {
  const texts = (flags: readonly string[]) => settings({ overridePorts: flags }).mappings.map(({ text }) => text);
  assert.deepEqual([texts([]), texts(['1:2,3:4', ':5'])], [['5432:5432'], ['1:2', '3:4', ':5']]);
});

const NO_OPTIONS = { mappings: [], containers: [] };

const KUBECTL: readonly (readonly [
  title: string,
  flags: Partial<ConnectFlags>,
  toml: Record<string, unknown> | undefined,
  expected: Partial<AppSettings['kubectl']>,
])[] = [
  [
    '-n before draft.toml',
    { namespace: 'b', kubectlFlags: ['--namespace=b', '--v=1'] },
    EXAMPLE,
    { namespace: 'b', flags: ['--v=1', '--namespace=b'] },
  ],
  ['draft.toml’s namespace', {}, EXAMPLE, { namespace: 'apps', flags: ['--namespace=apps'] }],
  [
    'an empty -n is none',
    { namespace: '', kubectlFlags: ['--namespace='] },
    undefined,
    { namespace: undefined, flags: [] },
  ],
  [
    'an empty --context is none',
    { context: '', kubectlFlags: ['--context='] },
    undefined,
    { context: undefined, flags: ['--context='] },
  ],
  [
    'the last of several -n',
    { namespace: 'b', kubectlFlags: ['--namespace=a', '--namespace=b'] },
    undefined,
    { namespace: 'b', flags: ['--namespace=b'] },
  ],
  [
    'everything else as given and in order',
    { context: 'c', kubectlFlags: ['--as-group=a', '--context=c', '--as-group=b', '--token=--x'] },
    undefined,
    { context: 'c', flags: ['--as-group=a', '--context=c', '--as-group=b', '--token=--x'] },
  ],
  ['a request time-out apart', { requestTimeout: '5s' }, undefined, { requestTimeout: '5s', flags: [] }],
];

for (const [title, flags, toml, expected] of KUBECTL) {
  test(`kubectl’s flags: ${title}`, () => {
    const { kubectl } = settings(flags, toml);
    assert.deepEqual({ ...kubectl, ...expected }, kubectl);
  });
}

const PROGRAMS: readonly (readonly [flag: string | undefined, env: Record<string, string>, program: string])[] = [
  [undefined, {}, 'kubectl'],
  [undefined, { KUBECTL_PATH: '/opt/kubectl' }, '/opt/kubectl'],
  [undefined, { KUBECTL_PATH: '' }, 'kubectl'],
  ['./kubectl', { KUBECTL_PATH: '/opt/kubectl' }, './kubectl'],
];

for (const [kubectl, env, program] of PROGRAMS) {
  test(`with --kubectl ${kubectl} and ${JSON.stringify(env)} it is ${program}`, () => {
    assert.equal(settings({ kubectl }, undefined, env).kubectl.program, program);
  });
}

const ADDRESSES: readonly (readonly [given: readonly string[], addresses: readonly string[]])[] = [
  [[], ['localhost']],
  [['localhost'], ['localhost']],
  [['0.0.0.0'], ['0.0.0.0']],
  [
    ['127.0.0.1,::1', '127.0.0.1'],
    ['127.0.0.1', '::1'],
  ],
  [
    ['fe80::1', '::ffff:127.0.0.1', '::'],
    ['fe80::1', '::ffff:127.0.0.1', '::'],
  ],
];

for (const [given, addresses] of ADDRESSES) {
  test(`--address ${given.join(' ')} listens on ${addresses.join(' and ')}`, () => {
    assert.deepEqual(settings({ addresses: given }).addresses, addresses);
  });
}

for (const text of [
  '',
  'example.com',
  '127.0.0.256',
  '127.0.0.01',
  '127.1',
  '1.2.3.4.5',
  ':::',
  '::1]',
  '[::1]',
  '::1%eth0',
  '12:34',
  'localhost:80',
]) {
  test(`--address '${text}' is refused`, () => {
    assert.throws(() => settings({ addresses: [text] }), {
      message: `--address: '${text}' is neither localhost nor an IP address`,
      hint: 'for example 127.0.0.1 or ::1',
      exitCode: EXIT.usage,
    });
  });
}

const LOGS: readonly (readonly [flags: Partial<ConnectFlags>, logs: boolean])[] = [
  [{}, true],
  [{ noLogs: true }, false],
  [{ export: true }, false],
  [{ command: ['npm', 'test'] }, false],
  [{ command: ['npm', 'test'], commandLogs: true }, true],
];

for (const [flags, logs] of LOGS) {
  test(`with ${JSON.stringify(flags)} there are ${logs ? '' : 'no '}logs`, () => {
    assert.equal(settings(flags).logs, logs);
  });
}

for (const [flags, message] of [
  [{ command: ['ls'] }, '--no-tunnels and -- COMMAND exclude each other'],
  [{ detach: true }, '--no-tunnels and --detach exclude each other'],
  [{ overridePorts: ['80'] }, '--no-tunnels and --override-port exclude each other'],
] as const) {
  test(message, () => {
    assert.throws(() => settings({ targets: ['a'], noTunnels: true, ...flags }), { message, exitCode: EXIT.usage });
  });
}

test('without tunnels a pod that is not ready will do', () => {
  const { tunnels, unready } = settings({ targets: ['a'], noTunnels: true });
  assert.deepEqual([tunnels, unready], [false, true]);
});

const TAILS: readonly (readonly [flags: Partial<ConnectFlags>, tail: number])[] = [
  [{}, 5],
  [{ tail: 0 }, 0],
  [{ tail: -1 }, -1],
  [{ since: '1h' }, -1],
  [{ since: '1h', tail: 7 }, 7],
];

for (const [flags, tail] of TAILS) {
  test(`with ${JSON.stringify(flags)} the last lines shown are ${tail}`, () => {
    assert.equal(settings(flags).tail, tail);
  });
}

test('durations', () => {
  const made = settings({ timeout: '1m30s', hold: '0', since: '0s' });
  assert.deepEqual([made.timeoutMs, made.holdMs, made.since], [90_000, 0, undefined]);
});

const REFUSED: readonly (readonly [flags: Partial<ConnectFlags>, message: string, hint: string])[] = [
  [{ tail: -2 }, '--tail: -2 is not a number of lines', '-1 is all of them'],
  [{ tail: 1.5 }, '--tail: 1.5 is not a number of lines', '-1 is all of them'],
  [{ timeout: '5' }, "--timeout: '5' is not a duration", 'write it like 500ms, 30s, 5m or 1h30m'],
  [{ hold: '-1s' }, "--hold: '-1s' is not a duration", 'write it like 500ms, 30s, 5m or 1h30m'],
  [{ since: 'today' }, "--since: 'today' is not a duration", 'write it like 500ms, 30s, 5m or 1h30m'],
];

for (const [flags, message, hint] of REFUSED) {
  test(`refused: ${message}`, () => {
    assert.throws(
      () => settings(flags),
      (error) => {
        assert.ok(error instanceof UserError);
        assert.deepEqual([error.message, error.hint, error.exitCode], [message, hint, EXIT.usage]);
        return true;
      },
    );
  });
}

test('a namespace of its own stays, whatever the run has', () => {
  const own = { ...ASKED, namespace: 'data' };
  const flags = { ...NO_FLAGS, namespace: 'b', kubectlFlags: ['--namespace=b', '--v=1'] };
  const { kubectl } = makeAppSettings(own, NO_OPTIONS, { flags, environment: environment(EXAMPLE), env: {} });
  assert.deepEqual([kubectl.namespace, kubectl.flags], ['data', ['--v=1', '--namespace=data']]);
});

test('an app may be without logs', () => {
  const asked = { ...ASKED, logs: false };
  const context = { flags: NO_FLAGS, environment: undefined, env: {} };
  assert.equal(makeAppSettings(asked, NO_OPTIONS, context).logs, false);
});

function settings(
  flags: Partial<ConnectFlags>,
  toml?: Record<string, unknown>,
  env: Record<string, string> = {},
): AppSettings {
  const given = { ...NO_FLAGS, ...flags };
  const options = { mappings: parseMappings(given.overridePorts), containers: given.containers };
  return makeAppSettings(ASKED, options, { flags: given, environment: toml && environment(toml), env });
}

function environment(toml: Record<string, unknown>): Environment {
  return readEnvironment({ environments: { development: toml } }, 'development', 'draft.toml').environment;
}
