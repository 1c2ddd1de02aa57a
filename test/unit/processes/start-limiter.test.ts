import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStartGate } from '../../../src/processes/start-limiter.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Enters so many at once; says how many were let in and lets one of them go. */
function crowd(gate: ReturnType<typeof createStartGate>, size: number) {
  const inside: (() => void)[] = [];
  let entered = 0;
  for (let i = 0; i < size; i += 1) {
    void gate.enter().then((release) => {
      entered += 1;
      inside.push(release);
    });
  }
  return { entered: () => entered, leave: () => inside.shift()?.() };
}

test('only so many start at the same time, the next when one is done', async () => {
  const starts = crowd(createStartGate(3), 5);
  await settled();
  assert.equal(starts.entered(), 3);
  starts.leave();
  await settled();
  assert.equal(starts.entered(), 4);
});

test('a release counts once, however often it is called', async () => {
  const gate = createStartGate(1);
  const release = await gate.enter();
  const next = crowd(gate, 2);
  release();
  release();
  await settled();
  assert.equal(next.entered(), 1);
});

test('slowed down, one starts every three seconds; back at full speed, all that may', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const gate = createStartGate(3);
  gate.slow(true);
  const starts = crowd(gate, 6);
  await settled();
  assert.equal(starts.entered(), 1);
  starts.leave();
  await settled();
  assert.equal(starts.entered(), 1);
  context.mock.timers.tick(3_000);
  await settled();
  assert.equal(starts.entered(), 2);
  gate.slow(false);
  await settled();
  assert.equal(starts.entered(), 4);
});
