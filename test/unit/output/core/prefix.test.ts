import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerColor, renderName, renderPrefix } from '../../../../src/output/core/prefix.ts';

test('without colour the prefix is the name in brackets', () => {
  assert.equal(renderPrefix('multi-port', false), '[multi-port]: ');
  assert.equal(renderName('multi-port', false), 'multi-port');
});

test('prefix and name share one colour', () => {
  const { on, off } = containerColor('go');
  assert.ok(on.startsWith('\x1b['));
  assert.equal(renderPrefix('go', true), `${on}[go]:${off} `);
  assert.equal(renderName('go', true), `${on}go${off}`);
});

// Written down, so that a change of the rule shows: people get used to their container's colour.
const colors = { go: 36, 'multi-port': 93, web: 35, db: 96, 'istio-proxy': 92 };
test('a container keeps its colour from run to run', () => {
  const now = Object.fromEntries(
    Object.keys(colors).map((name) => [name, Number(containerColor(name).on.slice(2, -1))]),
  );
  assert.deepEqual(now, colors);
});

test('names that differ in one letter spread over the colours', () => {
  const seen = new Set([...'abcdefghijklmnopqrstuvwxyz'].map((letter) => containerColor(`app-${letter}`).on));
  assert.ok(seen.size >= 7, `only ${seen.size} colours`);
});
