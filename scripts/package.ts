// Makes what a release consists of, in dist/: npm's archive, which is Krew's as well, and the manifest with its checksum.
// `npm run package -- URL`: where the archive will be found, without its name.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The committed manifest with the archive's place and checksum. */
export function fillManifest(template: string, uri: string, sha256: string): string {
  return template
    .replace(/^#.*\n/, '')
    .replace('{{ uri }}', uri)
    .replace('{{ sha256 }}', sha256);
}

/** Packs into `folder` and returns the archive's path. */
export function pack(folder: string): string {
  const { status, stdout } = spawnSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('npm pack failed');
  return `${folder}/${stdout.trim().split('\n').at(-1)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const base = process.argv[2];
  if (base === undefined || !URL.canParse(base)) {
    console.error(
      'Usage: npm run package -- URL    where the archive will be found, e.g. https://example.com/releases/v1',
    );
    process.exit(2);
  }
  const archive = pack(`${root}dist`);
  const sha256 = createHash('sha256').update(readFileSync(archive)).digest('hex');
  const uri = `${base.replace(/\/$/, '')}/${archive.split('/').at(-1)}`;
  writeFileSync(`${root}dist/plugin.yaml`, fillManifest(readFileSync(`${root}plugin.yaml`, 'utf8'), uri, sha256));
  console.log(`${archive}\n${root}dist/plugin.yaml`);
}
