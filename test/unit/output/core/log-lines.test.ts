import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutTimes, withTimes } from '../../../../src/output/core/log-lines.ts';

const TIME = '2026-01-02T03:04:05.678Z';

for (const [title, text, lines] of [
  ['a line', 'a\n', `${TIME} a\n`],
  ['an error and its hint', 'Error: a\nHint: b\n', `${TIME} Error: a\n${TIME} Hint: b\n`],
  ['an empty line', '\na\n', `${TIME} \n${TIME} a\n`],
  ['a question', 'Password: ', `${TIME} Password: `],
  ['nothing', '', ''],
] as const) {
  test(`${title} has its time in a log, and not when it is shown`, () => {
    assert.equal(withTimes(text, TIME), lines);
    assert.equal(withoutTimes(lines), text);
  });
}
