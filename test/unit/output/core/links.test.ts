import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderLink, urlsOf } from '../../../../src/output/core/links.ts';

const tunnel = { app: 'web', container: 'web', remotePort: 1234, portName: undefined, localPort: 4567, pod: 'web-1' };

const PORTS: readonly (readonly [name: string | undefined, port: number, scheme: 'http' | 'https' | undefined])[] = [
  ['http', 1234, 'http'],
  ['https', 1234, 'https'],
  ['http-admin', 1234, 'http'],
  ['http2', 1234, 'http'],
  ['web', 1234, 'http'],
  ['metrics', 9100, 'http'],
  ['https-web', 8443, 'https'],
  ['web', 8443, 'https'],
  ['http', 443, 'http'],
  [undefined, 80, 'http'],
  [undefined, 8080, 'http'],
  [undefined, 443, 'https'],
  ['main', 3000, 'http'],
  [undefined, 5432, undefined],
  ['grpc', 8080, undefined],
  ['postgres', 80, undefined],
  ['debug', 5000, undefined],
  ['webhook', 9443, undefined],
];
for (const [portName, remotePort, scheme] of PORTS) {
  test(`port ${remotePort}${portName === undefined ? '' : ` called ${portName}`} is ${scheme ?? 'not for a browser'}`, () => {
    const urls = urlsOf({ ...tunnel, portName, remotePort, addresses: ['localhost'] });
    assert.deepEqual(urls, scheme === undefined ? [] : [`${scheme}://localhost:4567`]);
  });
}

test('each address has a URL that can be opened', () => {
  const addresses = ['127.0.0.1', '::1', '0.0.0.0', '::'];
  assert.deepEqual(urlsOf({ ...tunnel, remotePort: 80, addresses }), [
    'http://127.0.0.1:4567',
    'http://[::1]:4567',
    'http://localhost:4567',
    'http://localhost:4567',
  ]);
});

test('a link is its text between two OSC 8', () => {
  assert.equal(renderLink('http://a', 'text'), '\x1b]8;;http://a\x1b\\text\x1b]8;;\x1b\\');
});
