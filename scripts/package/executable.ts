// One executable out of the program and Node, a "single executable application" (https://nodejs.org/api/single-executable-applications.html).
// Node for that very system prepares the program, since the code cache it makes is of use to no other.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isOnPath } from '../../src/processes/on-path.ts';
import { cachePath, nodeFor } from './node-binary.ts';
import { executableName, ownPlatform, type Platform, platformNamed } from './platforms.ts';
import { run } from './run.ts';

const POSTJECT = fileURLToPath(new URL('../../node_modules/postject/dist/cli.js', import.meta.url));
/** What Node looks for in itself. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

export interface Executable {
  readonly bytes: Buffer;
  /** What it lacks because a tool is not on this machine. */
  readonly lacks: readonly string[];
}

/** Why this machine cannot make an executable for it, if so. */
export function missingFor({ os }: Platform): string | undefined {
  if (os !== 'darwin' || isOnPath('rcodesign') || isOnPath('codesign')) return undefined;
  return 'macOS runs only what is signed: needs rcodesign (cargo install apple-codesign)';
}

/** @param script is the whole program, one CommonJS file */
export function makeExecutable(platform: Platform, script: string): Executable {
  const work = mkdtempSync(join(tmpdir(), 'draft-connect-executable-'));
  try {
    const lacks: string[] = [];
    const name = executableName(platform);
    const file = join(work, name);
    copyFileSync(nodeFor(platform), file);
    if (platform.os === 'windows') writeFileSync(file, withoutSignature(readFileSync(file)));
    // Before the program goes in: afterwards it would destroy the file.
    if (platform.os === 'linux' && !strip(file)) lacks.push('not stripped (no llvm-strip): 5 MB more');
    if (!prepare(platform, work, script)) lacks.push('no code cache: starts 10 ms later');
    const segment = platform.os === 'darwin' ? ['--macho-segment-name', 'NODE_SEA'] : [];
    run(process.execPath, [POSTJECT, name, 'NODE_SEA_BLOB', 'blob', '--sentinel-fuse', FUSE, ...segment], {
      cwd: work,
    });
    if (platform.os === 'darwin') sign(file);
    return { bytes: readFileSync(file), lacks };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** llvm's for all machines: another one's strip gives other bytes. */
function strip(file: string): boolean {
  if (!isOnPath('llvm-strip')) return false;
  run('llvm-strip', [file]);
  return true;
}

/** The certificate table stands at the end of a Windows executable; what is changed afterwards makes it invalid. */
export function withoutSignature(bytes: Buffer): Buffer {
  const header = bytes.readUInt32LE(0x3c) + 24;
  // PE32+: the data directories begin at 112, the certificates are the fifth.
  const entry = header + 112 + 4 * 8;
  const place = bytes.readUInt32LE(entry);
  if (place === 0) return bytes;
  const unsigned = Buffer.from(bytes.subarray(0, place));
  unsigned.fill(0, entry, entry + 8);
  return unsigned;
}

/** Ad hoc, under a name that does not depend on the file's place. */
function sign(file: string): void {
  const name = 'kubectl-draft_connect';
  if (isOnPath('rcodesign')) run('rcodesign', ['sign', '--binary-identifier', name, file]);
  else run('codesign', ['--force', '--sign', '-', '--identifier', name, file]);
}

/** Writes `blob`; true if it has a code cache. */
function prepare(platform: Platform, work: string, script: string): boolean {
  writeFileSync(join(work, 'program.js'), script);
  const ownNode = foreignNode(platform);
  if (ownNode !== undefined) {
    try {
      writeBlob(ownNode, work, true);
      return true;
    } catch (error) {
      console.error(`No code cache for ${platform.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  // Without a cache it is the same for all.
  writeBlob([nodeFor(ownPlatform() ?? platformNamed('linux-amd64'))], work, false);
  return false;
}

/** How this machine runs that system's Node, if it does. */
function foreignNode(platform: Platform): readonly [string, ...string[]] | undefined {
  const node = nodeFor(platform);
  if (platform === ownPlatform()) return [node];
  if (platform.name === 'linux-arm64' && isOnPath('qemu-aarch64')) {
    return ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu', node];
  }
  if (platform.os === 'windows' && isOnPath('wine')) return ['wine', node];
  return undefined;
}

/** Relative names and `--predictable`, because the blob carries the names, and must be the same each time. */
function writeBlob([program, ...args]: readonly [string, ...string[]], work: string, useCodeCache: boolean): void {
  const config = {
    main: 'program.js',
    output: 'blob',
    disableExperimentalSEAWarning: true,
    useCodeCache,
    // NODE_OPTIONS is for the user's own Node; here one of its flags could end the program.
    execArgvExtension: 'none',
  };
  writeFileSync(join(work, 'config.json'), JSON.stringify(config));
  const env = { ...process.env, NODE_OPTIONS: '', WINEDEBUG: '-all', WINEPREFIX: cachePath('wine') };
  if (program === 'wine') {
    run('wine', ['reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f'], { env });
  }
  run(program, [...args, '--predictable', '--experimental-sea-config', 'config.json'], { cwd: work, env });
}
