import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placesOf } from '../../../src/tunnels/listener.ts';

/** One that may be missing has a question mark. */
const CASES: readonly (readonly [addresses: readonly string[], hosts: readonly string[]])[] = [
  [['localhost'], ['127.0.0.1', '::1?']],
  [['127.0.0.1'], ['127.0.0.1']],
  [
    ['localhost', '127.0.0.1'],
    ['127.0.0.1', '::1?'],
  ],
  [
    ['::1', 'localhost'],
    ['::1', '127.0.0.1'],
  ],
  [
    ['localhost', '::1', '127.0.0.2'],
    ['127.0.0.1', '::1', '127.0.0.2'],
  ],
  [
    ['localhost', '0.0.0.0'],
    ['0.0.0.0', '::1?'],
  ],
  [
    ['0.0.0.0', '127.0.0.2', '::', '::1', 'localhost'],
    ['0.0.0.0', '::'],
  ],
  [
    ['0:0::0', '10.0.0.1', '::'],
    ['::', '10.0.0.1'],
  ],
  [['::1', '0:0::1'], ['::1']],
];
for (const [addresses, hosts] of CASES) {
  test(`${addresses.join(' and ')} is ${hosts.join(' and ')}`, () => {
    assert.deepEqual(
      placesOf(addresses).map(({ host, optional }) => `${host}${optional ? '?' : ''}`),
      hosts,
    );
  });
}
