import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { suggestContainers, suggestPorts } from '../../../../src/cli/core/suggest-ports.ts';
import type { ServicePort } from '../../../../src/pods/core/service-ports.ts';
import { makeContainer, makePod } from '../../pod-maker.ts';

const POD = makePod({
  containers: [makeContainer('go', ['http=8080', 'dns=53/UDP']), makeContainer('sites', [80])],
});
const SERVICE: readonly ServicePort[] = [{ port: 8000, name: 'web', protocol: 'TCP', target: 8080 }];

describe('mappings that make sense', () => {
  const cases: readonly (readonly [
    title: string,
    typed: string,
    ports: readonly ServicePort[] | undefined,
    values: readonly string[],
  ])[] = [
    ['each TCP port on the same one, those that take root on a random one', '', undefined, ['8080:8080', ':80']],
    ['by number and name once a local port is typed', '9:', undefined, ['9:8080', '9:http', '9:80']],
    ['of a Service, its own ports', '9:', SERVICE, ['9:8000', '9:web']],
  ];
  for (const [title, typed, ports, values] of cases) {
    test(title, () =>
      assert.deepEqual(
        suggestPorts([POD, POD], ports, typed).map(({ value }) => value),
        values,
      ),
    );
  }
});

test('of several apps each port and container says whose it is', () => {
  const values = (typed: string) => suggestPorts([POD], undefined, typed, 'api').map(({ value }) => value);
  assert.deepEqual(values(''), ['8080:api:8080', ':api:80']);
  assert.deepEqual(values('9:api:h'), ['9:api:8080', '9:api:http', '9:api:80']);
  assert.deepEqual(suggestContainers([POD], 'svc/api'), [{ value: 'svc/api/go' }, { value: 'svc/api/sites' }]);
});

test('containers of several pods are named once', () => {
  assert.deepEqual(suggestContainers([POD, POD]), [{ value: 'go' }, { value: 'sites' }]);
});
