// Puts the chunks that esbuild splits a program into into one file again, so that starting it compiles only what it
// needs: node compiles all of a file's text, whether it runs or not (0.5 MB took a quarter of node's own start).
import { transform } from 'esbuild';

export interface Chunk {
  /** As other chunks import it, e.g. `./connect-ABC.js`. */
  readonly name: string;
  readonly text: string;
  /** Imported with `import`, not `import()`, by others. */
  readonly imports: readonly string[];
}

/** The first chunk is where the program starts; what that imports is code at once, the rest is text until asked for. */
export async function renderOneFile([entry, ...others]: readonly Chunk[]): Promise<string> {
  if (entry === undefined) throw new Error('no chunks');
  const eager = withImports(entry, others);
  const functions: string[] = [];
  const places: string[] = [];
  let texts = '';
  for (const chunk of [entry, ...others]) {
    const code = await asFunctionBody(chunk.text);
    if (eager.has(chunk.name)) {
      functions.push(`${JSON.stringify(chunk.name)}(require,module,exports){${code}}`);
    } else {
      places.push(`${JSON.stringify(chunk.name)}:[${texts.length},${escapeComment(code).length}]`);
      texts += escapeComment(code);
    }
  }
  const loader = LOADER.replace('FUNCTIONS', () => functions.join(',\n'))
    .replace('PLACES', () => places.join(','))
    .replace('LENGTH', () => String(texts.length + END.length))
    .replace('ENTRY', () => JSON.stringify(entry.name));
  return `#!/usr/bin/env node\n${loader}\n/*${texts}${END}`;
}

const END = '*/\n';

/** Reads the file's own end, where the texts are in a comment, which is the least node can do with a text. */
const LOADER = `"use strict";
const functions = {
FUNCTIONS
};
const places = {PLACES};
const loaded = {};
function compile(name) {
  const fs = require("node:fs");
  const [offset, length] = places[name];
  const bytes = Buffer.allocUnsafe(length);
  const fd = fs.openSync(__filename);
  fs.readSync(fd, bytes, 0, length, fs.fstatSync(fd).size - LENGTH + offset);
  fs.closeSync(fd);
  const text = bytes.latin1Slice().replaceAll("*\\u0001/", "*/");
  const options = { filename: __filename + name.replace(/^\\.\\/(.*?)(-[A-Z0-9]+)?\\.js$/, ":$1") };
  return require("node:vm").compileFunction(text, ["require", "module", "exports", "__filename"], options);
}
function load(name) {
  if (loaded[name] !== undefined) return loaded[name].exports;
  const run = functions[name] ?? (name in places ? compile(name) : undefined);
  if (run === undefined) return require(name);
  const module = (loaded[name] = { exports: {} });
  run(load, module, module.exports, __filename);
  return module.exports;
}
load(ENTRY);`;

/** The names of a chunk and of all that it needs before it can run. */
function withImports(start: Chunk, others: readonly Chunk[]): ReadonlySet<string> {
  const names = new Set([start.name]);
  const waiting = [start];
  for (let chunk = waiting.pop(); chunk !== undefined; chunk = waiting.pop()) {
    const needed = chunk.imports;
    for (const other of others.filter(({ name }) => needed.includes(name) && !names.has(name))) {
      names.add(other.name);
      waiting.push(other);
    }
  }
  return names;
}

async function asFunctionBody(text: string): Promise<string> {
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    supported: { 'dynamic-import': false },
    minifyWhitespace: true,
    minifySyntax: true,
  });
  // A file with one character beyond ASCII takes twice the memory. esbuild escapes them in strings; what it leaves is in
  // regular expressions, where the same escape means the same.
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Code may contain the end of a comment, in a regular expression for example, but no control character. */
function escapeComment(code: string): string {
  if (code.includes('\u0001')) throw new Error('a chunk contains U+0001');
  return code.replaceAll('*/', '*\u0001/');
}
