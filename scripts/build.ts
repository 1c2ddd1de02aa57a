// Bundles the program into one executable file that needs nothing but node beside it.
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Metafile, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Puts our own small platform under yargs; node_modules stays as it is. */
const yargsPlatform: Plugin = {
  name: 'yargs-platform',
  setup({ onResolve }) {
    onResolve({ filter: /platform-shims\/esm\.mjs$/ }, () => ({ path: `${root}scripts/shims/yargs-platform.ts` }));
  },
};

/** Bundles `src/cli/main.ts` and returns the one file's text with esbuild's account of what went in. */
export async function bundle(): Promise<{ readonly text: string; readonly metafile: Metafile }> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/cli/main.ts'],
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    // Not ESM: node reads a file without an extension as CommonJS, wherever it lies. Each `import()` becomes a function
    // in the same file that runs when it is asked for.
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
    // Only handed to createRequire, which takes a path as well as a URL.
    define: { 'import.meta.url': '__filename' },
    // Names are kept, so that a stack trace tells something without a source map.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    plugins: [yargsPlatform],
    metafile: true,
    logLevel: 'warning',
  });
  return { text: outputFiles[0]?.text ?? '', metafile };
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
