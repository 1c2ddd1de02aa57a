import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStartLimiter } from '../../../src/processes/start-limiter.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Enters so many at once; says how many were let in and lets one of them go. */
function crowd(limiter: ReturnType<typeof createStartLimiter>, size: number) {
  const inside: (() => void)[] = [];
  let entered = 0;
  for (let i = 0; i < size; i += 1) {
    void limiter.enter().then((release) => {
      entered += 1;
      inside.push(release);
    });
  }
  return { entered: () => entered, leave: () => inside.shift()?.() };
}

test('only so many start at the same time, the next when one is done', async () => {
  const starts = crowd(createStartLimiter(3), 5);
  await settled();
  assert.equal(starts.entered(), 3);
  starts.leave();
  await settled();
  assert.equal(starts.entered(), 4);
});

test('a release counts once, however often it is called', async () => {
  const limiter = createStartLimiter(1);
  const release = await limiter.enter();
  const next = crowd(limiter, 2);
  release();
  release();
  await settled();
  assert.equal(next.entered(), 1);
});

test('slowed down, one starts every three seconds; back at full speed, all that may', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const limiter = createStartLimiter(3);
  limiter.slow(true);
  const starts = crowd(limiter, 6);
  await settled();
  assert.equal(starts.entered(), 1);
  starts.leave();
  await settled();
  assert.equal(starts.entered(), 1);
  context.mock.timers.tick(3_000);
  await settled();
  assert.equal(starts.entered(), 2);
  limiter.slow(false);
  await settled();
  assert.equal(starts.entered(), 4);
});
