import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { aborted, createEnding } from '../../../src/session/ending.ts';
import { createDeferred } from '../../../src/values/deferred.ts';

test('a session that ends forbids starts first and gives everything back at once', async () => {
  const ending = createEnding(60_000);
  const order: string[] = [];
  const gate = createDeferred();
  for (const name of ['a', 'b']) {
    ending.onStop(async () => {
      order.push(`${name} begins, aborted ${ending.signal.aborted}`);
      await gate.promise;
      order.push(`${name} ends`);
    });
  }
  ending.later(0, () => order.push('started'));
  const stopped = ending.stop();
  gate.resolve();
  await stopped;
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(order, ['a begins, aborted true', 'b begins, aborted true', 'a ends', 'b ends']);
});

test('what is to start later leaves nothing behind, and does not start after the end', async () => {
  const ending = createEnding(60_000);
  const started = createDeferred();
  let late = false;
  ending.later(0, () => ending.later(0, () => started.resolve()));
  await started.promise;
  assert.equal(getEventListeners(ending.signal, 'abort').length, 0);
  await ending.stop();
  ending.later(0, () => {
    late = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(late, false);
});

test('as many may wait for the end as there are apps and logs', async () => {
  const warnings: string[] = [];
  const onWarning = ({ message }: Error) => void warnings.push(message);
  process.on('warning', onWarning);
  const ending = createEnding(1);
  const waiting = Array.from({ length: 50 }, () => aborted(ending.signal));
  // Node emits its warnings on the next tick.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', onWarning);
  void ending.stop();
  await Promise.allSettled(waiting);
  assert.deepEqual(warnings, []);
});

test('a release that fails keeps no other from running', async () => {
  const ending = createEnding(60_000);
  let ran = false;
  ending.onStop(() => {
    throw new Error('broken');
  });
  ending.onStop(() => Promise.reject(new Error('broken')));
  ending.onStop(() => {
    ran = true;
  });
  await ending.stop();
  assert.equal(ran, true);
});

test('a release that never ends is left behind at the deadline', async () => {
  const ending = createEnding(1);
  ending.onStop(() => new Promise(() => {}));
  await ending.stop();
});

test('a session ends once, however often it is asked', async () => {
  const ending = createEnding(60_000);
  let count = 0;
  ending.onStop(() => {
    count += 1;
  });
  assert.equal(ending.stop(), ending.stop());
  await ending.stop();
  assert.equal(count, 1);
});
