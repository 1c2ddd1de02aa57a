import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDockerIgnore } from '../../../../src/up/core/docker-ignore.ts';
import { watchRule } from '../../../../src/up/core/watch-rule.ts';

const rule = watchRule(parseDockerIgnore('node_modules\ncharts\ndraft.toml\ndeploy\n*.log'), [
  'charts/go',
  'draft.toml',
  'deploy/Dockerfile',
]);

const counted: readonly (readonly [path: string, counts: boolean])[] = [
  ['main.go', true],
  ['src/a.ts', true],
  ['.env', true],
  ['draft.toml', true],
  ['charts/go/values.yaml', true],
  ['deploy/Dockerfile', true],
  ['charts/other/values.yaml', false],
  ['node_modules/x/index.js', false],
  ['debug.log', false],
  ['.git/index', false],
  ['vendor/x/.git/HEAD', false],
  ['.gitignore', true],
  ['src/.main.go.swp', false],
  ['src/4913', false],
  ['src/main.go~', false],
  ['src/.#main.go', false],
  ['main.go___jb_tmp___', false],
];
for (const [path, counts] of counted) {
  test(`a change of ${path} is ${counts ? 'a' : 'no'} reason to build`, () => assert.equal(rule.counts(path), counts));
}

const entered: readonly (readonly [folder: string, enters: boolean])[] = [
  ['', true],
  ['src', true],
  ['charts', true],
  ['charts/go', true],
  ['charts/go/templates', true],
  ['charts/other', false],
  ['deploy', true],
  ['node_modules', false],
  ['.git', false],
  ['vendor/x/.git', false],
];
for (const [folder, enters] of entered) {
  test(`the folder '${folder}' is ${enters ? '' : 'not '}watched`, () => assert.equal(rule.enters(folder), enters));
}
