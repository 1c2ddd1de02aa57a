// Puts the chunks that esbuild splits a program into back into one file, behind a loader that compiles only what runs:
// node compiles all of a file's text (0.5 MB took a quarter of node's own start).
import { readFile } from 'node:fs/promises';
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
  const chunks = `{functions:{${functions.join(',\n')}},places:{${places}},textBytes:${texts.length + END.length}}`;
  const start = `chunkLoader.createLoad(__filename,${chunks},require)(${JSON.stringify(entry.name)});`;
  return `#!/usr/bin/env node\n"use strict";\n${await loaderCode()}${start}\n/*${texts}${END}`;
}

const END = '*/\n';

async function loaderCode(): Promise<string> {
  const source = await readFile(new URL('chunk-loader.ts', import.meta.url), 'utf8');
  const { code } = await transform(source, {
    loader: 'ts',
    format: 'iife',
    globalName: 'chunkLoader',
    platform: 'node',
    target: 'node20.19',
    minify: true,
  });
  return code;
}

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
