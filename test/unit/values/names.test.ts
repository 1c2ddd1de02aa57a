import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDnsLabel, isDnsSubdomain, isLabelKey, isLabelValue, isPortName } from '../../../src/values/names.ts';

const long = (length: number) => 'a'.repeat(length);

const RULES: readonly (readonly [
  rule: (text: string) => boolean,
  valid: readonly string[],
  invalid: readonly string[],
])[] = [
  [isDnsLabel, ['a', '0', 'a-b', long(63)], ['', '-a', 'a-', 'a.b', 'A', 'a_b', 'a\n', long(64)]],
  [isDnsSubdomain, ['a', 'a.b-c.0', long(253)], ['', '.a', 'a.', 'a..b', 'a.-b', 'A', 'a\n', long(254)]],
  [isLabelValue, ['a', 'A_b.c-D', '0', long(63)], ['', '-a', 'a.', 'a b', 'a/b', "a'b", 'a\n', long(64)]],
  [isLabelKey, ['a', 'A_b', 'example.com/a.B', 'a/b'], ['', '/a', 'a/', 'a/b/c', 'A/b', 'a b', '-a', `${long(254)}/a`]],
  [isPortName, ['a', 'http', 'http-2', '8a', 'Http'], ['', '80', '-a', 'a-', 'a b', 'a_b', 'a\n', '1-2', long(64)]],
];

for (const [rule, valid, invalid] of RULES) {
  for (const text of valid) test(`${rule.name} takes '${text}'`, () => assert.ok(rule(text)));
  for (const text of invalid) test(`${rule.name} refuses ${JSON.stringify(text)}`, () => assert.ok(!rule(text)));
}
