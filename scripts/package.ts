// Makes what a release consists of, in dist/release/: for each system an archive with an executable that needs no Node,
// npm's archive, their checksums, and the manifest for Krew.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildAll, bundlePlain } from './build.ts';
import { type ArchivedFile, tarGz, zip } from './package/archive.ts';
import { makeExecutable, missingFor } from './package/executable.ts';
import { fillManifest } from './package/krew-manifest.ts';
import { nodeLicence } from './package/node-binary.ts';
import {
  archiveName,
  executableName,
  NODE_VERSION,
  PLATFORMS,
  type Platform,
  platformNamed,
} from './package/platforms.ts';
import { run } from './package/run.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Krew wants the manifest to be called like the plugin. */
export const MANIFEST = 'draft-connect.yaml';
export const CHECKSUMS = 'SHA256SUMS';

const USAGE = `Usage: npm run package -- [URL] [--platform NAME]... [--out FOLDER]

URL is where the archives will be found, the repository's release unless another one is named; Krew's manifest has it.
--platform makes the archive for this system only, repeatable: ${PLATFORMS.map(({ name }) => name).join(' ')}
--out is dist/release, unless another folder is named.`;

/** npm's archive; returns its path. */
export function pack(folder: string): string {
  const { status, stdout } = spawnSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('npm pack failed');
  return `${folder}/${stdout.trim().split('\n').at(-1)}`;
}

/** The commit's, so that the same commit gives the same archives. */
function commitTime(): Date {
  return new Date(Number(run('git', ['log', '-1', '--format=%ct'], { cwd: root }).trim()) * 1000);
}

/** Where GitHub has what belongs to the tag of this version. */
function releaseUrl(): string {
  const { repository, version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    repository: { url: string };
    version: string;
  };
  return `${repository.url.replace(/^git\+|\.git$/g, '')}/releases/download/v${version}`;
}

function notices(): ArchivedFile[] {
  const file = (name: string, text: string) => ({ name, bytes: Buffer.from(text), isExecutable: false });
  const packages = readFileSync(`${root}dist/THIRD-PARTY-LICENSES`, 'utf8');
  const line = `\n${'-'.repeat(80)}\n\n`;
  return [
    file('LICENSE', readFileSync(`${root}LICENSE`, 'utf8')),
    file('THIRD-PARTY-LICENSES', `${packages}${line}Node.js ${NODE_VERSION}\n\n${nodeLicence()}`),
  ];
}

/**
 * Writes archives, checksums and manifest into `folder`; `say` is told what was made and what was not.
 * @returns the SHA-256 of each file in hexadecimal, and the platforms of the archives
 */
export async function makeRelease(
  folder: string,
  base: string,
  wanted: readonly Platform[],
  say = (_line: string) => {},
) {
  await buildAll();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const script = await bundlePlain();
  const time = commitTime();
  const sums = new Map<string, string>();
  const made: Platform[] = [];
  const add = (name: string, bytes: Uint8Array) => {
    writeFileSync(join(folder, name), bytes);
    sums.set(name, createHash('sha256').update(bytes).digest('hex'));
  };
  for (const platform of wanted) {
    const missing = missingFor(platform);
    if (missing !== undefined) {
      say(`${platform.name.padEnd(14)} skipped: ${missing}`);
      continue;
    }
    const { bytes, lacks } = makeExecutable(platform, script);
    const files = [{ name: executableName(platform), bytes, isExecutable: true }, ...notices()];
    const archive = platform.os === 'windows' ? zip(files, time) : tarGz(files, time);
    add(archiveName(platform), archive);
    made.push(platform);
    const size = `${(archive.length / 1e6).toFixed(1)} MB`;
    say([`${platform.name.padEnd(14)} ${archiveName(platform)}, ${size}`, ...lacks].join('; '));
  }
  const npmArchive = pack(folder);
  const npmName = npmArchive.slice(folder.length + 1);
  add(npmName, readFileSync(npmArchive));
  say(`${'npm'.padEnd(14)} ${npmName}`);
  const entries = made.map((platform) => [platform.name, archiveName(platform)] as const);
  const manifest = fillManifest(
    readFileSync(`${root}plugin.yaml`, 'utf8'),
    new Map(entries.map(([name, archive]) => [name, `${base}/${archive}`])),
    new Map(entries.map(([name, archive]) => [name, sums.get(archive) ?? ''])),
  );
  if (made.length > 0) writeFileSync(join(folder, MANIFEST), manifest);
  writeFileSync(join(folder, CHECKSUMS), [...sums].map(([name, sum]) => `${sum}  ${name}\n`).join(''));
  return { sums, platforms: made };
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { platform: { type: 'string', multiple: true }, out: { type: 'string' } },
  });
  const [url] = positionals;
  if (positionals.length > 1 || (url !== undefined && !URL.canParse(url))) throw new Error(USAGE);
  const wanted = values.platform?.map(platformNamed) ?? PLATFORMS;
  const folder = values.out ?? `${root}dist/release`;
  const { platforms } = await makeRelease(folder, (url ?? releaseUrl()).replace(/\/$/, ''), wanted, console.log);
  console.log(`In ${folder}: ${CHECKSUMS}${platforms.length > 0 ? `, ${MANIFEST}` : ''}`);
  return platforms.length > 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main().catch((error: Error) => {
    console.error(error.message);
    return 2;
  });
}
