import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../../src/values/nearest.ts';

const NAMES = ['container', 'context', 'color', 'detach', 'dry-run', 'override-port', 'tail', 'v'];

const CASES: readonly (readonly [name: string, meant: string | undefined])[] = [
  ['contianer', 'container'],
  ['containers', 'container'],
  ['contex', 'context'],
  ['colour', 'color'],
  ['COLOR', 'color'],
  ['dryrun', 'dry-run'],
  ['overide-ports', 'override-port'],
  ['tial', 'tail'],
  ['tail', 'tail'],
  ['taxi', undefined],
  ['something-else', undefined],
  ['', undefined],
];

for (const [name, meant] of CASES) {
  test(`'${name}' ${meant === undefined ? 'is near nothing' : `is near ${meant}`}`, () => {
    assert.equal(nearest(name, NAMES), meant);
  });
}

test('of equally near names the first is meant', () => {
  assert.equal(nearest('abc', ['abd', 'abe']), 'abd');
});

test('nothing is near when there is nothing', () => {
  assert.equal(nearest('a', []), undefined);
});
