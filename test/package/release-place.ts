// Releases of a system or two, made once for a file of tests.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { executableName, type Platform } from '../../scripts/package/platforms.ts';
import { run } from '../../scripts/package/run.ts';
import { makeRelease } from '../../scripts/package.ts';

export const BASE = 'https://example.com/releases/v1';

export interface ReleasePlace {
  /** What the release consists of. */
  readonly release: string;
  readonly unpacked: string;
  readonly executable: string;
  /** A new empty folder. */
  folder(title: string): string;
  remove(): void;
}

/** The first of the platforms is what is unpacked. */
export async function makeReleasePlace(
  platforms: readonly [Platform, ...Platform[]],
  base = BASE,
): Promise<ReleasePlace> {
  const work = mkdtempSync(join(tmpdir(), 'draft-connect-release-'));
  const folder = (title: string) => {
    const path = join(work, title);
    mkdirSync(path);
    return path;
  };
  const release = join(work, 'release');
  await makeRelease(release, base, platforms);
  const [platform] = platforms;
  const unpacked = folder('unpacked');
  run('tar', ['-xzf', join(release, `kubectl-draft_connect-${platform.name}.tar.gz`), '-C', unpacked]);
  const executable = join(unpacked, executableName(platform));
  return { release, unpacked, executable, folder, remove: () => rmSync(work, { recursive: true, force: true }) };
}
