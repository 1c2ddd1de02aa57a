// Stands at the head of the one file and runs its chunks. What the program begins with are functions; the rest is text
// in a comment at the end of the file, which costs node next to nothing, and is compiled when it is asked for.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { Script } from 'node:vm';

type Load = (name: string) => unknown;
type RunChunk = (load: Load, module: { exports: unknown }, exports: unknown, filename: string) => void;

export interface Chunks {
  readonly functions: Readonly<Record<string, RunChunk>>;
  /** Where each text begins, in bytes from the first one's begin, and its length. */
  readonly places: Readonly<Record<string, readonly [offset: number, length: number]>>;
  /** From the first text's begin to the end of the file. */
  readonly textBytes: number;
}

const HEAD = '(function (require, module, exports, __filename) {';

/** Returns what chunks call to import one another, or a module of node's. */
export function createLoad(file: string, chunks: Chunks, requireOfNode: Load): Load {
  const modules = new Map<string, { exports: unknown }>();

  function compile(name: string, [offset, length]: readonly [number, number]): RunChunk {
    const bytes = Buffer.allocUnsafe(length);
    const fd = openSync(file, 'r');
    readSync(fd, bytes, 0, length, fstatSync(fd).size - chunks.textBytes + offset);
    closeSync(fd);
    // All of it is ASCII. U+0001 parts what would end the comment.
    const code = bytes.toString('latin1').replaceAll('*\u0001/', '*/');
    // As a stack trace names it.
    const filename = `${file}:${name.replace(/^\.\/(.*?)(-[A-Z0-9]+)?\.js$/, '$1')}`;
    return new Script(`${HEAD}${code}\n})`, { filename, columnOffset: -HEAD.length }).runInThisContext();
  }

  return function load(name) {
    const loaded = modules.get(name);
    if (loaded !== undefined) return loaded.exports;
    const place = chunks.places[name];
    const run = chunks.functions[name] ?? (place && compile(name, place));
    if (run === undefined) return requireOfNode(name);
    const module: { exports: unknown } = { exports: {} };
    modules.set(name, module);
    run(load, module, module.exports, file);
    return module.exports;
  };
}
