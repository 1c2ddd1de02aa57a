import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineFilter } from '../../../src/logs/line-filter.ts';
import { parseLinePatterns } from '../../../src/request/core/patterns.ts';

function filter(flags: { include?: string[]; exclude?: string[]; highlight?: string[] }) {
  const patterns = parseLinePatterns({ include: [], exclude: [], highlight: [], ...flags });
  assert.ok(patterns);
  const warnings: string[] = [];
  const decide = createLineFilter(patterns, true, (message) => warnings.push(message));
  return {
    warnings,
    decide: (...lines: string[]) => {
      const bytes = Buffer.from(lines.join(''));
      let at = 0;
      const marks = lines.flatMap((line) => {
        at += line.length;
        return [at - line.length, at - line.length, at];
      });
      return decide({ bytes, marks });
    },
  };
}

const SLOW = `${'a'.repeat(60)}b`;

test('a pattern that takes for ever for a line does not stop the lines after it, and is given up in the end', () => {
  const { decide, warnings } = filter({ include: ['^(a+)+$'] });
  assert.deepEqual(decide('aa', SLOW, 'b', 'a'), [[0, 2], [], 'dropped', [0, 1]]);
  assert.deepEqual(warnings, ["--include '^(a+)+$' takes too long: the line that it was at is shown as it is"]);
  assert.deepEqual(decide(SLOW, SLOW, SLOW, 'b'), [[], [], [], []]);
  assert.deepEqual(warnings.slice(1), ["--include '^(a+)+$' has taken too long 3 times: it is not applied any more"]);
});

test('a highlight that takes for ever is given up, too', () => {
  const { decide, warnings } = filter({ highlight: ['(a+)+$', 'b'] });
  assert.deepEqual(decide(SLOW, SLOW, SLOW), [[], [], []]);
  assert.deepEqual(decide(SLOW), [[60, 61]]);
  assert.equal(warnings.length, 2);
});

test('an ordinary pattern is quick enough for many lines', () => {
  const { decide, warnings } = filter({ exclude: ['b$'] });
  const lines = Array.from({ length: 20_000 }, (_, index) => (index % 2 === 0 ? 'ab' : 'ba'));
  const verdicts = decide(...lines);
  assert.equal(verdicts.filter((verdict) => verdict === 'dropped').length, 10_000);
  assert.deepEqual(warnings, []);
});
