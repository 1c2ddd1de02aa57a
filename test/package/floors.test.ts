// The floors of src/ in what esbuild really bundled: Biome sees what is written, this what is reached.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundle } from '../../scripts/build.ts';

const BELOW: Readonly<Record<string, readonly string[]>> = {
  core: ['core'],
  edge: ['core', 'edge'],
  session: ['core', 'edge', 'session'],
  up: ['core', 'edge', 'up'],
  cli: ['core', 'edge', 'session', 'up', 'cli'],
};
const OWNERS: Readonly<Record<string, string>> = {
  execa: 'src/edge/child.ts',
  'tree-kill': 'src/edge/stop-tree.ts',
  split2: 'src/edge/lines.ts',
  'smol-toml': 'src/edge/manifest-file.ts',
  yargs: 'src/cli/options.ts',
};

const { metafile } = await bundle();
const imports = Object.entries(metafile.inputs)
  .filter(([path]) => path.startsWith('src/'))
  .flatMap(([path, input]) => input.imports.map((each) => ({ from: path, to: each.path })));

test('no module of src imports from a floor above its own', () => {
  const upward = imports
    .filter(({ to }) => to.startsWith('src/'))
    .filter(({ from, to }) => !(BELOW[floorOf(from)] ?? []).includes(floorOf(to)));
  assert.ok(imports.length > 0);
  assert.deepEqual(upward, []);
});

test('core imports nothing but core and node:buffer', () => {
  const foreign = imports
    .filter(({ from }) => floorOf(from) === 'core')
    .filter(({ to }) => floorOf(to) !== 'core' && to !== 'node:buffer' && to !== 'buffer');
  assert.deepEqual(foreign, []);
});

test('each package is imported by the one module that owns it, and no other package is', () => {
  const importers = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(to)?.[1];
    if (name !== undefined) importers.set(name, (importers.get(name) ?? new Set()).add(from));
  }
  const found = Object.fromEntries([...importers].map(([name, from]) => [name, [...from].join(' ')]));
  assert.deepEqual(found, OWNERS);
});

function floorOf(path: string): string {
  return path.split('/')[1] ?? '';
}
