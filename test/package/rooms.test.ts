// The rooms of src/ as esbuild bundles them: which room may import which, and what `core/` may import at all.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'node:test';
import { bundle } from '../../scripts/build.ts';

/** From top to bottom: a room imports from itself and from rooms below it. */
const ROOMS = [
  'cli',
  'session',
  'up',
  'logs',
  'tunnels',
  'pods',
  'detached',
  'output',
  'kubectl',
  'request',
  'processes',
  'values',
];
/** Neighbours of one height that do not know each other. */
const STRANGERS = [['session', 'up']];
/** Pure as a whole, so that it needs no `core/`. */
const PURE_ROOMS = ['values'];
const OWNERS: Readonly<Record<string, string>> = {
  execa: 'src/processes/child.ts',
  'tree-kill': 'src/processes/stop-tree.ts',
  split2: 'src/kubectl/read-lines.ts',
  'smol-toml': 'src/request/manifest-file.ts',
  yargs: 'src/cli/parse-command-line.ts',
};

const { metafile } = await bundle();
const modules = Object.keys(metafile.inputs).filter((path) => path.startsWith('src/'));
// esbuild sees what is reached; types it drops, so these come from the text.
const imports = modules.flatMap((from) => {
  const bundled = (metafile.inputs[from]?.imports ?? []).map(({ path }) => path);
  const types = [...readFileSync(from, 'utf8').matchAll(/ from '(\.[^']+)'/g)].map(([, path = '']) =>
    posix.join(posix.dirname(from), path),
  );
  return [...new Set([...bundled, ...types])].map((to) => ({ from, to }));
});

const roomOf = (path: string) => path.split('/')[1] ?? '';
const isPure = (path: string) => path.split('/')[2] === 'core' || PURE_ROOMS.includes(roomOf(path));

test('every module of src is in a room', () => {
  assert.deepEqual(
    modules.filter((path) => !ROOMS.includes(roomOf(path))),
    [],
  );
});

test('no module imports from a room above its own', () => {
  const within = imports.filter(({ to }) => to.startsWith('src/'));
  assert.ok(within.length > 100);
  const upward = within.filter(({ from, to }) => ROOMS.indexOf(roomOf(to)) < ROOMS.indexOf(roomOf(from)));
  const strange = within.filter(({ from, to }) =>
    STRANGERS.some((pair) => roomOf(from) !== roomOf(to) && pair.includes(roomOf(from)) && pair.includes(roomOf(to))),
  );
  assert.deepEqual([...upward, ...strange], []);
});

test('what is pure imports nothing but what is pure and node:buffer', () => {
  const impure = imports
    .filter(({ from }) => isPure(from))
    .filter(({ to }) => !(to.startsWith('src/') ? isPure(to) : /^(node:)?buffer$/.test(to)));
  assert.deepEqual(impure, []);
});

test('every module that is pure has a test of its own', () => {
  const pure = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => isPure(`src/${path}`));
  const untested = pure
    .filter((path) => path.endsWith('.ts'))
    // What declares types alone does nothing.
    .filter((path) => /^export (?!type|interface)/m.test(readFileSync(`src/${path}`, 'utf8')))
    .filter((path) => !existsSync(`test/unit/${path.replace(/\.ts$/, '.test.ts')}`));
  assert.deepEqual(untested, []);
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
