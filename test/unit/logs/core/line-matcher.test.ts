import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineMatcher, type LineVerdict, MOST_SLOW_LINES } from '../../../../src/logs/core/line-matcher.ts';
import { parseLinePatterns } from '../../../../src/request/core/patterns.ts';

interface Flags {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly highlight?: readonly string[];
}
const patternsOf = (flags: Flags) => {
  const patterns = parseLinePatterns({ include: [], exclude: [], highlight: [], ...flags });
  assert.ok(patterns);
  return patterns;
};

function held(lines: readonly (string | Buffer)[]) {
  const marks: number[] = [];
  let bytes = Buffer.alloc(0);
  for (const line of lines) {
    const stamp = bytes.length;
    bytes = Buffer.concat([bytes, Buffer.from('stamp'), Buffer.from(line)]);
    marks.push(stamp, stamp + 5, bytes.length);
  }
  return { bytes, marks };
}

function decide(flags: Flags, lines: readonly (string | Buffer)[], highlights = true): readonly LineVerdict[] {
  const verdicts: LineVerdict[] = [];
  new LineMatcher(patternsOf(flags), highlights).decide(held(lines), verdicts);
  return verdicts;
}

const SHOWN: readonly (readonly [title: string, flags: Flags, lines: readonly (string | Buffer)[], shown: string])[] = [
  ['a line is shown that matches any include', { include: ['a', 'b'] }, ['a', 'xb', 'c', ''], '++--'],
  ['a line is shown that matches no exclude', { exclude: ['a', 'b'] }, ['a', 'xb', 'c', ''], '--++'],
  ['an exclude counts more than an include', { include: ['a'], exclude: ['b'] }, ['a', 'ab', 'b'], '+--'],
  ['a highlight leaves nothing out', { highlight: ['a'] }, ['a', 'b'], '++'],
  ['the timestamp is not matched', { include: ['stamp', '^x'] }, ['x', 'y'], '+-'],
  ['a letter of UTF-8 matches', { include: ['ü'] }, ['grün', 'grun', Buffer.from('grün', 'latin1')], '+-+'],
  ['a carriage return at the end does not count', { include: ['end$'] }, ['end\r', 'end\r\r', 'end'], '+-+'],
  ['a dot is a carriage return, too', { include: ['^1%.*100%$'] }, ['1%\r50%\r100%\r'], '+'],
  ['bytes of no encoding are matched one by one', { include: ['^a..b$'] }, [Buffer.from([97, 0xff, 0, 98])], '+'],
];
for (const [title, flags, lines, shown] of SHOWN) {
  test(title, () => {
    const signs = decide(flags, lines, false).map((verdict) => (verdict === 'dropped' ? '-' : '+'));
    assert.equal(signs.join(''), shown);
  });
}

const MARKED: readonly (readonly [title: string, flags: Flags, line: string | Buffer, ranges: readonly number[]])[] = [
  ['every match is highlighted', { highlight: ['o'] }, 'foo bo', [1, 3, 5, 6]],
  ['matches that overlap are one', { highlight: ['abc', 'bcd', 'x'] }, 'abcdx', [0, 5]],
  ['a match in another is in it', { highlight: ['abcd', 'b'] }, 'abcd', [0, 4]],
  ['an empty match is none', { highlight: ['x*'] }, 'abc', []],
  ['what is included is highlighted, too', { include: ['b'], highlight: ['d'] }, 'abcd', [1, 2, 3, 4]],
  ['places are counted in bytes', { highlight: ['n', '😀'] }, 'grün 😀', [4, 5, 6, 10]],
  ['as are those of a line that is no UTF-8', { highlight: ['n'] }, Buffer.from('grün', 'latin1'), [3, 4]],
  ['half a character is the whole', { highlight: ['^.', '.$'] }, '😀n😀', [0, 4, 5, 9]],
  ['colours are left as they are', { highlight: ['\\d+', 'm'] }, 'a\x1b[31mm1\x1b[0m2', [6, 8, 12, 13]],
  ['a match around them is parted', { highlight: ['a.*b'] }, 'a\x1b[0;1mb', [0, 1, 7, 8]],
  ['and is none where it has nothing else', { highlight: ['\x1b\\[0m'] }, 'a\x1b[0m', []],
  ['links are left as they are', { highlight: ['t'] }, '\x1b]8;;http://t\x1b\\t\x1b]8;;\x07', [15, 16]],
  ['a lone escape character hides nothing', { highlight: ['n'] }, 'n\x1b\x1b[1mn\x1b[', [0, 1, 6, 7]],
  ['a pattern with flags keeps them', { highlight: ['(?i)b'] }, 'abB', [1, 3]],
];
for (const [title, flags, line, ranges] of MARKED) {
  test(title, () => assert.deepEqual(decide(flags, [line]), [ranges]));
}

test('without colours nothing is highlighted', () => {
  assert.deepEqual(decide({ include: ['b'], highlight: ['d'] }, ['abcd'], false), [[]]);
});

test('after an interruption it goes on with what lacks', () => {
  const verdicts: LineVerdict[] = ['dropped', []];
  new LineMatcher(patternsOf({ include: ['a'] }), false).decide(held(['a', 'b', 'b', 'a']), verdicts);
  assert.deepEqual(verdicts, ['dropped', [], 'dropped', []]);
});

const GIVEN_UP: readonly (readonly [title: string, flags: Flags, shown: string])[] = [
  ['an include that is given up leaves nothing out', { include: ['a'] }, '++'],
  ['an exclude that is given up leaves nothing out', { exclude: ['a'] }, '++'],
  ['the other patterns go on', { include: ['a'], exclude: ['b'] }, '+-'],
];
for (const [title, flags, shown] of GIVEN_UP) {
  test(title, () => {
    const patterns = patternsOf(flags);
    const slow = patterns.include[0] ?? patterns.exclude[0];
    assert.ok(slow);
    const matcher = new LineMatcher(patterns, false);
    const interrupted = new Error('interrupted');
    slow.regexp.test = () => {
      throw interrupted;
    };
    for (let lines = 1; lines <= MOST_SLOW_LINES; lines++) {
      assert.throws(() => matcher.decide(held(['x']), []), interrupted);
      assert.deepEqual(matcher.tooSlow(), { pattern: slow, lines });
    }
    const verdicts: LineVerdict[] = [];
    matcher.decide(held(['x', 'b']), verdicts);
    assert.equal(verdicts.map((verdict) => (verdict === 'dropped' ? '-' : '+')).join(''), shown);
    assert.equal(matcher.tooSlow(), undefined);
  });
}
