import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineBatch, MAX_HELD_BYTES } from '../../../../src/logs/core/line-batch.ts';

function put(batch: LineBatch, text: string): void {
  const bytes = Buffer.from(`<${text}>`);
  batch.put(bytes, 1, bytes.length - 1);
}
/** What leaves now. */
function leave(batch: LineBatch): string {
  const text = Buffer.from(batch.take()).toString();
  batch.left();
  return text;
}

test('whole lines leave together, and an unfinished one stays', () => {
  const batch = new LineBatch();
  put(batch, 'one');
  batch.endLine();
  batch.putText('zwei \u00e4\u20ac\u{1f389}');
  batch.endLine();
  put(batch, 'thr');
  assert.equal(leave(batch), 'one\nzwei \u00e4\u20ac\u{1f389}\n');
  assert.equal(batch.length, 3);
  assert.equal(leave(batch), '');
  put(batch, 'ee');
  batch.endLine();
  assert.equal(leave(batch), 'three\n');
  assert.equal(batch.length, 0);
});

test('what is put while a batch is on its way does not change it', () => {
  const batch = new LineBatch();
  put(batch, 'one');
  batch.endLine();
  const taken = batch.take();
  for (let i = 0; i < 1000; i++) {
    put(batch, `line ${i}`);
    batch.endLine();
  }
  assert.equal(Buffer.from(taken).toString(), 'one\n');
  batch.left();
  assert.equal(leave(batch), Array.from({ length: 1000 }, (_, i) => `line ${i}\n`).join(''));
});

for (const length of [1, 47, 48, 49, 5000]) {
  test(`${length} bytes are copied as they are`, () => {
    const batch = new LineBatch();
    const text = Array.from({ length }, (_, i) => String.fromCharCode(97 + (i % 26))).join('');
    put(batch, text);
    batch.endLine();
    assert.equal(leave(batch), `${text}\n`);
  });
}

test('a line leaves unfinished only when it is longer than what is held', () => {
  const batch = new LineBatch();
  put(batch, 'x'.repeat(MAX_HELD_BYTES));
  assert.equal(leave(batch), '');
  assert.equal(batch.open, false);
  put(batch, 'y');
  assert.equal(leave(batch).length, MAX_HELD_BYTES + 1);
  assert.equal(batch.open, true);
  put(batch, 'z');
  assert.equal(leave(batch), 'z');
  batch.endLine();
  assert.equal(batch.open, false);
  assert.equal(leave(batch), '\n');
});

test('whole lines before an unfinished one do not count for it', () => {
  const batch = new LineBatch();
  const whole = 'x'.repeat(MAX_HELD_BYTES);
  put(batch, whole);
  batch.endLine();
  put(batch, 'y');
  assert.equal(leave(batch), `${whole}\n`);
  assert.equal(batch.open, false);
});

test('a rollback forgets what has not left of the unfinished line, and nothing else', () => {
  const batch = new LineBatch();
  put(batch, 'one');
  batch.endLine();
  put(batch, 'tw');
  batch.rollback();
  put(batch, 'three');
  batch.endLine();
  assert.equal(leave(batch), 'one\nthree\n');
  put(batch, 'x'.repeat(MAX_HELD_BYTES + 1));
  leave(batch);
  put(batch, 'more');
  batch.rollback();
  assert.equal(batch.open, true);
  batch.endLine();
  assert.equal(leave(batch), '\n');
});

test('a line that is closed without bytes of its own is over', () => {
  const batch = new LineBatch();
  put(batch, 'x'.repeat(MAX_HELD_BYTES + 1));
  leave(batch);
  batch.closeLine();
  assert.equal(batch.open, false);
  put(batch, 'next');
  assert.equal(leave(batch), '');
  batch.endLine();
  assert.equal(leave(batch), 'next\n');
});
