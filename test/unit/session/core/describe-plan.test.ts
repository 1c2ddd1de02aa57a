import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../../../src/pods/core/pod.ts';
import { type Described, describePlans } from '../../../../src/session/core/describe-plan.ts';
import { makeContainer, makePod } from '../../pod-maker.ts';

const tunnel = (container: string, remotePort: number, localPort: number, former?: number) => ({
  container,
  remotePort,
  portName: undefined,
  localPort,
  former,
});

const one = makePod({ name: 'web-1', uid: '1', containers: [makeContainer('go', [])] });
const other = makePod({ name: 'web-2', uid: '2', containers: [makeContainer('go', []), makeContainer('new', [])] });

function describedAs(app: string, parts: Partial<Described>, addresses = ['localhost'], logs = false): Described {
  const settings = { app, addresses, logs, containers: [], excludeContainers: [] };
  return { settings, name: undefined, pod: one, pods: [one], tunnels: [], ...parts };
}

const CASES: readonly (readonly [
  title: string,
  tunnels: Described['tunnels'],
  logsOf: readonly Pod[],
  addresses: string[],
  lines: readonly string[],
])[] = [
  [
    'a fixed local port',
    [tunnel('go', 80, 8080)],
    [],
    ['localhost'],
    [
      'Would connect to go:80 of pod web-1 on localhost:8080',
      'Would set SHOP_GO_SERVICE_HOST=localhost',
      'Would set SHOP_GO_SERVICE_PORT=8080',
      'Would set SHOP_GO_SERVICE_PORT_80=8080',
    ],
  ],
  [
    'a random local port',
    [tunnel('go', 80, 0)],
    [],
    ['localhost'],
    [
      'Would connect to go:80 of pod web-1 on a free port of localhost',
      'Would set SHOP_GO_SERVICE_HOST=localhost',
      'Would set SHOP_GO_SERVICE_PORT to a free port',
      'Would set SHOP_GO_SERVICE_PORT_80 to a free port',
    ],
  ],
  [
    'several addresses',
    [tunnel('go', 80, 8080), tunnel('go', 81, 0)],
    [],
    ['127.0.0.1', '::1'],
    [
      'Would connect to go:80 of pod web-1 on 127.0.0.1:8080, [::1]:8080',
      'Would connect to go:81 of pod web-1 on a free port of 127.0.0.1, ::1',
      'Would set SHOP_GO_SERVICE_HOST=127.0.0.1',
      'Would set SHOP_GO_SERVICE_PORT=8080',
      'Would set SHOP_GO_SERVICE_PORT_80=8080',
      'Would set SHOP_GO_SERVICE_PORT_81 to a free port',
    ],
  ],
  [
    'the local port of the last time',
    [tunnel('go', 80, 0, 12345), tunnel('go', 81, 0)],
    [],
    ['localhost'],
    [
      'Would connect to go:80 of pod web-1 on localhost:12345, as the last time, if that is free',
      'Would connect to go:81 of pod web-1 on a free port of localhost',
      'Would set SHOP_GO_SERVICE_HOST=localhost',
      'Would set SHOP_GO_SERVICE_PORT=12345, if that is free',
      'Would set SHOP_GO_SERVICE_PORT_80=12345, if that is free',
      'Would set SHOP_GO_SERVICE_PORT_81 to a free port',
    ],
  ],
  ['logs alone', [], [one], ['localhost'], ['Would show the log of go of pod web-1']],
  [
    'the logs of all pods',
    [],
    [one, other],
    ['localhost'],
    [
      'Would show the log of go of pod web-1',
      'Would show the log of go of pod web-2',
      'Would show the log of new of pod web-2',
    ],
  ],
  ['nothing', [], [], ['localhost'], []],
];
for (const [title, tunnels, pods, addresses, lines] of CASES) {
  test(`--dry-run describes ${title}`, () => {
    const described = describedAs('shop', { tunnels, pods }, addresses, true);
    assert.deepEqual(describePlans([described]), { lines, warnings: [] });
  });
}

test('--dry-run describes no logs with --no-logs', () => {
  assert.deepEqual(describePlans([describedAs('shop', {})]).lines, []);
});

test('--dry-run says whose a container is, and whose variables are set', () => {
  const apps = ['a-b', 'a.b'].map((app, index) =>
    describedAs(app, { name: app, tunnels: [tunnel('go', 80, 8080 + index)] }, ['localhost'], true),
  );
  assert.deepEqual(describePlans(apps), {
    lines: [
      'Would connect to a-b/go:80 of pod web-1 on localhost:8080',
      'Would show the log of a-b/go of pod web-1',
      'Would connect to a.b/go:80 of pod web-1 on localhost:8081',
      'Would show the log of a.b/go of pod web-1',
      'Would set A_B_GO_SERVICE_HOST=localhost',
      'Would set A_B_GO_SERVICE_PORT=8080',
      'Would set A_B_GO_SERVICE_PORT_80=8080',
    ],
    warnings: ['variables of a-b/go and a.b/go have the same names: those of a-b/go are set'],
  });
});
