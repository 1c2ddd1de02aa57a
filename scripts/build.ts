// Bundles the program into one executable file that needs nothing but node beside it.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
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

/** Bundles `src/cli/main.ts` into `outfile` and returns esbuild's account of what went in. */
export async function bundle(outfile: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/cli/main.ts'],
    outfile,
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
  return metafile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(`${root}dist`, { recursive: true });
  const metafile = await bundle('dist/kubectl-draft_connect');
  chmodSync(`${root}dist/kubectl-draft_connect`, 0o755);
  // The package is ESM; the bundle is not.
  writeFileSync(`${root}dist/package.json`, '{ "type": "commonjs" }\n');
  writeFileSync(`${root}dist/meta.json`, JSON.stringify(metafile));
}
