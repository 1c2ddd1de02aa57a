import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tunnelAsJson } from '../../../../src/output/core/events.ts';

test('a tunnel is told to programs with the first of its addresses by itself', () => {
  const tunnel = {
    app: 'web',
    container: 'go',
    remotePort: 80,
    portName: undefined,
    addresses: ['127.0.0.1', '::1'],
    localPort: 8080,
    pod: 'web-1',
  };
  assert.equal(
    JSON.stringify(tunnelAsJson(tunnel)),
    '{"container":"go","port":80,"address":"127.0.0.1","addresses":["127.0.0.1","::1"],"localPort":8080,"pod":"web-1","app":"web"}',
  );
});
