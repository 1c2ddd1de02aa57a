import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_HELD_BYTES } from '../../../../src/logs/core/line-batch.ts';
import { textRenderer } from '../../../../src/logs/core/line-renderers.ts';
import { LineScanner } from '../../../../src/logs/core/line-scanner.ts';
import type { ReadMode } from '../../../../src/logs/core/repeat-filter.ts';

const HOUR = Date.UTC(2026, 0, 2, 3) / 1000;
/** `5.1 text` as a kubelet writes it: 0.1 s after 03:00:05. */
function written(line: string): string {
  const [, seconds = '', fraction = '', text = ''] = /^(\d+)\.(\d+) ?(.*)$/s.exec(line) ?? [];
  const time = new Date((HOUR + Number(seconds)) * 1000).toISOString().slice(0, 19);
  return `${time}.${fraction.padEnd(9, '0')}Z ${text}`;
}
const at = (line: string) => HOUR + Number(/^\d+/.exec(line)?.[0]);

/** A log of which reads are taken, as `kubectl logs --since-time` gives them. */
function reader() {
  const renderer = textRenderer({ bytes: Buffer.alloc(0) }, false);
  const lines = new LineScanner(renderer);
  let shown = '';
  const take = () => {
    shown += Buffer.from(renderer.batch.take()).toString('latin1');
    lines.taken();
    renderer.batch.left();
  };
  return {
    lines,
    /** Shows what of `log` comes from since-time on, cut after `bytes`; false for another instance's log. */
    read(log: readonly string[], mode: ReadMode, cut?: { bytes: number } | { tail: number }): boolean {
      const since = mode === 'fresh' ? undefined : lines.shown.sinceTime();
      const from = since === undefined ? 0 : Date.parse(since) / 1000;
      let text = log.filter((line) => at(line) >= from);
      if (cut && 'tail' in cut) text = text.slice(-cut.tail);
      let bytes = Buffer.from(text.map((line) => `${written(line)}\n`).join(''), 'latin1');
      if (cut && 'bytes' in cut) bytes = bytes.subarray(0, bytes.length - cut.bytes);
      lines.attach(mode);
      let same = true;
      for (let i = 0; same && i < bytes.length; i += 1000) {
        same = lines.scan(bytes.subarray(i, i + 1000));
        take();
      }
      return same;
    },
    end(): string[] {
      lines.complete();
      take();
      return shown.split('\n').slice(0, -1);
    },
  };
}
const texts = (log: readonly string[]) => log.map((line) => line.replace(/^\d+\.\d+ ?/, ''));

const whole: readonly [name: string, log: readonly string[]][] = [
  ['lines over several seconds', ['1.1 a', '2.1 b', '3.1 c', '3.2 d', '4.9 e', '7.1 f', '9.2 g']],
  ['lines in the same nanosecond', ['5.1 a', '5.1 b', '5.1 c', '5.1 d', '5.2 e', '5.2 f']],
  ['the same line in the same nanosecond', ['5.1 a', '5.1 a', '5.1 a', '5.1 a', '5.1 b']],
  ['empty lines', ['5.1', '5.1', '5.2', '6.1', '6.1 x', '6.2']],
  ['stdout and stderr out of order', ['5.3 a', '5.1 b', '5.2 c', '6.1 d', '5.9 e', '6.05 f', '6.1 g', '6.0 h']],
  [
    'characters of several bytes',
    ['5.1 \u00c3\u00a9\u00e2\u0082\u00ac', '5.2 \u00f0\u009f\u008e\u0089\u00f0\u009f\u008e\u0089'],
  ],
  ['timestamps as text', ['5.1 2026-01-02T03:00:05.100000000Z a', '5.2 2026-01-02T03:00:05.100000000Z b']],
];
for (const [name, log] of whole) {
  test(`wherever it is cut, a log of ${name} is shown once and in order`, () => {
    const length = Buffer.from(log.map((line) => `${written(line)}\n`).join(''), 'latin1').length;
    for (let first = 1; first < length; first++) {
      const log1 = reader();
      assert.ok(log1.read(log, 'fresh', { bytes: first }));
      assert.ok(log1.read(log, 'resume', { bytes: Math.min(first - 1, 7) }), `cut ${first} bytes before the end`);
      assert.ok(log1.read(log, 'resume'));
      assert.ok(log1.read(log, 'resume'));
      assert.deepEqual(log1.end(), texts(log), `cut ${first} bytes before the end`);
    }
  });
}

test('a clock that is set back is followed, unless the cut is at that very line', () => {
  const log = ['50.1 a', '50.2 b', '10.1 c', '10.2 d', '11.1 e', '12.1 f', '50.4 g', '50.5 h'];
  for (let shown = 3; shown < log.length; shown++) {
    const it = reader();
    it.read(log.slice(0, shown), 'fresh');
    assert.ok(it.read(log, 'resume'), `cut after ${shown} lines`);
    assert.deepEqual(it.end(), texts(log), `cut after ${shown} lines`);
  }
});

test('lines that --tail left out stay left out', () => {
  const log = ['5.1 a', '5.1 b', '5.2 c', '5.3 d', '5.3 e', '5.4 f', '5.5 g'];
  for (const tail of [2, 3, 4, 5]) {
    const it = reader();
    it.read(log.slice(0, 5), 'fresh', { tail });
    assert.ok(it.read(log, 'resume'));
    assert.deepEqual(it.end(), texts(log.slice(5 - tail)), `tail ${tail}`);
  }
});

test('an unterminated last line is read again, and completed when the log has ended', () => {
  const it = reader();
  it.read(['5.1 a', '5.2 bcdef'], 'fresh', { bytes: 3 });
  assert.equal(it.lines.newLines, 1);
  assert.equal(it.lines.unfinishedBytes, 3);
  it.read(['5.1 a', '5.2 bcdef'], 'resume', { bytes: 1 });
  assert.deepEqual(it.end(), ['a', 'bcdef']);
});

test('a held line is not lost when no further read brings it', () => {
  const it = reader();
  it.read(['5.1 a', '5.2 bcdef'], 'fresh', { bytes: 3 });
  it.lines.attach('resume');
  it.lines.detach();
  assert.deepEqual(it.end(), ['a', 'bcd']);
});

const y = 'y'.repeat(MAX_HELD_BYTES + 5000);
test('a long line that was passed on in part goes on where it was cut', () => {
  const log = ['5.1 a', `5.2 ${y}END`, '5.2 b', '6.1 c'];
  const length = y.length + 200;
  for (const cut of [length - 5000, 2000, 82, 81, 80, 79, 78, 3, 1]) {
    const it = reader();
    it.read(log, 'fresh', { bytes: cut });
    it.read(log, 'resume', { bytes: Math.min(cut, 2500) });
    it.read(log, 'resume', { bytes: Math.min(cut, 90) });
    assert.ok(it.read(log, 'resume'));
    const [first, second, ...rest] = it.end();
    assert.deepEqual([first, rest], ['a', ['b', 'c']], `cut ${cut} bytes before the end`);
    assert.ok(second === `${y}END`, `cut ${cut} bytes before the end: ${second?.length} bytes`);
  }
});

test('a long line that does not come again is completed', () => {
  const it = reader();
  it.read([`5.2 ${y}END`], 'fresh', { bytes: 3000 });
  assert.equal(it.read(['9.1 new'], 'resume'), false);
  it.read(['9.1 new'], 'fresh');
  const lines = it.end();
  assert.equal(lines.length, 2);
  assert.ok(y.startsWith(lines[0] ?? '-'));
  assert.equal(lines[1], 'new');
});

const other: readonly [name: string, shown: readonly string[], again: readonly string[], lines: readonly string[]][] = [
  ['the next instance', ['5.1 a', '5.2 b'], ['6.1 x', '6.2 y'], ['a', 'b', 'x', 'y']],
  ['a rotated log', ['5.1 a', '5.2 b'], ['5.3 x'], ['a', 'b', 'x']],
];
for (const [name, shown, again, lines] of other) {
  test(`${name} is held back until it is accepted`, () => {
    const it = reader();
    it.read(shown, 'fresh');
    assert.equal(it.read(again, 'resume'), false);
    assert.equal(it.lines.confirmed, false);
    assert.ok(it.read(again, 'accept'));
    assert.deepEqual(it.end(), lines);
  });
}

test('a log that was rotated between two shown lines goes on after the last of them', () => {
  const it = reader();
  it.read(['5.1 a', '5.2 b', '5.2 c'], 'fresh');
  assert.ok(it.read(['5.2 b', '5.2 c', '5.3 d'], 'resume'));
  assert.ok(it.lines.confirmed);
  assert.deepEqual(it.end(), ['a', 'b', 'c', 'd']);
});

test('memory for what was shown follows the rate, not the length of the log', () => {
  const it = reader();
  const shown = it.lines.shown;
  for (let second = 0; second < 100; second++) for (let i = 0; i < 1000; i++) shown.add(second, i);
  assert.equal(shown.length, 2000);
  shown.add(200, 0);
  assert.equal(shown.length, 1);
  for (let i = 0; i < 1_000_000; i++) shown.add(200, i);
  assert.ok(shown.length <= 65_536);
});

test('a log of very many lines in a second goes on after the last of them', () => {
  const log = Array.from({ length: 100_000 }, (_, i) => `5.${String(100_000_000 + i).slice(0, 9)} ${i}`);
  const it = reader();
  it.read(log.slice(0, 90_000), 'fresh');
  assert.ok(it.read(log, 'resume'));
  assert.equal(it.end().length, log.length);
});
