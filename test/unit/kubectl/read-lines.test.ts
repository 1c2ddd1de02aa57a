import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { readLines } from '../../../src/kubectl/read-lines.ts';

async function linesOf(chunks: readonly string[], maxLength = 10) {
  const lines: (string | [string, 'cut'])[] = [];
  const stream = Readable.from(
    chunks.map((chunk) => Buffer.from(chunk, 'latin1')),
    { objectMode: false },
  );
  await readLines(stream, (line, cut) => lines.push(cut ? [line, 'cut'] : line), { maxLength });
  return lines;
}

const CASES: readonly [title: string, chunks: string[], expected: (string | [string, 'cut'])[]][] = [
  ['passes on whole lines', ['a\nb\n'], ['a', 'b']],
  ['joins a line from several chunks', ['a', 'b', 'c\nd\n'], ['abc', 'd']],
  ['passes on a last line without newline', ['a\nb'], ['a', 'b']],
  ['keeps empty lines', ['\n\na\n'], ['', '', 'a']],
  ['takes the carriage return away with the newline', ['a\r\nb\r', '\n'], ['a', 'b']],
  ['says nothing of an empty stream', [''], []],
  ['passes on a line that is just as long as the limit', ['0123456789\na\n'], ['0123456789', 'a']],
  ['cuts a longer line and says so', ['0123456789X\na\n'], [['0123456789', 'cut'], 'a']],
  ['cuts a line that grows over several chunks', ['01234567', '89', 'X', 'Y\na'], [['0123456789', 'cut'], 'a']],
  ['cuts a last line', ['a\n0123456789XY'], ['a', ['0123456789', 'cut']]],
  [
    'cuts lines one after the other',
    ['0123456789X\n\n0123456789Y\nb\n'],
    [['0123456789', 'cut'], '', ['0123456789', 'cut'], 'b'],
  ],
  ['joins a character that was cut in half', ['\xc3', '\xa9\n'], ['\u00e9']],
];

for (const [title, chunks, expected] of CASES) {
  test(`a line reader ${title}`, async () => assert.deepEqual(await linesOf(chunks), expected));
}

test('a line without end stays in bounded memory', async () => {
  const stream = new PassThrough();
  const lengths: number[] = [];
  const done = readLines(stream, (line) => lengths.push(line.length), { maxLength: 65536 });
  const before = process.memoryUsage().rss;
  const chunk = Buffer.alloc(1 << 20, 0x78);
  for (let i = 0; i < 256; i += 1)
    if (!stream.write(chunk)) await new Promise((resolve) => stream.once('drain', resolve));
  stream.end();
  await done;
  assert.deepEqual(lengths, [65536]);
  assert.ok(process.memoryUsage().rss - before < 64 << 20);
});

test('a stream that breaks off ends the reading after the lines it gave', async () => {
  const stream = new PassThrough();
  const lines: string[] = [];
  const done = readLines(stream, (line) => lines.push(line), { maxLength: 10 });
  stream.write('a\nb');
  setImmediate(() => stream.destroy(new Error('broken')));
  await done;
  assert.deepEqual(lines, ['a', 'b']);
});
