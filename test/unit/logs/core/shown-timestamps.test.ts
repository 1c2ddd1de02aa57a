import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShownTimestamps } from '../../../../src/logs/core/shown-timestamps.ts';

const SECOND = Date.UTC(2026, 0, 2, 3, 4, 5) / 1000;
type Time = readonly [seconds: number, nanos: number];
function shown(...times: readonly Time[]): ShownTimestamps {
  const list = new ShownTimestamps();
  for (const [seconds, nanos] of times) list.add(SECOND + seconds, nanos);
  return list;
}

const sinces: readonly (readonly [title: string, times: readonly Time[], since: string | undefined])[] = [
  ['without a line there is no time to begin at', [], undefined],
  ['a re-read begins a second before the last line', [[0, 5]], '2026-01-02T03:04:04Z'],
  [
    'lines out of order by less than that do not put it off',
    [
      [1, 5],
      [0, 9],
    ],
    '2026-01-02T03:04:05Z',
  ],
  [
    'a clock that is set back is followed',
    [
      [100, 5],
      [0, 5],
    ],
    '2026-01-02T03:04:04Z',
  ],
];
for (const [title, times, since] of sinces) {
  test(title, () => assert.equal(shown(...times).sinceTime(), since));
}

const kept: readonly (readonly [title: string, times: readonly Time[], length: number])[] = [
  [
    'lines of two neighbouring seconds are remembered',
    [
      [0, 1],
      [1, 1],
      [1, 2],
    ],
    3,
  ],
  [
    'the second before them is forgotten',
    [
      [0, 1],
      [1, 1],
      [2, 1],
    ],
    2,
  ],
  [
    'after a pause only the new line is remembered',
    [
      [0, 1],
      [9, 1],
    ],
    1,
  ],
  [
    'after the clock was set back, too',
    [
      [9, 1],
      [9, 2],
      [0, 1],
    ],
    1,
  ],
];
for (const [title, times, length] of kept) {
  test(title, () => {
    const list = shown(...times);
    assert.equal(list.length, length);
    assert.equal(list.empty, false);
  });
}

const found: readonly (readonly [title: string, time: Time, from: number, index: number])[] = [
  ['a line is found by its timestamp', [0, 7], 0, 1],
  ['the same nanosecond of the next second is another line', [1, 7], 0, 3],
  ['of lines with one timestamp the next one is found', [1, 7], 4, 4],
  ['what lies before the place that is asked about is not found', [0, 7], 2, -1],
  ['a timestamp that was not shown is not found', [1, 9], 0, -1],
  ['one of another second is not found', [2, 7], 0, -1],
];
for (const [title, [seconds, nanos], from, index] of found) {
  test(title, () => {
    const list = shown([0, 5], [0, 7], [1, 6], [1, 7], [1, 7]);
    assert.equal(list.find(SECOND + seconds, nanos, from), index);
  });
}

test('what was forgotten is not found in what is left of its place', () => {
  const list = shown([0, 5]);
  list.clear();
  assert.equal(list.empty, true);
  assert.equal(list.sinceTime(), undefined);
  assert.equal(list.find(SECOND, 5, 0), -1);
  list.add(SECOND, 6);
  assert.equal(list.find(SECOND, 0, 0), -1);
});

test('the last line is the one that was added last, whatever its time', () => {
  const list = shown([1, 7], [1, 7], [1, 3], [1, 7]);
  assert.equal(list.isLast(SECOND + 1, 7), true);
  assert.equal(list.isLast(SECOND + 1, 3), false);
  assert.equal(list.lastOccurrences(), 3);
});

test('how far a time lies beyond all lines is told in seconds', () => {
  const list = shown([1, 500_000_000], [1, 200_000_000]);
  assert.equal(list.beyond(SECOND + 3, 0), 1.5);
  assert.equal(list.beyond(SECOND + 1, 500_000_000), 0);
  assert.ok(list.beyond(SECOND + 1, 300_000_000) < 0);
});

test('a line of a later second is later, whatever its nanoseconds', () => {
  const list = shown([0, 900_000_000], [1, 100_000_000], [0, 950_000_000]);
  assert.equal(list.beyond(SECOND + 1, 100_000_000), 0);
});

test('entries that were dropped count for nothing', () => {
  const list = shown([0, 5], [0, 6], [1, 7], [1, 7], [2, 7]);
  assert.equal(list.length, 3);
  list.add(SECOND + 3, 7);
  assert.equal(list.length, 2);
  assert.equal(list.find(SECOND + 3, 7, 2), -1);
  assert.equal(list.find(SECOND + 2, 7, 1), -1);
  assert.equal(list.lastOccurrences(), 1);
});

test('of more lines than can be remembered the latest are', () => {
  const list = new ShownTimestamps();
  const count = 100_000;
  for (let i = 0; i < count; i++) list.add(SECOND, i);
  assert.ok(list.length <= 65_536, `${list.length}`);
  assert.ok(list.length >= 32_768, `${list.length}`);
  assert.equal(list.find(SECOND, count - 1, 0), list.length - 1);
  assert.equal(list.find(SECOND, 0, 0), -1);
});
