import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_HELD_BYTES } from '../../../../src/logs/core/line-batch.ts';
import { jsonRenderer, type LineRenderer, textRenderer } from '../../../../src/logs/core/line-renderers.ts';
import { LineScanner } from '../../../../src/logs/core/line-scanner.ts';

const prefix = Buffer.from('[go]: ');
const stampAt = (i: number) =>
  `2026-01-02T03:04:${String(5 + Math.floor(i / 1000)).padStart(2, '0')}.${String(i % 1000).padStart(9, '0')}Z`;

/** All that comes out for these chunks, taken after each of them. */
function feed(
  lines: LineScanner,
  renderer: LineRenderer,
  chunks: Iterable<Uint8Array>,
  onBatch?: (batch: Buffer) => void,
): Buffer {
  const out: Buffer[] = [];
  const take = () => {
    const batch = Buffer.from(renderer.batch.take());
    lines.taken();
    renderer.batch.left();
    onBatch?.(batch);
    out.push(batch);
  };
  for (const chunk of chunks) {
    assert.ok(lines.scan(chunk), 'not taken for another log');
    take();
  }
  lines.detach();
  lines.complete();
  take();
  return Buffer.concat(out);
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes.length === 0 ? bytes.length : (sizes[i % sizes.length] as number);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

const line = fc
  .array(
    fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 0, max: 255 }) },
      { weight: 1, arbitrary: fc.constantFrom(0, 13, 27) },
    ),
    {
      maxLength: 200,
    },
  )
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 10 ? 11 : byte))));
const sizes = fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 12 });

test('any bytes in any chunks come out as lines with a prefix, and nothing else is changed', () => {
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 20 }),
      sizes,
      fc.boolean(),
      fc.boolean(),
      (contents, sizes, timestamps, ended) => {
        const input = contents.map((content, i) =>
          Buffer.concat([Buffer.from(`${stampAt(i)} `), content, Buffer.from('\n')]),
        );
        const bytes = Buffer.concat(input);
        const renderer = textRenderer({ bytes: prefix }, timestamps);
        const out = feed(new LineScanner(renderer), renderer, cut(ended ? bytes : bytes.subarray(0, -1), sizes));
        const expected = contents.map((content, i) =>
          Buffer.concat([prefix, Buffer.from(timestamps ? `${stampAt(i)} ` : ''), content, Buffer.from('\n')]),
        );
        assert.deepEqual(out, Buffer.concat(expected));
      },
    ),
    { numRuns: 300 },
  );
});

test('any bytes in any chunks come out as one JSON object for each line', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), sizes, (contents, sizes) => {
      const input = contents.map((content, i) =>
        Buffer.concat([Buffer.from(`${stampAt(i)} `), content, Buffer.from('\n')]),
      );
      const renderer = jsonRenderer('go', 'example');
      const out = feed(new LineScanner(renderer), renderer, cut(Buffer.concat(input), sizes)).toString();
      const objects = out
        .split('\n')
        .slice(0, -1)
        .map((text) => JSON.parse(text));
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
      assert.deepEqual(
        objects,
        contents.map((content, i) => ({
          type: 'log',
          container: 'go',
          pod: 'example',
          timestamp: stampAt(i),
          line: decoder.decode(content),
        })),
      );
      assert.ok(out === '' || out.startsWith('{"type":"log",'));
    }),
    { numRuns: 200 },
  );
});

test('a long line is passed on as it comes, in bounded memory, and whole', () => {
  const renderer = textRenderer({ bytes: prefix }, false);
  const lines = new LineScanner(renderer);
  const part = Buffer.alloc(50_000, 'x');
  let largest = 0;
  let total = 0;
  const batches = function* () {
    yield Buffer.from(`${stampAt(0)} `);
    for (let i = 0; i < 2000; i++) yield part;
    yield Buffer.from(`\n${stampAt(1)} next\n`);
  };
  const tails: string[] = [];
  for (const chunk of batches()) {
    lines.scan(chunk);
    const batch = renderer.batch.take();
    largest = Math.max(largest, batch.length);
    total += batch.length;
    tails.push(Buffer.from(batch.subarray(-14)).toString());
    lines.taken();
    renderer.batch.left();
  }
  assert.equal(total, '[go]: '.length + 2000 * part.length + '\n[go]: next\n'.length);
  assert.ok(largest <= MAX_HELD_BYTES + part.length + 64, `a batch of ${largest} bytes`);
  assert.equal(tails.at(-1), '\n[go]: next\n');
});

test('a line is held until it is whole, or too long for that', () => {
  const renderer = textRenderer({ bytes: prefix }, false);
  const lines = new LineScanner(renderer);
  const taken = (text: string) => {
    lines.scan(Buffer.from(text));
    const batch = Buffer.from(renderer.batch.take()).toString();
    lines.taken();
    renderer.batch.left();
    return { batch, open: renderer.batch.open };
  };
  assert.deepEqual(taken(`${stampAt(0)} one\n${stampAt(1)} tw`), { batch: '[go]: one\n', open: false });
  assert.deepEqual(taken('o\n'), { batch: '[go]: two\n', open: false });
  const long = 'y'.repeat(MAX_HELD_BYTES);
  assert.deepEqual(taken(`${stampAt(2)} ${long}`), { batch: `[go]: ${long}`, open: true });
  assert.deepEqual(taken('z'), { batch: 'z', open: true });
  assert.deepEqual(taken(`\n${stampAt(3)} w`), { batch: '\n', open: false });
});

const pieces: readonly [name: string, pieces: readonly string[], expected: string][] = [
  ['two pieces', ['a'.repeat(16384), `${stampAt(5)} bc\n`], `${'a'.repeat(16384)}bc`],
  [
    'three pieces',
    ['a'.repeat(16384), `${stampAt(5)} ${'b'.repeat(16384)}`, `${stampAt(6)} c\n`],
    `${'a'.repeat(16384)}${'b'.repeat(16384)}c`,
  ],
  ['an empty last piece', ['a'.repeat(16384), `${stampAt(5)} \n`], 'a'.repeat(16384)],
  ['no timestamp between them', ['a'.repeat(16384), 'bc\n'], `${'a'.repeat(16384)}bc`],
  ['a line that ends there', ['a'.repeat(16384), '\n'], 'a'.repeat(16384)],
  [
    'an earlier timestamp of its own',
    ['a'.repeat(16384), '2025-01-02T03:04:05.000000000Z x\n'],
    `${'a'.repeat(16384)}2025-01-02T03:04:05.000000000Z x`,
  ],
  ['a timestamp elsewhere', ['a'.repeat(16383), `${stampAt(5)} bc\n`], `${'a'.repeat(16383)}${stampAt(5)} bc`],
  ['the start of a timestamp', ['a'.repeat(16384), '2026-01-\n'], `${'a'.repeat(16384)}2026-01-`],
];
for (const [name, parts, expected] of pieces) {
  test(`timestamps between the 16 KiB pieces of a line are taken out: ${name}`, () => {
    const input = Buffer.from(`${stampAt(1)} ${parts.join('')}${stampAt(9)} next\n`);
    for (const size of [input.length, 16384, 31, 1]) {
      const renderer = textRenderer({ bytes: prefix }, false);
      const out = feed(new LineScanner(renderer), renderer, cut(input, [size]));
      assert.equal(out.toString(), `[go]: ${expected}\n[go]: next\n`, `chunks of ${size}`);
    }
  });
}

test("a line without a timestamp is the kubelet's message and not shown", () => {
  const text = `${stampAt(0)} one\nfailed to watch file "/x": gone\n${stampAt(1)} two\nunable to retrieve container logs for containerd://1`;
  for (const size of [1, 7, 1000]) {
    const renderer = textRenderer({ bytes: prefix }, false);
    const lines = new LineScanner(renderer);
    const out = feed(lines, renderer, cut(Buffer.from(text), [size]));
    assert.equal(out.toString(), '[go]: one\n[go]: two\n');
    assert.deepEqual(lines.messages, [
      'failed to watch file "/x": gone',
      'unable to retrieve container logs for containerd://1',
    ]);
  }
});

test('a line the output had to complete goes on with a prefix of its own', () => {
  for (const renderer of [textRenderer({ bytes: prefix }, true), jsonRenderer('go', 'p')]) {
    const lines = new LineScanner(renderer);
    const step = (text: string) => {
      lines.scan(Buffer.from(text));
      const batch = Buffer.from(renderer.batch.take()).toString();
      lines.taken();
      renderer.batch.left();
      return batch;
    };
    const long = 'y'.repeat(MAX_HELD_BYTES);
    const first = step(`${stampAt(2)} ${long}`);
    renderer.closedByOutput();
    const rest = step(`more\n${stampAt(3)} next\n`);
    const whole = `${first}${Buffer.from(renderer.closing)}${rest}`;
    const shown = whole
      .trimEnd()
      .split('\n')
      .map((text) => (text.startsWith('{') ? JSON.parse(text).line : text.replace(/^\[go\]: \S+ /, '')));
    assert.deepEqual(shown, [long, 'more', 'next']);
  }
});
