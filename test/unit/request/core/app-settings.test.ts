import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeAppSettings } from '../../../../src/request/core/app-settings.ts';
import { type Environment, readEnvironment } from '../../../../src/request/core/manifest.ts';
import type { AppSettings, ConnectFlags } from '../../../../src/request/core/settings.ts';
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
    flags: { target: 'deploy/web' },
    toml: EXAMPLE,
    target: { kind: 'workload', resource: 'deployment', name: 'web' },
    app: 'web',
  },
  {
    title: 'TARGET alone',
    flags: { target: 'svc/web' },
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
    const made = settings(flags, toml);
    assert.deepEqual([made.target, made.app], [target, app]);
  });
}

const PORTS: readonly (readonly [
  title: string,
  flags: readonly string[],
  toml: Record<string, unknown> | undefined,
  texts: readonly string[],
])[] = [
  ['override-ports', [], EXAMPLE, ['8080:8080', '9090:80']],
  ['-p replaces override-ports as a whole', ['8081:8080'], EXAMPLE, ['8081:8080']],
  ['-p may hold lists', ['1:2,3:4', ':5'], undefined, ['1:2', '3:4', ':5']],
  ['none', [], undefined, []],
];

for (const [title, overridePorts, toml, texts] of PORTS) {
  test(`mappings: ${title}`, () => {
    const made = settings({ target: 'a', overridePorts }, toml);
    assert.deepEqual(
      made.mappings.map(({ text }) => text),
      texts,
    );
  });
}

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
    const { kubectl } = settings({ target: 'a', ...flags }, toml);
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
    assert.equal(settings({ target: 'a', kubectl }, undefined, env).kubectl.program, program);
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
    assert.deepEqual(settings({ target: 'a', addresses: given }).addresses, addresses);
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
    assert.throws(() => settings({ target: 'a', addresses: [text] }), {
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
    assert.equal(settings({ target: 'a', ...flags }).logs, logs);
  });
}

const TAILS: readonly (readonly [flags: Partial<ConnectFlags>, tail: number])[] = [
  [{}, 5],
  [{ tail: 0 }, 0],
  [{ tail: -1 }, -1],
  [{ since: '1h' }, -1],
  [{ since: '1h', tail: 7 }, 7],
];

for (const [flags, tail] of TAILS) {
  test(`with ${JSON.stringify(flags)} the last lines shown are ${tail}`, () => {
    assert.equal(settings({ target: 'a', ...flags }).tail, tail);
  });
}

test('durations', () => {
  const made = settings({ target: 'a', timeout: '1m30s', hold: '0', since: '0s' });
  assert.deepEqual([made.timeoutMs, made.holdMs, made.since], [90_000, 0, undefined]);
});

const REFUSED: readonly (readonly [flags: Partial<ConnectFlags>, message: string, hint: string])[] = [
  [{}, 'nothing to connect to', 'give a TARGET (e.g. deploy/my-app), -l SELECTOR, or a draft.toml with a name'],
  [{ target: 'a', selector: 'b' }, "TARGET 'a' and -l 'b' exclude each other", 'give one of them'],
  [{ selector: '' }, "-l: '' is not a label selector", 'for example -l app=web'],
  [{ selector: '-n' }, "-l: '-n' is not a label selector", 'for example -l app=web'],
  [{ target: 'a', tail: -2 }, '--tail: -2 is not a number of lines', '-1 is all of them'],
  [{ target: 'a', tail: 1.5 }, '--tail: 1.5 is not a number of lines', '-1 is all of them'],
  [{ target: 'a', timeout: '5' }, "--timeout: '5' is not a duration", 'write it like 500ms, 30s, 5m or 1h30m'],
  [{ target: 'a', hold: '-1s' }, "--hold: '-1s' is not a duration", 'write it like 500ms, 30s, 5m or 1h30m'],
  [{ target: 'a', since: 'today' }, "--since: 'today' is not a duration", 'write it like 500ms, 30s, 5m or 1h30m'],
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

test('an environment without name and selector needs a target', () => {
  assert.throws(() => settings({}, { namespace: 'apps' }), {
    message: 'nothing to connect to: draft.toml has no name in environments.development',
    hint: 'set name, or give a TARGET',
    exitCode: EXIT.usage,
  });
  assert.equal(settings({ target: 'a' }, { namespace: 'apps' }).kubectl.namespace, 'apps');
});

function settings(
  flags: Partial<ConnectFlags>,
  toml?: Record<string, unknown>,
  env: Record<string, string> = {},
): AppSettings {
  return makeAppSettings({ ...NO_FLAGS, ...flags }, toml && environment(toml), env);
}

function environment(toml: Record<string, unknown>): Environment {
  return readEnvironment({ environments: { development: toml } }, 'development', 'draft.toml').environment;
}
