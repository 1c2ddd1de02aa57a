// The floors of src/ in what esbuild really bundled: Biome sees what is written, this what is reached.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundle } from '../../scripts/build.ts';

const OWNERS: Readonly<Record<string, string>> = {
  execa: 'src/processes/child.ts',
  'tree-kill': 'src/processes/stop-tree.ts',
  split2: 'src/kubectl/read-lines.ts',
  'smol-toml': 'src/request/manifest-file.ts',
  yargs: 'src/cli/parse-command-line.ts',
};

const { metafile } = await bundle();
const imports = Object.entries(metafile.inputs)
  .filter(([path]) => path.startsWith('src/'))
  .flatMap(([path, input]) => input.imports.map((each) => ({ from: path, to: each.path })));

test('each package is imported by the one module that owns it, and no other package is', () => {
  const importers = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(to)?.[1];
    if (name !== undefined) importers.set(name, (importers.get(name) ?? new Set()).add(from));
  }
  const found = Object.fromEntries([...importers].map(([name, from]) => [name, [...from].join(' ')]));
  assert.deepEqual(found, OWNERS);
});
