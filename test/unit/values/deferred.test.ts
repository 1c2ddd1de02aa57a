import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDeferred } from '../../../src/values/deferred.ts';

test('a deferred promise is resolved from outside, by the first call', async () => {
  const { promise, resolve, reject } = createDeferred<number>();
  resolve(1);
  resolve(2);
  reject(new Error('too late'));
  assert.equal(await promise, 1);
});

test('a deferred promise is rejected from outside', async () => {
  const { promise, reject } = createDeferred();
  reject(new Error('on purpose'));
  await assert.rejects(promise, /on purpose/);
});

test('what a deferred promise is resolved with may be a promise itself', async () => {
  const { promise, resolve } = createDeferred<string>();
  resolve(Promise.resolve('later'));
  assert.equal(await promise, 'later');
});
