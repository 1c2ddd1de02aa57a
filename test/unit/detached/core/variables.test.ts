import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lostVariables, renderExports, variablesOf } from '../../../../src/detached/core/variables.ts';
import type { OpenTunnel } from '../../../../src/output/core/events.ts';
import type { Shell } from '../../../../src/request/core/settings.ts';
import { UserError } from '../../../../src/values/errors.ts';

function tunnel(container: string, remotePort: number, localPort: number, more: Partial<OpenTunnel> = {}): OpenTunnel {
  return {
    app: 'app',
    container,
    remotePort,
    localPort,
    portName: undefined,
    addresses: ['localhost'],
    pod: 'pod',
    ...more,
  };
}

function variables(app: string, ...tunnels: OpenTunnel[]): Record<string, string> {
  return Object.fromEntries(variablesOf([{ app, tunnels }]).map(({ name, value }) => [name, value]));
}

test("the reference text's example gives host, port and each port by its number", () => {
  assert.deepEqual(variables('example-go', tunnel('go', 8080, 8081)), {
    EXAMPLE_GO_GO_SERVICE_HOST: 'localhost',
    EXAMPLE_GO_GO_SERVICE_PORT: '8081',
    EXAMPLE_GO_GO_SERVICE_PORT_8080: '8081',
  });
});

test('the plain port is the first of its container, and named ports have a further variable', () => {
  assert.deepEqual(
    variables('app', tunnel('web', 80, 1080, { portName: 'http' }), tunnel('web', 81, 1081), tunnel('db', 5432, 1432)),
    {
      APP_WEB_SERVICE_HOST: 'localhost',
      APP_WEB_SERVICE_PORT: '1080',
      APP_WEB_SERVICE_PORT_80: '1080',
      APP_WEB_SERVICE_PORT_HTTP: '1080',
      APP_WEB_SERVICE_PORT_81: '1081',
      APP_DB_SERVICE_HOST: 'localhost',
      APP_DB_SERVICE_PORT: '1432',
      APP_DB_SERVICE_PORT_5432: '1432',
    },
  );
});

test('no tunnels give no variables', () => assert.deepEqual(variablesOf([{ app: 'app', tunnels: [] }]), []));

test('the variables of several apps come together, the first of each name', () => {
  const apps = [
    { app: 'api', tunnels: [tunnel('go', 80, 11)] },
    { app: 'db', tunnels: [tunnel('pg', 5432, 12)] },
    { app: 'API', tunnels: [tunnel('go', 80, 13)] },
  ];
  const ports = variablesOf(apps).filter(({ name }) => name.endsWith('_PORT'));
  assert.deepEqual(ports, [
    { name: 'API_GO_SERVICE_PORT', value: '11' },
    { name: 'DB_PG_SERVICE_PORT', value: '12' },
  ]);
});

test('of two ports whose variables would have one name the first has it', () => {
  assert.deepEqual(variables('a', tunnel('b-c', 1, 11), tunnel('b.c', 1, 12)), {
    A_B_C_SERVICE_HOST: 'localhost',
    A_B_C_SERVICE_PORT: '11',
    A_B_C_SERVICE_PORT_1: '11',
  });
});

const LOST: readonly (readonly [title: string, apps: Parameters<typeof lostVariables>[0], lost: readonly string[]])[] =
  [
    [
      'another app, once for all its ports',
      [
        { app: 'a.b', tunnels: [tunnel('go', 80, 11)] },
        { app: 'a-b', tunnels: [tunnel('go', 80, 12), tunnel('go', 81, 13)] },
      ],
      ['variables of a.b/go and a-b/go have the same names: those of a.b/go are set'],
    ],
    [
      "another app's container",
      [
        { app: 'a', tunnels: [tunnel('b-c', 80, 11)] },
        { app: 'a-b', tunnels: [tunnel('c', 80, 12)] },
      ],
      ['variables of a/b-c and a-b/c have the same names: those of a/b-c are set'],
    ],
    ['none', [{ app: 'a', tunnels: [tunnel('b', 80, 11), tunnel('b', 81, 12), tunnel('c', 82, 13)] }], []],
  ];
for (const [title, apps, lost] of LOST) {
  test(`it is said whose variables give way to those of ${title}`, () => assert.deepEqual(lostVariables(apps), lost));
}

const NAMES: readonly [app: string, container: string, prefix: string][] = [
  ['example-go', 'go', 'EXAMPLE_GO_GO'],
  ['2048', 'game', '_2048_GAME'],
  ['Café', 'x', 'CAF__X'],
  ['ßı', 'x', '___X'],
  ['😀', 'x', '__X'],
  ['', '', '_'],
  ["a'; touch x #", '$(b)', 'A___TOUCH_X_____B_'],
  ['a\nb', 'c\0d', 'A_B_C_D'],
];

for (const [app, container, prefix] of NAMES) {
  test(`app ${JSON.stringify(app)} and container ${JSON.stringify(container)} give ${prefix}_SERVICE_PORT`, () => {
    assert.equal(variables(app, tunnel(container, 1, 11))[`${prefix}_SERVICE_PORT`], '11');
  });
}

const HOSTS: readonly [addresses: string[], host: string][] = [
  [['localhost'], 'localhost'],
  [[], 'localhost'],
  [['127.0.0.2'], '127.0.0.2'],
  [['192.0.2.1', 'localhost'], '192.0.2.1'],
  [['::1'], '::1'],
  [['fe80::1%eth0'], 'fe80::1%eth0'],
  [['0.0.0.0'], '127.0.0.1'],
  [['::'], '::1'],
  [['0:0:0:0:0:0:0:0'], '::1'],
];

for (const [addresses, host] of HOSTS) {
  test(`listening on ${addresses.join(' and ') || 'nothing in particular'} is reached at ${host}`, () => {
    assert.equal(variables('a', tunnel('b', 1, 11, { addresses }))['A_B_SERVICE_HOST'], host);
  });
}

for (const address of ["'", 'a b', '*', '[::1]', '`id`', '$(id)', 'a\nb', '', '\u2019']) {
  test(`${JSON.stringify(address)} is refused as an address`, () => {
    assert.throws(() => variables('a', tunnel('b', 1, 11, { addresses: [address] })), UserError);
  });
}

const SHELLS: readonly [shell: Shell, text: string][] = [
  ['sh', "export A='1';\nexport B='x';\n"],
  ['fish', "set -gx A '1';\nset -gx B 'x';\n"],
  ['powershell', "$env:A = '1';\n$env:B = 'x';\n"],
];

for (const [shell, text] of SHELLS) {
  test(`${shell} gets one assignment a line`, () => {
    const both = [
      { name: 'A', value: '1' },
      { name: 'B', value: 'x' },
    ];
    assert.equal(renderExports(both, shell), text);
  });
}
