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

/**
 * What V8 made of a large chunk is kept in the state directory, as node 22 does when it is asked to: a third of
 * the time until the first child starts. It is used only if it is the user's own and was made from this very text (the
 * name holds esbuild's hash) by this very node; that it cannot be written is no reason to say anything.
 * Reads the file's own end, where the texts are in a comment, which is the least node can do with a text.
 */
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
  const label = name.replace(/^\\.\\/(.*?)(-[A-Z0-9]+)?\\.js$/, "$1");
  const filename = __filename + ":" + label;
  const head = "(function (require, module, exports, __filename) {";
  const key = (name + " " + process.version + " " + process.arch).padEnd(KEY_BYTES);
  const file = length < LARGE ? undefined : cacheFile(label + Object.keys(places).indexOf(name));
  const cachedData = file && readCache(file, key);
  const script = new (require("node:vm").Script)(head + text + "\\n})", { filename, columnOffset: -head.length, cachedData });
  if (file && (cachedData === undefined || script.cachedDataRejected)) {
    if (unsaved.length === 0) process.on("exit", saveCaches);
    unsaved.push({ file, key, script });
  }
  return script.runInThisContext();
}
const KEY_BYTES = 64;
const LARGE = 20000;
const unsaved = [];
function cacheFile(file) {
  const { HOME = "", XDG_STATE_HOME = "" } = process.env;
  const home = XDG_STATE_HOME[0] === "/" ? XDG_STATE_HOME : HOME[0] === "/" ? HOME + "/.local/state" : undefined;
  return process.platform === "win32" || home === undefined ? undefined : home + "/draft-connect/code/" + file;
}
function readCache(file, key) {
  const fs = require("node:fs");
  try {
    const fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
    try {
      const { uid, mode, size } = fs.fstatSync(fd);
      if (uid !== process.getuid() || (mode & 0o22) !== 0) return undefined;
      const bytes = Buffer.allocUnsafeSlow(size);
      if (fs.readSync(fd, bytes) !== size || bytes.latin1Slice(0, KEY_BYTES) !== key) return undefined;
      return bytes.subarray(KEY_BYTES);
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
function saveCaches() {
  const fs = require("node:fs");
  for (const { file, key, script } of unsaved) {
    const part = file + "." + process.pid;
    try {
      // Not recursive: that never returns where a directory cannot be made, as in /proc.
      for (const depth of [-4, -3, -2, -1]) {
        const directory = file.split("/").slice(0, depth).join("/");
        if (!fs.existsSync(directory)) fs.mkdirSync(directory, { mode: 0o700 });
      }
      fs.writeFileSync(part, Buffer.concat([Buffer.from(key, "latin1"), script.createCachedData()]), { mode: 0o600, flag: "wx" });
      fs.renameSync(part, file);
    } catch {
      try {
        fs.unlinkSync(part);
      } catch {}
    }
  }
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
