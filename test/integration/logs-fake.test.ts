import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SilenceLimits } from '../../src/logs/core/silence.ts';
import { createLogSink } from '../../src/logs/log-sink.ts';
import { LogStream, type LogStreamOptions } from '../../src/logs/log-stream.ts';
import type { SessionEvent } from '../../src/output/core/events.ts';
import { Output } from '../../src/output/output.ts';
import type { OutputDevice } from '../../src/output/output-device.ts';
import type { Pod } from '../../src/pods/core/pod.ts';
import { LogKubelet } from './log-kubelet.ts';

const FAST: SilenceLimits = { endedMs: 200, idleMs: 60_000, maxIdleMs: 60_000 };

function follow(kubelet: LogKubelet, options: Partial<LogStreamOptions> = {}) {
  let text = '';
  const waiting: (() => void)[] = [];
  const device: OutputDevice = {
    async write(bytes) {
      text += Buffer.from(bytes).toString('latin1');
      for (const resolve of waiting.splice(0)) resolve();
    },
    abandon() {},
  };
  const told: SessionEvent[] = [];
  const output = new Output(device);
  const sink = createLogSink(output, {
    container: 'go',
    pod: 'example',
    prefix: { bytes: Buffer.alloc(0) },
    timestamps: false,
  });
  const stream = new LogStream({
    kubectl: { program: 'kubectl', flags: [], requestTimeout: undefined, namespace: undefined, context: undefined },
    pod: kubelet.pod(),
    container: 'go',
    first: undefined,
    sink,
    tell: (event) => told.push(event),
    signal: new AbortController().signal,
    start: kubelet.start,
    makePipe: async () => undefined,
    limits: FAST,
    pauseFactor: 0.01,
    ...options,
  });
  return {
    stream,
    told,
    get lines() {
      return text.split('\n').slice(0, -1);
    },
    /** Until so many lines have come. */
    async until(count: number) {
      while (this.lines.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
      return this.lines;
    },
    update: (changes: Partial<Pod> = {}) => stream.update({ ...kubelet.pod(), ...changes }),
    async end() {
      stream.podGone();
      await stream.ended;
      return this.lines;
    },
  };
}

/** Until it holds; the test runner's time limit is what ends a wait in vain. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

function running(): LogKubelet {
  const kubelet = new LogKubelet();
  kubelet.startInstance();
  return kubelet;
}

const cuts: readonly [name: string, exitCode: number, message: string][] = [
  ['ends cleanly while the container lives', 0, ''],
  ['breaks with the API server', 1, 'error: unexpected EOF'],
  [
    'ends with a GOAWAY',
    1,
    'error: http2: server sent GOAWAY and closed the connection; LastStreamID=3, ErrCode=NO_ERROR, debug=""',
  ],
];
for (const [name, exitCode, message] of cuts) {
  test(`a stream that ${name} goes on with the next line`, { timeout: 20_000 }, async () => {
    const kubelet = running();
    const log = follow(kubelet);
    await until(() => kubelet.following === 1);
    kubelet.write('one');
    kubelet.write('two');
    await log.until(2);
    // cut in the middle of a line, and again in the middle of its timestamp
    for (const [text, shown] of [
      ['three', 33],
      ['four', 12],
      ['', 31],
      ['six', 0],
    ] as const) {
      kubelet.write(text, shown);
      kubelet.cut(exitCode, message);
      await until(() => kubelet.following === 1);
      kubelet.passTime(700);
    }
    await log.until(6);
    kubelet.endInstance();
    assert.deepEqual(await log.end(), ['one', 'two', 'three', 'four', '', 'six']);
    assert.deepEqual(log.told, []);
  });
}

test('a killed kubectl is replaced', { timeout: 20_000 }, async () => {
  const kubelet = running();
  const log = follow(kubelet);
  for (let i = 0; i < 20; i++) {
    await until(() => kubelet.following === 1);
    kubelet.passTime(137);
    kubelet.write(`line ${i}`, i % 40);
    kubelet.cut(-9);
  }
  const expected = Array.from({ length: 20 }, (_, i) => `line ${i}`);
  assert.deepEqual(await log.until(20), expected);
  await log.stream.stop();
  assert.deepEqual(log.told, []);
});

test('what an ended instance had still to say comes before the next one, from its first line', {
  timeout: 20_000,
}, async () => {
  const kubelet = running();
  const log = follow(kubelet);
  await until(() => kubelet.following === 1);
  kubelet.write('a1');
  await log.until(1);
  kubelet.cut(0);
  kubelet.passTime(50);
  kubelet.write('a2');
  kubelet.endInstance();
  kubelet.passTime(50);
  kubelet.startInstance();
  kubelet.write('b1');
  kubelet.passTime(3000);
  kubelet.write('b2');
  log.update();
  assert.deepEqual(await log.until(4), ['a1', 'a2', 'b1', 'b2']);
  await log.stream.stop();
  assert.deepEqual(log.told, []);
});

test('the same when the pod tells of the restart only later', { timeout: 20_000 }, async () => {
  const kubelet = running();
  const log = follow(kubelet);
  await until(() => kubelet.following === 1);
  kubelet.write('a1');
  await log.until(1);
  kubelet.write('a2', 5);
  kubelet.latest.alive = false;
  kubelet.passTime(50);
  kubelet.startInstance();
  kubelet.write('b1');
  kubelet.cut(0);
  // nothing of the new instance is shown before the pod has told of it
  assert.deepEqual(await log.until(2), ['a1', 'a2']);
  kubelet.passTime(50);
  kubelet.write('b2');
  log.update();
  assert.deepEqual(await log.until(4), ['a1', 'a2', 'b1', 'b2']);
  await log.stream.stop();
  assert.deepEqual(log.told, []);
});

test("an instance's output is shown once while it is in back-off, and nothing is asked meanwhile", {
  timeout: 20_000,
}, async () => {
  const kubelet = running();
  const log = follow(kubelet);
  for (const round of ['a', 'b', 'c']) {
    await until(() => kubelet.following === 1);
    kubelet.write(`${round}1`);
    kubelet.write(`${round}2`);
    kubelet.endInstance();
    log.update();
    const seen = ['a', 'b', 'c'].indexOf(round) * 2 + 2;
    await log.until(seen);
    let calls = -1;
    // settled: it asks for nothing in the time in which it would have asked many times
    while (calls !== kubelet.calls.length) {
      calls = kubelet.calls.length;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    kubelet.passTime(10_000);
    if (round === 'c') break;
    kubelet.startInstance();
    log.update();
  }
  assert.deepEqual(await log.end(), ['a1', 'a2', 'b1', 'b2', 'c1', 'c2']);
  assert.ok(kubelet.calls.length <= 12, `${kubelet.calls.length} calls`);
  assert.deepEqual(log.told, []);
});

test('two restarts within one outage: what can be had is shown, and the gap is told once', {
  timeout: 20_000,
}, async () => {
  const kubelet = running();
  const log = follow(kubelet);
  await until(() => kubelet.following === 1);
  kubelet.write('a1');
  await log.until(1);
  kubelet.failure = {
    message: 'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
    exitCode: 1,
  };
  kubelet.cut(1, 'error: unexpected EOF');
  for (const text of ['a2', 'b1', 'c1']) {
    if (text !== 'a2') kubelet.startInstance();
    kubelet.passTime(500);
    kubelet.write(text);
  }
  kubelet.failure = undefined;
  log.update();
  assert.deepEqual(await log.until(3), ['a1', 'b1', 'c1']);
  await log.stream.stop();
  assert.deepEqual(
    log.told.map(({ kind }) => kind),
    ['log-gap'],
  );
});

test('a container that was removed while its log was followed has been shown whole', { timeout: 20_000 }, async () => {
  const kubelet = running();
  const log = follow(kubelet);
  await until(() => kubelet.following === 1);
  kubelet.write('one');
  await log.until(1);
  kubelet.write('two');
  kubelet.removeInstance();
  log.update();
  // It is looked for in both logs, in vain.
  await until(() => kubelet.calls.some((args) => args.includes('--previous')));
  // A container that starts while it is still looked for would make a gap of what nobody can tell.
  await new Promise((resolve) => setTimeout(resolve, 100));
  kubelet.startInstance();
  kubelet.write('three');
  log.update();
  assert.deepEqual(await log.until(3), ['one', 'two', 'three']);
  assert.deepEqual(await log.end(), ['one', 'two', 'three']);
  assert.deepEqual(log.told, []);
});

test('a rotated log goes on, and the gap is told', { timeout: 20_000 }, async () => {
  const kubelet = running();
  const log = follow(kubelet);
  await until(() => kubelet.following === 1);
  kubelet.write('one');
  await log.until(1);
  kubelet.cut(0);
  kubelet.write('lost');
  kubelet.rotate();
  kubelet.passTime(1500);
  kubelet.write('three');
  assert.deepEqual(await log.until(2), ['one', 'three']);
  await until(() => kubelet.following === 1);
  kubelet.write('four');
  assert.deepEqual(await log.until(3), ['one', 'three', 'four']);
  await log.stream.stop();
  assert.deepEqual(
    log.told.map(({ kind }) => kind),
    ['log-gap'],
  );
});

test('what a deleted pod may have said while it could not be read is told of as that', {
  timeout: 20_000,
}, async () => {
  const kubelet = running();
  const log = follow(kubelet);
  await until(() => kubelet.following === 1);
  kubelet.write('one');
  await log.until(1);
  log.update({ terminating: true });
  kubelet.cut(0);
  kubelet.rotate();
  kubelet.passTime(1500);
  kubelet.write('three');
  assert.deepEqual(await log.until(2), ['one', 'three']);
  await log.end();
  const reason = 'the pod was deleted before its log could be read to the end';
  assert.deepEqual(log.told, [{ kind: 'log-gap', pod: kubelet.pod().name, container: 'go', reason }]);
});

test('a follow that is silent since a rotation is replaced', { timeout: 20_000 }, async () => {
  const kubelet = running();
  kubelet.blindAfterRotation = true;
  const log = follow(kubelet, { limits: { ...FAST, idleMs: 50 } });
  await until(() => kubelet.following === 1);
  kubelet.write('one');
  kubelet.write('two');
  await log.until(2);
  kubelet.rotate();
  kubelet.passTime(1);
  kubelet.write('three');
  assert.deepEqual(await log.until(3), ['one', 'two', 'three']);
  await log.stream.stop();
});

test('what --tail left out stays out when the stream is cut at once', { timeout: 20_000 }, async () => {
  const kubelet = running();
  for (const text of ['a', 'b', 'c', 'd']) {
    kubelet.passTime(10);
    kubelet.write(text);
  }
  const log = follow(kubelet, { first: { tail: 2, since: undefined } });
  await log.until(2);
  await until(() => kubelet.following === 1);
  kubelet.cut(0);
  kubelet.write('e');
  assert.deepEqual(await log.until(3), ['c', 'd', 'e']);
  await log.stream.stop();
});

test('--tail counts for what runs already; what starts later is shown from its first line', {
  timeout: 20_000,
}, async () => {
  const kubelet = new LogKubelet();
  const log = follow(kubelet, { first: { tail: 1, since: undefined } });
  kubelet.startInstance();
  for (const text of ['a', 'b', 'c']) kubelet.write(text);
  log.update();
  assert.deepEqual(await log.until(3), ['a', 'b', 'c']);
  await log.stream.stop();
});

test('an error that will not pass is told once, and the log goes on when it has passed', {
  timeout: 20_000,
}, async () => {
  const kubelet = running();
  kubelet.failure = {
    message: 'Error from server (Forbidden): pods "example" is forbidden: User "nobody" cannot get resource "pods/log"',
    exitCode: 1,
  };
  const log = follow(kubelet);
  await until(() => kubelet.calls.length >= 5);
  kubelet.failure = undefined;
  kubelet.write('one');
  assert.deepEqual(await log.until(1), ['one']);
  await log.stream.stop();
  assert.deepEqual(
    log.told.map(({ kind }) => kind),
    ['log-failed'],
  );
});

test('an API server that is away is no message of ours', { timeout: 20_000 }, async () => {
  const kubelet = running();
  kubelet.failure = {
    message: 'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
    exitCode: 1,
  };
  const log = follow(kubelet);
  await until(() => kubelet.calls.length >= 5);
  kubelet.failure = undefined;
  kubelet.write('one');
  assert.deepEqual(await log.until(1), ['one']);
  await log.stream.stop();
  assert.deepEqual(log.told, []);
});

test('it ends by itself when the pod has ended, also some time after its container', { timeout: 20_000 }, async () => {
  const kubelet = running();
  const log = follow(kubelet);
  await until(() => kubelet.following === 1);
  kubelet.write('one');
  kubelet.write('two', 33);
  kubelet.endInstance();
  log.update();
  await log.until(2);
  // Read twice: the second time there is nothing new.
  await until(() => kubelet.calls.length === 3);
  await new Promise((resolve) => setTimeout(resolve, 20));
  log.update({ phase: 'Failed' });
  await log.stream.ended;
  assert.deepEqual(log.lines, ['one', 'two']);
});

test('a last line without an end is completed when the pod is gone', { timeout: 20_000 }, async () => {
  const kubelet = running();
  const log = follow(kubelet);
  await until(() => kubelet.following === 1);
  kubelet.write('one');
  kubelet.write('two', 33);
  await log.until(1);
  kubelet.failure = { message: 'Error from server (NotFound): pods "example" not found', exitCode: 1 };
  kubelet.cut(0);
  assert.deepEqual(await log.end(), ['one', 'tw']);
});

// Numbers by a small generator, so that a failure names the seed that brings it back.
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

for (let seed = 1; seed <= 40; seed++) {
  test(`each line once and in order, whatever happens (${seed})`, { timeout: 20_000 }, async () => {
    const pick = random(seed);
    const kubelet = running();
    const log = follow(kubelet);
    const expected: string[] = [];
    const write = (shown?: number) => {
      if (pick(3) > 0) kubelet.passTime(pick(5) === 0 ? pick(2500) : pick(3));
      const text = pick(8) === 0 ? '' : `${expected.length} ${'x'.repeat(pick(20) === 0 ? 100_000 : pick(100))}`;
      expected.push(text);
      kubelet.write(text, shown);
    };
    for (let i = 0; i < 30; i++) {
      switch (pick(7)) {
        case 0:
        case 1:
          for (let n = pick(20); n >= 0; n--) write();
          break;
        case 2:
          kubelet.failure = undefined;
          await until(() => kubelet.following === 1);
          break;
        case 3:
          if (pick(2) === 0) write(pick(60));
          kubelet.cut(pick(2), 'error: unexpected EOF');
          break;
        case 4: {
          // One restart at a time: two within one re-attach cannot be lossless.
          // Nor can the end of an instance of which nothing had been shown, in a moment when the stream is cut.
          kubelet.failure = undefined;
          write();
          await log.until(expected.length);
          await until(() => kubelet.following === 1);
          for (let n = pick(4); n > 0; n--) write();
          if (pick(2) === 0) kubelet.cut(0);
          for (let n = pick(3); n > 0; n--) write();
          kubelet.endInstance();
          if (pick(2) === 0) log.update();
          await new Promise((resolve) => setTimeout(resolve, pick(8)));
          kubelet.passTime(20);
          kubelet.startInstance();
          if (pick(2) === 0) log.update();
          for (let n = pick(4); n > 0; n--) write();
          await new Promise((resolve) => setTimeout(resolve, pick(8)));
          log.update();
          break;
        }
        case 5:
          kubelet.failure = {
            message: 'Unable to connect to the server: dial tcp 127.0.0.1:1: connect: connection refused',
            exitCode: 1,
          };
          kubelet.cut(1, 'error: unexpected EOF');
          break;
        default:
          kubelet.failure = undefined;
          await new Promise((resolve) => setTimeout(resolve, pick(5)));
      }
      if (pick(3) > 0) kubelet.failure = undefined;
    }
    kubelet.failure = undefined;
    await log.until(expected.length);
    assert.deepEqual(log.lines, expected);
    kubelet.endInstance();
    assert.deepEqual(await log.end(), expected);
    assert.deepEqual(log.told, []);
  });
}
