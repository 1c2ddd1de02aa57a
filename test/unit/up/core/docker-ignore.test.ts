import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDockerIgnore } from '../../../../src/up/core/docker-ignore.ts';

// Tried with podman and buildah.
const cases: readonly (readonly [
  title: string,
  lines: string,
  ignored: readonly string[],
  taken: readonly string[],
])[] = [
  ['nothing', '', [], ['.git/config', '.env', 'a']],
  ['a name at the root and all below it', 'dir', ['dir', 'dir/a', 'dir/b/c'], ['x/dir', 'dirs', 'a']],
  ['slashes at the ends mean nothing', '/dir/\n./other/', ['dir/a', 'other/a'], ['x']],
  ['any depth', '**/*.log', ['a.log', 'x/a.log', 'x/y/a.log'], ['a.log.txt']],
  ['a star stays within its part', '*.tmp\nx/*/z', ['a.tmp', 'x/y/z'], ['d/a.tmp', 'x/y/y/z']],
  ['two stars at the end', 'x/**', ['x/a', 'x/a/b'], ['x', 'y/x']],
  ['a question mark is one character', 'a?c', ['abc', 'axc/d'], ['ac', 'a/c', 'abbc']],
  ['classes', '[ab].txt\n[^c]x', ['a.txt', 'dx'], ['c.txt', 'cx']],
  ['an escape', 'a\\*b', ['a*b'], ['axb']],
  ['the last match counts', '*.md\n!README.md\nREADME.md', ['README.md', 'a.md'], []],
  ['an exception', '*.md\n!README.md', ['a.md'], ['README.md']],
  ['an exception below an ignored folder', 'dir\n!dir/keep', ['dir/a'], ['dir/keep', 'dir/keep/x']],
  ['comments, blanks and carriage returns', '# dir\r\n  dir  \r\n\r\n', ['dir/a'], ['# dir', '# x']],
  ['a comment counts only at the start', ' #dir', ['#dir'], ['dir']],
  ['what is no pattern matches nothing', '[\nx', ['x'], ['[', 'y']],
  ['dots are dots', 'a.b', ['a.b'], ['axb']],
];
describe('.dockerignore', () => {
  for (const [title, lines, ignored, taken] of cases) {
    test(title, () => {
      const rules = parseDockerIgnore(lines);
      for (const path of ignored) assert.equal(rules.ignores(path), true, path);
      for (const path of taken) assert.equal(rules.ignores(path), false, path);
    });
  }

  test('an ignored folder is looked into for an exception that begins with it, or may be below it', () => {
    const rules = parseDockerIgnore('*\n!dir/keep/x\n!docs/*/*.md');
    const looked = ['dir', 'dir/keep', 'docs', 'docs/a', 'other', 'dir/other'].map(rules.takesBelow);
    assert.deepEqual(looked, [true, true, true, true, false, false]);
    assert.equal(parseDockerIgnore('*\n!**/*.md').takesBelow('other'), true);
  });
});
