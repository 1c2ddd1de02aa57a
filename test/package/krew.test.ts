// Krew itself, built from its Go module, installs what a release consists of.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cachePath } from '../../scripts/package/node-binary.ts';
import { archiveName, ownPlatform, platformNamed } from '../../scripts/package/platforms.ts';
import { MANIFEST } from '../../scripts/package.ts';
import { missing } from '../harness/tools.ts';
import { newestKubectl } from '../integration/connect-setup.ts';
import { makeReleasePlace, type ReleasePlace } from './release-place.ts';

const own = ownPlatform();
const windows = platformNamed('windows-amd64');
const krewFolder = cachePath('krew');
const skip = own?.os === 'linux' ? missing('go', 'flock') : 'makes archives for Linux';

describe('Krew', { skip }, () => {
  let place: ReleasePlace;
  let server: Server;

  before(async () => {
    execFileSync(fileURLToPath(new URL('get-krew', import.meta.url)), [krewFolder], { stdio: 'inherit' });
    server = createServer((request, response) => {
      createReadStream(join(place.release, request.url ?? '')).pipe(response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    place = await makeReleasePlace([own ?? windows, windows], `http://127.0.0.1:${port}`);
    symlinkSync(newestKubectl(), join(place.folder('kubectl'), 'kubectl'));
  });
  after(() => {
    server.close();
    place.remove();
  });

  /** Krew's folder, and the environment of somebody who has Krew and kubectl. */
  function freshRoot(title: string) {
    const krewRoot = place.folder(title);
    const path = [join(krewRoot, 'bin'), join(place.unpacked, '../kubectl'), krewFolder];
    return {
      bin: join(krewRoot, 'bin'),
      store: join(krewRoot, 'store/draft-connect'),
      env: { PATH: path.join(delimiter), HOME: krewRoot, KREW_ROOT: krewRoot, KREW_NO_UPGRADE_CHECK: '1' },
    };
  }

  test('installs the archive of this system, and kubectl runs it', () => {
    const { bin, store, env } = freshRoot('own');
    const run = (...args: string[]) => execFileSync('kubectl', args, { env, encoding: 'utf8', stdio: 'pipe' });
    const archive = join(place.release, archiveName(own ?? windows));
    run('krew', 'install', `--manifest=${join(place.release, MANIFEST)}`, `--archive=${archive}`);
    assert.deepEqual(readdirSync(bin), ['kubectl-draft_connect']);
    const [version = ''] = readdirSync(store);
    assert.deepEqual(readdirSync(join(store, version)), ['LICENSE', 'THIRD-PARTY-LICENSES', 'kubectl-draft_connect']);
    assert.equal(run('draft-connect', 'version'), `kubectl draft-connect ${version.slice(1)}\n`);
    assert.match(run('plugin', 'list'), /kubectl-draft_connect$/m);
  });

  test('installs the archive of Windows, where the program ends in .exe', () => {
    const { bin, env } = freshRoot('windows');
    const args = [
      `--manifest=${join(place.release, MANIFEST)}`,
      `--archive=${join(place.release, archiveName(windows))}`,
    ];
    const onWindows = { ...env, KREW_OS: 'windows', KREW_ARCH: 'amd64' };
    execFileSync('kubectl', ['krew', 'install', ...args], { env: onWindows, stdio: 'pipe' });
    assert.match(readlinkSync(join(bin, 'kubectl-draft_connect.exe')), /kubectl-draft_connect\.exe$/);
  });

  test('finds nothing wrong with the manifest for its index', async () => {
    const { env } = freshRoot('validated');
    const args = ['-manifest', join(place.release, MANIFEST)];
    // Not in one breath: the archives come from us.
    await promisify(execFile)(join(krewFolder, 'validate-krew-manifest'), args, { env });
  });
});
