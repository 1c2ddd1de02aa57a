import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogSink } from '../../../src/logs/log-sink.ts';
import { type LineOwner, Output } from '../../../src/output/output.ts';
import type { OutputDevice } from '../../../src/output/output-device.ts';

/** A reader that takes one write at each `read`. */
function slowDevice() {
  let written = '';
  const waiting: { bytes: Uint8Array; resolve: () => void; reject: (error: Error) => void }[] = [];
  const device: OutputDevice & { abandoned: boolean } = {
    abandoned: false,
    write: (bytes) => new Promise((resolve, reject) => waiting.push({ bytes, resolve, reject })),
    abandon() {
      device.abandoned = true;
    },
  };
  return {
    device,
    get written() {
      return written;
    },
    get pending() {
      return waiting.length;
    },
    async read() {
      const write = waiting.shift();
      if (write === undefined) return false;
      written += Buffer.from(write.bytes).toString();
      write.resolve();
      // the next write is handed over in the promise jobs that follow
      await new Promise(setImmediate);
      return true;
    },
    async readAll() {
      while (await this.read());
    },
    fail(code: string) {
      waiting.shift()?.reject(Object.assign(new Error(code), { code }));
    },
  };
}
const owner = (closed: string[] = [], name = ''): LineOwner => ({
  closing: Buffer.from('\n'),
  closedByOutput: () => void closed.push(name),
});
const bytes = (text: string) => Buffer.from(text);

test('lines leave in the order they were written, one write at a time', async () => {
  const reader = slowDevice();
  const output = new Output(reader.device);
  output.writeLine('one');
  void output.write(bytes('two\n'));
  output.writeLine('three');
  assert.equal(reader.pending, 1);
  await reader.readAll();
  assert.equal(reader.written, 'one\ntwo\nthree\n');
});

test('a write resolves only when a slow reader has taken it', async () => {
  const reader = slowDevice();
  const output = new Output(reader.device);
  const done: string[] = [];
  const first = output.write(bytes('one\n')).then(() => done.push('one'));
  const second = output.write(bytes('two\n')).then(() => done.push('two'));
  await reader.read();
  await first;
  assert.deepEqual(done, ['one']);
  await reader.read();
  await second;
  assert.deepEqual(done, ['one', 'two']);
});

test('while a long line is open nobody else writes, whatever the order', async () => {
  const reader = slowDevice();
  const output = new Output(reader.device);
  const long = owner();
  const other = owner();
  void output.write(bytes('[a]: long'), long, true);
  void output.write(bytes('[b]: one\n'), other);
  output.writeLine('ours');
  void output.write(bytes(' longer'), long, true);
  void output.write(bytes(' end\n[a]: next\n'), long);
  await reader.readAll();
  assert.equal(reader.written, '[a]: long longer end\n[a]: next\n[b]: one\nours\n');
});

test('an open line whose owner stays silent is completed for those that wait', async () => {
  const reader = slowDevice();
  const output = new Output(reader.device, 1);
  const closed: string[] = [];
  const silent = owner(closed, 'a');
  const waited = output.write(bytes('[a]: long'), silent, true);
  await reader.readAll();
  await waited;
  const other = output.write(bytes('[b]: one\n'), owner());
  while (reader.pending === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await reader.readAll();
  await other;
  assert.deepEqual(closed, ['a']);
  assert.equal(reader.written, '[a]: long\n[b]: one\n');
});

test('a reader that is gone aborts `closed`, and nothing waits any more', async () => {
  for (const code of ['EPIPE', 'EIO']) {
    const reader = slowDevice();
    const output = new Output(reader.device);
    const writes = [output.write(bytes('one\n')), output.write(bytes('two\n'))];
    reader.fail(code);
    await Promise.all(writes);
    assert.ok(output.closed.aborted, code);
    await output.write(bytes('three\n'));
    await output.flush(1);
    assert.ok(!reader.device.abandoned);
  }
});

test('flush waits for what is left', async () => {
  const reader = slowDevice();
  const output = new Output(reader.device);
  output.writeLine('one');
  output.writeLine('two');
  const flushed = output.flush(60_000);
  await reader.readAll();
  await flushed;
  assert.ok(!reader.device.abandoned);
  assert.equal(reader.written, 'one\ntwo\n');
});

test('flush gives up on a reader that has stopped', async () => {
  const reader = slowDevice();
  const output = new Output(reader.device);
  output.writeLine('one');
  await output.flush(1);
  assert.ok(reader.device.abandoned);
});

test('a sink keeps the output for its long line and gives it back at the end', async () => {
  const reader = slowDevice();
  const output = new Output(reader.device);
  const options = { container: 'a', pod: 'p', prefix: { bytes: bytes('[a]: ') }, timestamps: false };
  const { lines: renderer, drain } = createLogSink(output, options);
  const stamp = bytes('2026-01-02T03:04:05Z');
  const long = Buffer.alloc(70_000, 'x');
  renderer.begin(stamp, 0, stamp.length);
  renderer.append(long, 0, long.length);
  const first = drain(() => {});
  output.writeLine('ours');
  await reader.readAll();
  await first;
  assert.equal(reader.written, `[a]: ${long}`);
  renderer.end();
  const second = drain(() => {});
  await reader.readAll();
  await second;
  assert.equal(reader.written, `[a]: ${long}\nours\n`);
});
