import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionLimit, createTunnelLimits } from '../../../src/tunnels/limits.ts';

test('so many connections are let in, and others again when some have left', () => {
  const limit = new ConnectionLimit(2);
  const isIn = () => limit.enter().isIn;
  assert.deepEqual([isIn(), isIn(), isIn()], [true, true, false]);
  limit.leave();
  assert.deepEqual([isIn(), isIn()], [true, false]);
});

test('that there is no room is news once, until half of them have left', () => {
  const limit = new ConnectionLimit(4);
  const isNews = () => limit.enter().isNews;
  assert.deepEqual(Array.from({ length: 6 }, isNews), [false, false, false, false, true, false]);
  limit.leave();
  assert.deepEqual([isNews(), isNews()], [false, false]);
  limit.leave();
  limit.leave();
  assert.deepEqual([isNews(), isNews(), isNews()], [false, false, true]);
});

test('however many tunnels and logs there are, some connections are tried', () => {
  assert.equal(createTunnelLimits(1_000_000, 1_000_000).connections.most, 4);
  assert.ok(
    createTunnelLimits(1, 0).connections.most > createTunnelLimits(2, 0).connections.most ||
      process.platform !== 'linux',
  );
});
