import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../../../../src/pods/core/plan.ts';
import { describePlan } from '../../../../src/session/core/describe-plan.ts';

const tunnel = (container: string, remotePort: number, localPort: number) => ({
  container,
  remotePort,
  portName: undefined,
  localPort,
});

const CASES: readonly (readonly [
  title: string,
  plan: Omit<Plan, 'notes'>,
  addresses: readonly string[],
  lines: readonly string[],
])[] = [
  [
    'a fixed local port',
    { tunnels: [tunnel('go', 80, 8080)], logs: [] },
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
    { tunnels: [tunnel('go', 80, 0)], logs: [] },
    ['localhost'],
    [
      'Would connect to go:80 of pod web-1 on a random port of localhost',
      'Would set SHOP_GO_SERVICE_HOST=localhost',
      'Would set SHOP_GO_SERVICE_PORT to a random port',
      'Would set SHOP_GO_SERVICE_PORT_80 to a random port',
    ],
  ],
  [
    'several addresses',
    { tunnels: [tunnel('go', 80, 8080), tunnel('go', 81, 0)], logs: [] },
    ['127.0.0.1', '::1'],
    [
      'Would connect to go:80 of pod web-1 on 127.0.0.1:8080, [::1]:8080',
      'Would connect to go:81 of pod web-1 on a random port of 127.0.0.1, ::1',
      'Would set SHOP_GO_SERVICE_HOST=127.0.0.1',
      'Would set SHOP_GO_SERVICE_PORT=8080',
      'Would set SHOP_GO_SERVICE_PORT_80=8080',
      'Would set SHOP_GO_SERVICE_PORT_81 to a random port',
    ],
  ],
  ['logs alone', { tunnels: [], logs: ['go'] }, ['localhost'], ['Would show the log of go of pod web-1']],
  ['nothing', { tunnels: [], logs: [] }, ['localhost'], []],
];
for (const [title, plan, addresses, lines] of CASES) {
  test(`--dry-run describes ${title}`, () => {
    const described = { app: 'shop', name: undefined, pod: 'web-1', addresses };
    assert.deepEqual(describePlan({ ...plan, notes: [] }, described), lines);
  });
}

test('--dry-run says whose a container is', () => {
  const plan: Plan = { tunnels: [tunnel('go', 80, 8080)], logs: ['go'], notes: [] };
  assert.deepEqual(describePlan(plan, { app: 'api', name: 'api', pod: 'web-1', addresses: ['localhost'] }), [
    'Would connect to api/go:80 of pod web-1 on localhost:8080',
    'Would show the log of api/go of pod web-1',
    'Would set API_GO_SERVICE_HOST=localhost',
    'Would set API_GO_SERVICE_PORT=8080',
    'Would set API_GO_SERVICE_PORT_80=8080',
  ]);
});
