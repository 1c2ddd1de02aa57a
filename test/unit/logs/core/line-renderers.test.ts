import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_HELD_BYTES } from '../../../../src/logs/core/line-batch.ts';
import { jsonRenderer, type LineRenderer, textRenderer } from '../../../../src/logs/core/line-renderers.ts';

const STAMP = '2026-01-02T03:04:05.000000001Z';
const text = (timestamps = false) => textRenderer({ bytes: Buffer.from('[go]: ') }, timestamps);
const json = () => jsonRenderer('go', 'p"1');

function begin(renderer: LineRenderer): void {
  const bytes = Buffer.from(`  ${STAMP}  `);
  renderer.begin(bytes, 2, bytes.length - 2);
  // Only valid during the call.
  bytes.fill(0);
}
function append(renderer: LineRenderer, bytes: Uint8Array): void {
  const around = Buffer.concat([Buffer.from('<'), bytes, Buffer.from('>')]);
  renderer.append(around, 1, around.length - 1);
}
function leave({ batch }: LineRenderer): string {
  const bytes = Buffer.from(batch.take());
  batch.left();
  return bytes.toString('latin1');
}
const object = (line: string) =>
  `${JSON.stringify({ type: 'log', container: 'go', pod: 'p"1', timestamp: STAMP, line })}\n`;
const latin1 = (utf8: string) => Buffer.from(utf8).toString('latin1');

const lines: readonly (readonly [title: string, renderer: () => LineRenderer, parts: readonly Buffer[], string])[] = [
  ['a line has its prefix', text, [Buffer.from('hello')], '[go]: hello\n'],
  ['an empty line is its prefix', text, [], '[go]: \n'],
  ['a timestamp stands behind the prefix', () => text(true), [Buffer.from('hello')], `[go]: ${STAMP} hello\n`],
  ['bytes of no encoding pass as they are', text, [Buffer.from([0xff, 0, 13, 27])], '[go]: \xff\0\r\x1b\n'],
  ['as JSON a line is one object', json, [Buffer.from('a "b"\t\\')], object('a "b"\t\\')],
  ['as JSON an empty line is one, too', json, [], object('')],
  ['a byte order mark is kept', json, [Buffer.from('\ufeffa')], latin1(object('\ufeffa'))],
  [
    'a character that comes in two parts is one',
    json,
    [Buffer.from([0xe2, 0x82]), Buffer.from([0xac])],
    latin1(object('\u20ac')),
  ],
  [
    'what is no UTF-8 is replaced, at the end of a line too',
    json,
    [Buffer.from([0x61, 0xff, 0x62, 0xe2])],
    latin1(object('a\ufffdb\ufffd')),
  ],
];
for (const [title, make, parts, expected] of lines) {
  test(title, () => {
    const renderer = make();
    for (let round = 0; round < 2; round++) {
      begin(renderer);
      for (const part of parts) append(renderer, part);
      renderer.end();
      assert.equal(leave(renderer), expected, `round ${round}`);
    }
  });
}

for (const [name, make, whole] of [
  ['text', text, (line: string) => `[go]: ${line}\n`],
  ['text with timestamps', () => text(true), (line: string) => `[go]: ${STAMP} ${line}\n`],
  ['JSON', json, object],
] as const) {
  const long = 'x'.repeat(MAX_HELD_BYTES + 1);
  /** A line of which a part has left, and which the output then completed. */
  const closed = () => {
    const renderer = make();
    begin(renderer);
    append(renderer, Buffer.from(long));
    const left = leave(renderer);
    renderer.closedByOutput();
    return { renderer, left: left + Buffer.from(renderer.closing).toString() };
  };

  test(`${name}: a line that is rolled back leaves nothing behind`, () => {
    const renderer = make();
    begin(renderer);
    append(renderer, Buffer.from([0x61, 0xe2]));
    renderer.rollback();
    begin(renderer);
    append(renderer, Buffer.from('b'));
    renderer.end();
    assert.equal(leave(renderer), whole('b'));
  });

  test(`${name}: the output can complete a long line, and its rest is a line of its own`, () => {
    const { renderer, left } = closed();
    assert.equal(left, whole(long));
    append(renderer, Buffer.from('rest'));
    renderer.end();
    assert.equal(leave(renderer), whole('rest'));
  });

  test(`${name}: a completed line without a rest is over`, () => {
    const { renderer } = closed();
    renderer.end();
    assert.equal(leave(renderer), '');
    begin(renderer);
    renderer.rollback();
    begin(renderer);
    append(renderer, Buffer.from('next'));
    renderer.end();
    assert.equal(leave(renderer), whole('next'));
  });

  test(`${name}: the rest of a completed line can be rolled back`, () => {
    const { renderer } = closed();
    append(renderer, Buffer.from('re'));
    renderer.rollback();
    append(renderer, Buffer.from('rest'));
    renderer.end();
    assert.equal(leave(renderer), whole('rest'));
  });
}
