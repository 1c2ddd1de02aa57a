import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Environment, type EnvironmentReading, readEnvironment } from '../../../../src/request/core/manifest.ts';
import { EXIT, UserError } from '../../../../src/values/errors.ts';

test('the reference text’s fields', () => {
  const { environment, warnings } = read({
    name: 'example-go',
    namespace: 'default',
    'override-ports': ['8080:8080', '9090:80', '9191:81'],
    'auto-connect': true,
  });
  assert.deepEqual(warnings, []);
  assert.equal(environment.name, 'example-go');
  assert.equal(environment.namespace, 'default');
  assert.equal(environment.autoConnect, true);
  assert.deepEqual(
    environment.overridePorts.map(({ local, remote }) => [local, remote]),
    [
      [8080, 8080],
      [9090, 80],
      [9191, 81],
    ],
  );
});

const NOTHING: Environment = {
  file: 'draft.toml',
  environment: 'development',
  name: undefined,
  namespace: undefined,
  selector: undefined,
  overridePorts: [],
  autoConnect: false,
  connect: [],
  registry: undefined,
  chart: undefined,
  dockerfile: undefined,
  imageBuildArgs: {},
  customTags: [],
  set: [],
  wait: false,
  containerBuilder: undefined,
  watch: false,
  watchDelayMs: 2000,
  buildTar: undefined,
  chartTar: undefined,
  unsupported: [],
};

test('an empty environment has defaults alone', () => {
  assert.deepEqual(read({}), { environment: NOTHING, warnings: [] });
});

test('every field of up', () => {
  const { environment, warnings } = read({
    name: 'web',
    selector: 'app=web,tier in (a,b)',
    registry: 'registry.example.com/team',
    chart: 'web',
    dockerfile: 'docker/Dockerfile',
    'image-build-args': { VERSION: '1', EMPTY: '' },
    'custom-tags': ['latest', 'v1.2-rc_3'],
    set: ['replicas=2', 'a.b=c,d=e', 'empty='],
    wait: true,
    'container-builder': 'podman',
    watch: true,
    'watch-delay': 5,
    'build-tar': 'build.tar',
    'chart-tar': '/tmp/chart.tar',
  });
  assert.deepEqual(warnings, []);
  assert.deepEqual(environment, {
    ...NOTHING,
    name: 'web',
    selector: 'app=web,tier in (a,b)',
    registry: 'registry.example.com/team',
    chart: 'web',
    dockerfile: 'docker/Dockerfile',
    imageBuildArgs: { VERSION: '1', EMPTY: '' },
    customTags: ['latest', 'v1.2-rc_3'],
    set: ['replicas=2', 'a.b=c,d=e', 'empty='],
    wait: true,
    containerBuilder: 'podman',
    watch: true,
    watchDelayMs: 5000,
    buildTar: 'build.tar',
    chartTar: '/tmp/chart.tar',
  });
});

test('empty texts, as Draft wrote them, are not set', () => {
  const { environment } = read({
    name: 'web',
    namespace: '',
    registry: '',
    chart: '',
    dockerfile: '',
    'container-builder': '',
    'resource-group-name': '',
  });
  assert.deepEqual(environment, { ...NOTHING, name: 'web' });
});

test('fields of the Azure builder are kept for up to refuse', () => {
  const { environment, warnings } = read({ 'container-builder': 'acrbuild', 'resource-group-name': 'group' });
  assert.deepEqual(environment.unsupported, [
    'draft.toml: container-builder acrbuild is not supported: use docker, podman, nerdctl, buildah',
    'draft.toml: resource-group-name (the Azure builder) is not supported',
  ]);
  assert.deepEqual(warnings, []);
});

const WARNINGS: readonly (readonly [key: string, suggestion: string])[] = [
  ['overide-ports', ", did you mean 'override-ports'?"],
  ['override_ports', ", did you mean 'override-ports'?"],
  ['nmae', ", did you mean 'name'?"],
  ['autoconnect', ", did you mean 'auto-connect'?"],
  ['something-else', ''],
  ['__proto__', ''],
];

for (const [key, suggestion] of WARNINGS) {
  test(`the unknown key ${key} is a warning`, () => {
    const { warnings } = read(JSON.parse(`{"name":"web","${key}":1}`));
    assert.deepEqual(warnings, [`draft.toml: environments.development: unknown key '${key}'${suggestion}`]);
  });
}

test('an unknown key beside the environments is a warning', () => {
  const { warnings } = readEnvironment(
    { environment: {}, environments: { development: {} } },
    'development',
    'draft.toml',
  );
  assert.deepEqual(warnings, ["draft.toml: unknown key 'environment', did you mean 'environments'?"]);
});

const PROBLEMS: readonly (readonly [fields: Record<string, unknown>, problem: string])[] = [
  [{ name: 7 }, 'name: expected a text, got 7'],
  [{ name: ['a'] }, 'name: expected a text, got a list'],
  [{ name: 'a b' }, "name: expected a label value (letters, digits and -_. inside, at most 63), got 'a b'"],
  [{ name: '-n' }, "name: expected a label value (letters, digits and -_. inside, at most 63), got '-n'"],
  [{ name: "a';rm" }, "name: expected a label value (letters, digits and -_. inside, at most 63), got 'a';rm'"],
  [
    { name: 'a\u001b[2Jb' },
    "name: expected a label value (letters, digits and -_. inside, at most 63), got 'a\\u001b[2Jb'",
  ],
  [{ namespace: 'Default' }, "namespace: expected a namespace (a-z, 0-9 and - inside, at most 63), got 'Default'"],
  [
    { namespace: '--all-namespaces' },
    "namespace: expected a namespace (a-z, 0-9 and - inside, at most 63), got '--all-namespaces'",
  ],
  [{ namespace: true }, 'namespace: expected a text, got true'],
  [{ selector: '' }, "selector: expected a label selector, got ''"],
  [{ selector: '--all' }, "selector: expected a label selector that doesn't start with '-', got '--all'"],
  [{ selector: ' ' }, "selector: expected a label selector that doesn't start with '-', got ' '"],
  [{ selector: new Date(0) }, 'selector: expected a text, got a date'],
  [{ 'override-ports': '8080:80' }, "override-ports: expected a list, got '8080:80'"],
  [{ 'override-ports': ['8080:80', 9090] }, 'override-ports[1]: expected a text, got 9090'],
  [{ 'override-ports': ['80'], 'auto-connect': 'yes' }, "auto-connect: expected true or false, got 'yes'"],
  [{ 'override-ports': ['8080:80', '8080:81'] }, 'override-ports: local port 8080 already mapped'],
  [{ 'override-ports': ['8080:8081', '9090:8081'] }, 'override-ports: remote port 8081 already mapped'],
  [{ 'override-ports': ['70000:1'] }, "override-ports: port 70000 in '70000:1' is outside 0-65535"],
  [{ registry: '--insecure' }, "registry: expected one line that doesn't start with '-', got '--insecure'"],
  [{ dockerfile: 'a\nb' }, "dockerfile: expected one line that doesn't start with '-', got 'a\\u000ab'"],
  [{ 'image-build-args': ['A=1'] }, 'image-build-args: expected a table, got a list'],
  [{ 'image-build-args': { A: 1 } }, 'image-build-args.A: expected a text, got 1'],
  [{ 'image-build-args': { '-A': '1' } }, "image-build-args: '-A' is not a name that can be passed on"],
  [{ 'image-build-args': { A: 'a\0b' } }, 'image-build-args.A: a NUL character cannot be passed on'],
  [{ 'custom-tags': ['ok', 'a b'] }, "custom-tags[1]: expected an image tag, got 'a b'"],
  [{ set: ['novalue'] }, "set[0]: expected KEY=VALUE, got 'novalue'"],
  [{ set: ['--kubeconfig=x'] }, "set[0]: expected KEY=VALUE, got '--kubeconfig=x'"],
  [{ set: ['a=b\0c'] }, "set[0]: expected KEY=VALUE, got 'a=b\\u0000c'"],
  [{ wait: 1 }, 'wait: expected true or false, got 1'],
  [
    { 'container-builder': 'kaniko' },
    "container-builder: expected one of docker, podman, nerdctl, buildah, got 'kaniko'",
  ],
  [{ 'watch-delay': -1 }, 'watch-delay: expected a whole number from 0 to 86400, got -1'],
  [{ 'watch-delay': 1.5 }, 'watch-delay: expected a whole number from 0 to 86400, got 1.5'],
  [{ 'watch-delay': '2s' }, "watch-delay: expected a whole number from 0 to 86400, got '2s'"],
];

for (const [fields, problem] of PROBLEMS) {
  test(`a problem: ${problem}`, () => {
    assert.throws(() => read(fields), isUsageError(`draft.toml: environments.development.${problem}`));
  });
}

test('all problems are shown together', () => {
  const places =
    /^draft\.toml: environments\.development\.name: .*; environments\.development\.override-ports: .*; environments\.development\.wait: [^;]*$/;
  assert.throws(
    () => read({ name: 1, 'override-ports': [':80', ':80'], wait: 'no' }),
    (error) => error instanceof UserError && places.test(error.message) && error.exitCode === EXIT.usage,
  );
});

const ENVIRONMENTS: readonly (readonly [tree: unknown, name: string, message: string, hint: string | undefined])[] = [
  [{}, 'development', 'draft.toml: there is no [environments.development]', 'an environment starts with that line'],
  [{ environments: {} }, 'x', 'draft.toml: there is no [environments.x]', 'an environment starts with that line'],
  [{ environments: 'x' }, 'x', 'draft.toml: there is no [environments.x]', 'an environment starts with that line'],
  [
    { environments: { development: {}, production: {} } },
    'staging',
    "draft.toml: environment 'staging' not found",
    'the environments there are (-e, $DRAFT_ENV): development, production',
  ],
  [
    { environments: { development: {} } },
    'constructor',
    "draft.toml: environment 'constructor' not found",
    'the environments there are (-e, $DRAFT_ENV): development',
  ],
  [
    { environments: { development: 'x' } },
    'development',
    'draft.toml: environments.development: expected a table',
    undefined,
  ],
  [
    { environments: { development: [] } },
    'development',
    'draft.toml: environments.development: expected a table',
    undefined,
  ],
];

for (const [tree, name, message, hint] of ENVIRONMENTS) {
  test(`the environment ${name} of ${JSON.stringify(tree)} is refused`, () => {
    assert.throws(() => readEnvironment(tree, name, 'draft.toml'), isUsageError(message, hint));
  });
}

test('problems of other environments do not matter', () => {
  const tree = { environments: { development: { name: 'web' }, production: { name: 7 } } };
  assert.equal(readEnvironment(tree, 'development', 'draft.toml').environment.name, 'web');
});

function read(fields: Record<string, unknown>): EnvironmentReading {
  return readEnvironment({ environments: { development: fields } }, 'development', 'draft.toml');
}

function isUsageError(message: string, hint?: string) {
  return (error: unknown) => {
    assert.ok(error instanceof UserError);
    assert.deepEqual([error.message, error.hint, error.exitCode], [message, hint, EXIT.usage]);
    return true;
  };
}
