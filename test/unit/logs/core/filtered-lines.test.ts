import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FilteredLines } from '../../../../src/logs/core/filtered-lines.ts';
import { MAX_HELD_BYTES } from '../../../../src/logs/core/line-batch.ts';
import { LineMatcher, type LineVerdict } from '../../../../src/logs/core/line-matcher.ts';
import { jsonRenderer, type LineRenderer, textRenderer } from '../../../../src/logs/core/line-renderers.ts';
import { LineScanner } from '../../../../src/logs/core/line-scanner.ts';
import { parseLinePatterns } from '../../../../src/request/core/patterns.ts';

const STAMP = '2026-01-02T03:04:05.000000001Z';

function filtered(
  flags: { include?: string[]; exclude?: string[]; highlight?: string[] },
  renderer: LineRenderer = textRenderer({ bytes: Buffer.from('[go]: ') }, false),
  highlights = flags.highlight !== undefined,
) {
  const patterns = parseLinePatterns({ include: [], exclude: [], highlight: [], ...flags });
  assert.ok(patterns);
  const matcher = new LineMatcher(patterns, highlights);
  const lines = new FilteredLines(renderer, (held) => {
    const verdicts: LineVerdict[] = [];
    matcher.decide(held, verdicts);
    return verdicts;
  });
  const scanner = new LineScanner(lines);
  scanner.attach('fresh');
  const leave = () => {
    lines.settle();
    const text = Buffer.from(lines.batch.take()).toString('latin1');
    scanner.taken();
    lines.batch.left();
    return text;
  };
  return {
    scanner,
    lines,
    renderer,
    leave,
    read(text: string | Buffer): string {
      scanner.scan(Buffer.from(text));
      return leave();
    },
  };
}
const log = (...texts: string[]) => texts.map((text) => `${STAMP} ${text}\n`).join('');

test('only lines that are shown leave', () => {
  const { read } = filtered({ include: ['a'], exclude: ['b'] });
  assert.equal(read(log('a', 'b', 'ab', 'xa')), '[go]: a\n[go]: xa\n');
  assert.equal(read(log('b')), '');
  assert.equal(read(log('a')), '[go]: a\n');
});

test('a line that comes in parts is decided as a whole', () => {
  const { read } = filtered({ include: ['^abc$'] });
  assert.equal(read(`${log('no')}${STAMP} a`), '');
  assert.equal(read('b'), '');
  assert.equal(read(`c\n${STAMP} ab\n${STAMP} a`), '[go]: abc\n');
  assert.equal(read('bc\n'), '[go]: abc\n');
});

test('a last line without a line feed is decided once the log has ended', () => {
  const { read, scanner, leave } = filtered({ include: ['a'] });
  assert.equal(read(`${STAMP} a`), '');
  scanner.complete();
  assert.equal(leave(), '[go]: a\n');
});

test('what matches is marked without touching the colours of the line', () => {
  const { read } = filtered({ highlight: ['gr.n', 'x'] });
  assert.equal(
    read(log('\x1b[31mgrün x', 'none')),
    Buffer.from('[go]: \x1b[31m\x1b[7mgrün\x1b[27m \x1b[7mx\x1b[27m\n[go]: none\n').toString('latin1'),
  );
});

test('timestamps are those of the lines', () => {
  const { read } = filtered({ include: ['a'] }, textRenderer({ bytes: Buffer.from('[go]: ') }, true));
  const later = STAMP.replace(':05.', ':06.');
  assert.equal(read(`${STAMP} b\n${later} a\n`), `[go]: ${later} a\n`);
});

test('as JSON, too, only lines that are shown leave', () => {
  const { read } = filtered({ include: ['ü'] }, jsonRenderer('go', 'p'));
  const lines = read(log('grün', 'grun')).trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(Buffer.from(line, 'latin1').toString()).line),
    ['grün'],
  );
});

const filler = 'x'.repeat(MAX_HELD_BYTES);
test('a line that is too long to be held is decided by its start, and passed on as it comes', () => {
  const { read } = filtered({ include: ['start'] });
  assert.equal(read(`${STAMP} start${filler}`), `[go]: start${filler}`);
  assert.equal(read('more'), 'more');
  assert.equal(read(`end\n${log('other', 'start')}`), 'end\n[go]: start\n');
});

test('one that is not shown by its start is not shown at all', () => {
  const { read, scanner } = filtered({ include: ['start'] });
  assert.equal(read(`${STAMP} ${filler}x`), '');
  assert.equal(read('start'), '');
  assert.equal(read(`start\n${log('start')}`), '[go]: start\n');
  assert.equal(scanner.newLines, 2);
});

test('when the log is read again, what had left of a long line does not leave again', () => {
  const { read, scanner } = filtered({ include: ['start'] });
  assert.equal(read(`${STAMP} start${filler}`), `[go]: start${filler}`);
  scanner.attach('resume');
  assert.equal(read(`${STAMP} start${filler}`), '');
  assert.equal(read(`, more\n${log('start')}`), ', more\n[go]: start\n');
});

test('when the log is read again, a long line that is not shown is not shown then either', () => {
  const { read, scanner } = filtered({ include: ['start'] });
  assert.equal(read(`${log('start 0')}${STAMP} ${filler}x`), '[go]: start 0\n');
  scanner.attach('resume');
  assert.equal(read(`${log('start 0')}${STAMP} ${filler}x and`), '');
  assert.equal(read(` more\n${log('start 1')}`), '[go]: start 1\n');
});

test('a long line that the output had to complete goes on with a prefix', () => {
  const { read, renderer, scanner } = filtered({ include: ['start'] });
  read(`${STAMP} start${filler}`);
  renderer.closedByOutput();
  assert.equal(read('more'), '');
  assert.equal(read('end\n'), '[go]: moreend\n');
  assert.equal(scanner.newLines, 1);
});

test('when the log is read again, an unfinished line is held anew', () => {
  const { read, scanner } = filtered({ include: ['a'] });
  assert.equal(read(`${log('a0')}${STAMP} a`), '[go]: a0\n');
  scanner.attach('resume');
  assert.equal(read(`${log('a0')}${STAMP} ab\n`), '[go]: ab\n');
});

test('however the log is cut, the lines that match are shown as they are', () => {
  const line = fc
    .uint8Array({ maxLength: 12 })
    .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 10 ? 97 : byte))));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.array(fc.nat(300), { maxLength: 6 }), (texts, cuts) => {
      const { read } = filtered({ exclude: ['^$|b'] });
      const bytes = Buffer.concat(texts.flatMap((text) => [Buffer.from(`${STAMP} `), text, Buffer.from('\n')]));
      const ends = [...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      let at = 0;
      let shown = '';
      for (const end of ends) {
        shown += read(bytes.subarray(at, end));
        at = end;
      }
      const expected = texts.map((text) => text.toString('latin1')).filter((text) => !/^\r?$|b/.test(text));
      assert.equal(shown, expected.map((text) => `[go]: ${text}\n`).join(''));
    }),
  );
});
