import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEnding } from '../../../src/session/ending.ts';
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
