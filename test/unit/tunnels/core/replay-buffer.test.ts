import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLIENT_LIMIT, ReplayBuffer } from '../../../../src/tunnels/core/replay-buffer.ts';

const bytes = (length: number) => Buffer.alloc(length);

test('all that was said is kept, in order', () => {
  const buffer = new ReplayBuffer({ left: 100 });
  buffer.add(Buffer.from('one '));
  buffer.add(Buffer.from('two'));
  assert.equal(Buffer.concat(buffer.chunks ?? []).toString(), 'one two');
  assert.equal(buffer.isFull, false);
});

test('one client may have so much kept', () => {
  const buffer = new ReplayBuffer({ left: 2 * CLIENT_LIMIT });
  buffer.add(bytes(CLIENT_LIMIT - 1));
  assert.equal(buffer.isFull, false);
  buffer.add(bytes(1));
  assert.equal(buffer.isFull, true);
});

test('all clients together may have so much kept, and get it back', () => {
  const budget = { left: 100 };
  const [one, other] = [new ReplayBuffer(budget), new ReplayBuffer(budget)];
  one.add(bytes(60));
  other.add(bytes(40));
  assert.equal(budget.left, 0);
  assert.ok(one.isFull && other.isFull);
  one.drop();
  assert.equal(budget.left, 60);
  assert.equal(other.isFull, false);
  one.drop();
  assert.equal(budget.left, 60);
});

test('once something was dropped, nothing is kept any more', () => {
  const budget = { left: 100 };
  const buffer = new ReplayBuffer(budget);
  buffer.drop();
  buffer.add(bytes(50));
  assert.equal(buffer.chunks, undefined);
  assert.equal(buffer.isFull, false);
  assert.equal(budget.left, 100);
});

test('trimming keeps a small request, and only while there is room', () => {
  const small = new ReplayBuffer({ left: CLIENT_LIMIT });
  small.add(bytes(16 * 1024));
  small.trim();
  assert.equal(small.chunks?.length, 1);
  small.add(bytes(1));
  small.trim();
  assert.equal(small.chunks, undefined);
  const crowded = new ReplayBuffer({ left: 10 });
  crowded.add(bytes(10));
  crowded.trim();
  assert.equal(crowded.chunks, undefined);
});
