import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderSinceTime, StampReader } from '../../../../src/logs/core/timestamp.ts';

const base = Date.UTC(2026, 0, 2, 3, 4, 5) / 1000;
const read: readonly [text: string, taken: number, seconds?: number, nanos?: number][] = [
  ['2026-01-02T03:04:05.123456789Z text', 31, base, 123456789],
  ['2026-01-02T03:04:05.12Z text', 24, base, 120000000],
  ['2026-01-02T03:04:05Z text', 21, base, 0],
  ['2026-01-02T03:04:05.000000001Z \n', 31, base, 1],
  ['2026-01-02T03:04:05.000000001Z\n', 30, base, 1],
  ['2026-01-02T05:04:05.123456789+02:00 text', 36, base, 123456789],
  ['2026-01-01T21:34:05.5-05:30 text', 28, base, 500000000],
  ['2024-02-29T23:59:59.999999999Z x', 31, Date.UTC(2024, 1, 29, 23, 59, 59) / 1000, 999999999],
  ['unable to retrieve container logs', -1],
  ['2026-01-02 03:04:05.123456789Z text', -1],
  ['2026-01-02T03:04:05.Z text', -1],
  ['2026-01-02T03:04:05.1234567890Z text', -1],
  ['2026-01-02T03:04:05.123456789z text', -1],
  ['2026-01-02T03:04:05.123456789Ztext', -1],
  ['2026-01-02T03:04:05.123456789+0200 text', -1],
  ['\n', -1],
];

for (const [text, taken, seconds, nanos] of read) {
  test(`${JSON.stringify(text)} ${taken < 0 ? 'has no timestamp' : 'has a timestamp'}`, () => {
    const reader = new StampReader();
    const bytes = Buffer.from(text);
    assert.equal(reader.read(bytes, 0, bytes.length), taken);
    if (taken < 0) return;
    assert.deepEqual([reader.seconds, reader.nanos], [seconds, nanos]);
    for (let cut = 0; cut <= reader.textBytes; cut++) assert.equal(reader.read(bytes, 0, cut), 0, `cut at ${cut}`);
  });
}

test('a reader goes from second to second and zone to zone', () => {
  const reader = new StampReader();
  const times: [string, number][] = [
    ['2026-01-02T03:04:05.1Z ', base],
    ['2026-01-02T03:04:05.2+01:00 ', base - 3600],
    ['2026-01-02T03:04:05.3Z ', base],
    ['2026-01-02T03:04:06.3Z ', base + 1],
    ['2026-01-02T03:04:05.3Z ', base],
  ];
  for (const [text, seconds] of times) {
    const bytes = Buffer.from(`xx${text}`);
    assert.equal(reader.read(bytes, 2, bytes.length), text.length);
    assert.equal(reader.seconds, seconds, text);
  }
});

test('since-time is whole seconds of UTC', () => {
  assert.equal(renderSinceTime(base), '2026-01-02T03:04:05Z');
});
