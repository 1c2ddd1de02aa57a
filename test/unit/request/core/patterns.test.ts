import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLinePatterns, parsePatterns } from '../../../../src/request/core/patterns.ts';

const MATCHES: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
  ['error', 'an error', true],
  ['error', 'an ERROR', false],
  ['(?i)error', 'an ERROR', true],
  ['(?is)a.b', 'A\nB', true],
  ['{"level":"(error|fatal)"', '{"level":"fatal"}', true],
  ['grün', 'ist grün', true],
  ['gr.n', 'ist grün', true],
  ['\\p{Lu}x', 'Äx', true],
  ['[😀-😎]', 'so 😃', true],
  ['\\u{1f603}', 'so 😃', true],
  ['\\"a\\"', '"a"', true],
  ['\\<a\\/b\\-\\_\\.\\\\A\\x41\\1\\t\\0', '<a/b-_.\\AA\x01\t\0', true],
  ['^\\bö\\B', 'ön', false],
  ['', 'anything', true],
];
for (const [pattern, text, matches] of MATCHES) {
  test(`/${pattern}/ ${matches ? 'matches' : 'does not match'} ${text}`, () => {
    const [parsed] = parsePatterns('--include', [pattern]);
    assert.equal(parsed?.regexp.test(text), matches);
  });
}

const LEADING_DOTS: readonly (readonly [pattern: string, text: string, found: readonly string[]])[] = [
  ['.*b.*', 'abcb', ['abcb']],
  ['.*b', 'abcbd', ['abcb']],
  ['.*b|d', 'abcbd', ['abcb', 'd']],
  ['(?i).*B', 'ab', ['ab']],
  ['.*?b', 'abcb', ['ab', 'cb']],
  ['.*', 'ab', ['ab']],
];
for (const [pattern, text, found] of LEADING_DOTS) {
  test(`/${pattern}/ finds in ${text} what it says`, () => {
    const [parsed] = parsePatterns('--include', [pattern]);
    assert.ok(parsed);
    const all = [...text.matchAll(new RegExp(parsed.regexp, `${parsed.regexp.flags}g`))].map(([match]) => match);
    assert.deepEqual(all.filter(Boolean), found);
  });
}

test('.* at the start is tried once for a line, not at each of its characters', () => {
  const [parsed] = parsePatterns('--include', ['.*error.*']);
  assert.equal(parsed?.regexp.source, '^.*error.*');
});

const WRONG: readonly (readonly [pattern: string, message: string])[] = [
  ['(', "--include: '(' is not a regular expression: Unterminated group"],
  ['*a', "--include: '*a' is not a regular expression: Nothing to repeat"],
  ['[z-a]', "--include: '[z-a]' is not a regular expression: Range out of order in character class"],
  ['\\p{Nope}', "--include: '\\p{Nope}' is not a regular expression: Invalid property name"],
  ['[[:alpha:]]', '--include: [:alpha:] is not known'],
  ['\\Aa', '--include: \\A is not known'],
  ['a\\z', '--include: \\z is not known'],
  ['\\\\\\Qa\\E', '--include: \\Q is not known'],
  ['\\pL', '--include: \\p is not known'],
  ['\\x{263a}', '--include: \\x{ is not known'],
];
for (const [pattern, message] of WRONG) {
  test(`${pattern} is refused`, () => {
    assert.throws(() => parsePatterns('--include', [pattern]), { name: 'UserError', exitCode: 2, message });
  });
}

test('without patterns for lines there is nothing to decide', () => {
  const none = { include: [], exclude: [], highlight: [] };
  assert.equal(parseLinePatterns(none), undefined);
  assert.deepEqual(
    parseLinePatterns({ ...none, exclude: ['a b'] })?.exclude.map(({ spelt }) => spelt),
    ["--exclude 'a b'"],
  );
});
