// Bundles the program into one executable file that needs nothing but node beside it.
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin, transform } from 'esbuild';
import { renderOneFile } from './one-file.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Puts our own small platform under yargs; node_modules stays as it is. */
const yargsPlatform: Plugin = {
  name: 'yargs-platform',
  setup({ onResolve }) {
    onResolve({ filter: /platform-shims\/esm\.mjs$/ }, () => ({ path: `${root}scripts/shims/yargs-platform.ts` }));
  },
};

const plainColors: Plugin = {
  name: 'plain-colors',
  setup({ onResolve }) {
    onResolve({ filter: /^yoctocolors$/ }, () => ({ path: `${root}scripts/shims/plain-colors.ts` }));
  },
};

/** Shortens the names inside packages, a third of their text; ours stay, so that a stack trace tells something. */
const shortPackages: Plugin = {
  name: 'short-packages',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]node_modules[\\/].*\.m?js$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { minify: true, target: 'node20.19' });
      return { contents: code, loader: 'js' };
    });
  },
};

function textsIn(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(root + folder);
  return Object.fromEntries(files.map((name) => [name, readFileSync(`${root}${folder}/${name}`, 'utf8')]));
}

export const DEFINITIONS = {
  // Only handed to createRequire, which takes a path as well as a URL.
  'import.meta.url': '__filename',
  // A text within a text: esbuild makes a module of an object, which all others then import.
  COMPLETION_SCRIPTS: JSON.stringify(JSON.stringify(textsIn('src/cli/completions'))),
  KEYBOARD_SCRIPT: JSON.stringify(readFileSync(`${root}src/processes/keyboard.sh`, 'utf8')),
  WATCHDOG_SCRIPT: JSON.stringify(readFileSync(`${root}src/processes/watchdog.sh`, 'utf8')),
};

const OPTIONS = {
  absWorkingDir: root,
  entryPoints: ['src/cli/main.ts'],
  outdir: '.',
  write: false,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  define: DEFINITIONS,
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  plugins: [yargsPlatform, plainColors, shortPackages],
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** All of the program as one plain script, for an executable that has Node in it and a cache of what Node compiles. */
export async function bundlePlain(): Promise<string> {
  const { outputFiles } = await build({ ...OPTIONS, format: 'cjs' });
  return `"use strict";${outputFiles[0]?.text}`;
}

/** Bundles `src/cli/main.ts` and returns the one file's text with esbuild's account of what went in. */
export async function bundle(): Promise<{ readonly text: string; readonly metafile: Metafile }> {
  const { outputFiles, metafile } = await build({ ...OPTIONS, splitting: true, format: 'esm', metafile: true });
  const chunks = Object.entries(metafile.outputs).map(([path, { imports, entryPoint }], index) => ({
    name: `./${path}`,
    text: outputFiles[index]?.text ?? '',
    imports: imports.filter(({ kind }) => kind === 'import-statement').map((each) => `./${each.path}`),
    first: entryPoint === 'src/cli/main.ts',
  }));
  const text = await renderOneFile(chunks.sort((a, b) => Number(b.first) - Number(a.first)));
  return { text, metafile };
}

/** The names of the packages whose code is in the bundle. */
export function bundledPackages({ outputs }: Metafile): readonly string[] {
  const inputs = Object.values(outputs).flatMap(({ inputs: parts }) => Object.keys(parts));
  const names = inputs.map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[0].slice(0, -1));
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

/** The licences of all that code ask to go where it goes. */
function renderLicences(metafile: Metafile): string {
  const texts = bundledPackages(metafile).map((folder) => {
    const { name, version } = JSON.parse(readFileSync(`${root}${folder}/package.json`, 'utf8'));
    const file = readdirSync(root + folder).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined) throw new Error(`${folder} has no licence file`);
    return `${name} ${version}\n\n${readFileSync(`${root}${folder}/${file}`, 'utf8').trim()}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** Writes `dist/`. */
export async function buildAll(): Promise<void> {
  const { text, metafile } = await bundle();
  const file = `${root}dist/kubectl-draft_connect`;
  mkdirSync(`${root}dist`, { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  // The package is ESM; the bundle is not.
  writeFileSync(`${root}dist/package.json`, '{ "type": "commonjs" }\n');
  writeFileSync(`${root}dist/THIRD-PARTY-LICENSES`, renderLicences(metafile));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildAll().catch((error: Error) => {
    // esbuild has shown its own errors.
    if (!('errors' in error)) throw error;
    process.exitCode = 1;
  });
}
