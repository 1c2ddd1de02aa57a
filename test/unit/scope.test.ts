import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createScope } from '../../src/session/scope.ts';

test('a scope gives back in reverse order, one after the other', async () => {
  const scope = createScope({ deadlineMs: 1000 });
  const order: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    scope.defer(name, async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
    });
  }
  assert.deepEqual(await scope.close(), { late: [], failures: [] });
  assert.deepEqual(order, ['c begins', 'c ends', 'b begins', 'b ends', 'a begins', 'a ends']);
});

test('a scope aborts its signal before anything is given back', async () => {
  const scope = createScope({ deadlineMs: 1000 });
  let aborted: boolean | undefined;
  scope.defer('look', () => {
    aborted = scope.signal.aborted;
  });
  assert.equal(scope.signal.aborted, false);
  await scope.close();
  assert.equal(aborted, true);
});

test('a failing release keeps no other from running and is told', async () => {
  const scope = createScope({ deadlineMs: 1000 });
  const error = new Error('broken');
  let ran = false;
  scope.defer('first', () => {
    ran = true;
  });
  scope.defer('thrown', () => {
    throw error;
  });
  scope.defer('rejected', () => Promise.reject(error));
  const { failures } = await scope.close();
  assert.deepEqual(failures, [
    { name: 'rejected', error },
    { name: 'thrown', error },
  ]);
  assert.equal(ran, true);
});

test('a release that never ends is left behind at the deadline, the others still run', async () => {
  const scope = createScope({ deadlineMs: 20 });
  let ran = false;
  scope.defer('first', () => {
    ran = true;
  });
  scope.defer('stuck', () => new Promise(() => {}));
  assert.deepEqual((await scope.close()).late, ['stuck']);
  assert.equal(ran, true);
});

test('what is registered while a scope closes is given back too', async () => {
  const scope = createScope({ deadlineMs: 1000 });
  const order: string[] = [];
  scope.defer('early', () => {
    order.push('early');
    scope.defer('late', () => void order.push('late'));
  });
  await scope.close();
  assert.deepEqual(order, ['early', 'late']);
  scope.defer('after', () => void order.push('after'));
  assert.deepEqual(order, ['early', 'late', 'after']);
});

test('a scope closes once, however often it is asked', async () => {
  const scope = createScope({ deadlineMs: 1000 });
  let count = 0;
  scope.defer('count', () => {
    count += 1;
  });
  await Promise.all([scope.close(), scope.close()]);
  await scope.close();
  assert.equal(count, 1);
});
