import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from '../../../src/values/duration.ts';
import { EXIT } from '../../../src/values/errors.ts';

const DURATIONS: readonly (readonly [string, number])[] = [
  ['0', 0],
  ['0s', 0],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['500ms', 500],
  ['2.5s', 2500],
  ['.5s', 500],
  ['1.s', 1000],
  ['1.1s', 1100],
  ['1h0m1s1ms', 3_601_001],
  ['1500us', 2],
  ['1500µs', 2],
  ['1ns', 1],
  ['24h', 86_400_000],
  ['1000h', 2 ** 31 - 1],
  ['99999999999999999999h', 2 ** 31 - 1],
];

for (const [text, ms] of DURATIONS) {
  test(`${text} is ${ms} ms`, () => {
    assert.equal(parseDuration(text), ms);
  });
}

for (const text of [
  '',
  '5',
  '1.5',
  's',
  '5x',
  '5m ',
  ' 5m',
  '5 m',
  '-5m',
  '+5m',
  '5m3',
  '.s',
  '1e3s',
  'five',
  '5M',
  '1d',
]) {
  test(`'${text}' is no duration`, () => {
    assert.throws(() => parseDuration(text, '--timeout'), {
      message: `--timeout: '${text}' is not a duration`,
      hint: 'write it like 500ms, 30s, 5m or 1h30m',
      exitCode: EXIT.usage,
    });
  });
}
