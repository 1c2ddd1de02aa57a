import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startRebuilding } from '../../../src/up/rebuild-loop.ts';

/** Builds that end when they are told to. */
function builds() {
  const ends: (() => void)[] = [];
  let begun: (() => void)[] = [];
  let count = 0;
  return {
    build: () => {
      count += 1;
      for (const resolve of begun.splice(0)) resolve();
      return new Promise<void>((resolve) => ends.push(resolve));
    },
    end: () => ends.shift()?.(),
    next: () => new Promise<void>((resolve) => void begun.push(resolve)),
    get count() {
      return count;
    },
    reset() {
      begun = [];
    },
  };
}

test('many changes are one further build, and those during it exactly one more', async () => {
  const made = builds();
  const loop = startRebuilding(made.build, 20);
  assert.equal(made.count, 1);
  made.end();
  await Promise.resolve();
  const second = made.next();
  for (let i = 0; i < 10; i++) loop.changed();
  await second;
  for (let i = 0; i < 10; i++) loop.changed();
  assert.equal(made.count, 2);
  const third = made.next();
  made.end();
  await third;
  assert.equal(made.count, 3);
  loop.stop();
});

test('a loop that was stopped builds no more', async () => {
  const made = builds();
  const loop = startRebuilding(made.build, 0);
  loop.stop();
  loop.changed();
  made.end();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(made.count, 1);
});
