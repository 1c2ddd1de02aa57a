// The one file, made and run, and the loader at its head.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Chunks, createLoad } from '../../../scripts/chunk-loader.ts';
import { renderOneFile } from '../../../scripts/one-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'one-file-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A file whose end are these texts, and what loads them. */
function loadOf(texts: Readonly<Record<string, string>>, functions: Chunks['functions'] = {}) {
  const places: Record<string, readonly [number, number]> = {};
  let all = '';
  for (const [name, text] of Object.entries(texts)) {
    places[name] = [all.length, text.length];
    all += text;
  }
  const file = join(folder, 'texts.js');
  writeFileSync(file, `what stands before\n/*${all}*/\n`);
  return createLoad(file, { functions, places, textBytes: all.length + 3 }, createRequire(import.meta.url));
}

test('a text at the end of the file is compiled when it is asked for, and runs once', () => {
  const load = loadOf({
    './first.js': 'throw new Error("not asked for")',
    './second-ABC123.js': 'exports.count = (globalThis.timesRun = (globalThis.timesRun ?? 0) + 1)',
  });
  assert.deepEqual(load('./second-ABC123.js'), { count: 1 });
  assert.deepEqual(load('./second-ABC123.js'), { count: 1 });
});

test('chunks import one another, whether they are functions or texts, and the modules of node', () => {
  const load = loadOf(
    { './text.js': 'exports.seen = [require("./function.js").own, typeof require("node:fs").openSync]' },
    {
      './function.js'(_load, module) {
        module.exports = { own: 'function' };
      },
    },
  );
  assert.deepEqual(load('./text.js'), { seen: ['function', 'function'] });
});

test('chunks that import each other in a ring see what is exported so far', () => {
  const load = loadOf({
    './a.js': 'exports.early = 1; exports.fromB = require("./b.js").seen',
    './b.js': 'exports.seen = require("./a.js").early',
  });
  assert.deepEqual(load('./a.js'), { early: 1, fromB: 1 });
});

test('what would end the comment is text again when it is run', () => {
  assert.deepEqual(loadOf({ './a.js': 'exports.sign = /a*\u0001/.source' })('./a.js'), { sign: 'a*' });
});

test('an error names the chunk it comes from', () => {
  const load = loadOf({ './broken-ABC123.js': 'exports.fail = () => { throw new Error("on purpose") }' });
  const { fail } = load('./broken-ABC123.js') as { fail: () => void };
  assert.throws(fail, (error: Error) => /texts\.js:broken:1:/.test(error.stack ?? ''));
});

test('the one file runs the first chunk at once and others when they are imported', async () => {
  const text = await renderOneFile([
    {
      name: './main.js',
      text: `import { word } from './shared.js';
        console.log(word);
        import('./later.js').then(({ said }) => console.log(said, typeof globalThis.never));`,
      imports: ['./shared.js'],
    },
    { name: './shared.js', text: "export const word = 'héllo';", imports: [] },
    {
      name: './later.js',
      text: "import { word } from './shared.js'; export const said = [word, /x*/.test('x'), 'a*/b'].join(' ');",
      imports: ['./shared.js'],
    },
    { name: './never.js', text: 'globalThis.never = true;', imports: [] },
  ]);
  // One character beyond ASCII would double the memory that node takes for the file.
  assert.doesNotMatch(text, /[^\0-\x7f]/);
  const file = join(folder, 'one-file.cjs');
  writeFileSync(file, text);
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  assert.equal(stdout, 'héllo\nhéllo true a*/b undefined\n', stderr);
});

test('a file without chunks is refused', () => assert.rejects(renderOneFile([]), /no chunks/));
