import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerPortOf, decodeServicePorts } from '../../../../src/pods/core/service-ports.ts';

const PORTS = [
  { name: 'http', port: 80, targetPort: 8080 },
  { name: 'admin', port: 81, targetPort: 'admin-port', protocol: 'TCP' },
  { name: 'same', port: 82 },
  { name: 'dns', port: 53, targetPort: 5353, protocol: 'UDP' },
  { name: 'dns-tcp', port: 53, targetPort: 5354, protocol: 'TCP' },
  { name: 'zero', port: 83, targetPort: 0 },
];

const CASES: readonly (readonly [
  title: string,
  clusterIP: string,
  remote: number | string,
  target: number | string,
])[] = [
  ['a number leads to the target port', '10.0.0.1', 80, 8080],
  ['a name leads to the target port', '10.0.0.1', 'http', 8080],
  ['a target port may be a name', '10.0.0.1', 81, 'admin-port'],
  ['without a target port it is the same number', '10.0.0.1', 82, 82],
  ['a target port of 0 is none', '10.0.0.1', 'zero', 83],
  ['of two protocols TCP is meant', '10.0.0.1', 53, 5354],
  ['UDP is found by its name, to be told', '10.0.0.1', 'dns', 5353],
  ['a number that it lacks is a container port', '10.0.0.1', 8080, 8080],
  ['a name that it lacks is a container port', '10.0.0.1', 'metrics', 'metrics'],
  ['a headless one is asked by its own number', 'None', 80, 80],
  ['a headless one is asked by its own name', 'None', 'http', 80],
];
for (const [title, clusterIP, remote, target] of CASES) {
  test(`a port of a Service: ${title}`, () => {
    const ports = decodeServicePorts({ kind: 'Service', spec: { clusterIP, ports: PORTS } });
    assert.equal(containerPortOf(ports, remote), target);
  });
}

test('a Service without ports has none', () => {
  assert.deepEqual(decodeServicePorts({ kind: 'Service', spec: { type: 'ExternalName' } }), []);
});
