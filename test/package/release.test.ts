// The archives of a release as a user gets them: what is in them, and this machine's executable, without node.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bundle, bundledPackages } from '../../scripts/build.ts';
import { fillManifest } from '../../scripts/package/krew-manifest.ts';
import { archiveName, ownPlatform, PLATFORMS, platformNamed } from '../../scripts/package/platforms.ts';
import { CHECKSUMS, MANIFEST, makeRelease } from '../../scripts/package.ts';
import { get } from '../harness/http.ts';
import { leftovers, makeFolder } from '../harness/program.ts';
import { newestKubectl, nothingLeftOf, type Place, startPlace } from '../integration/connect-setup.ts';
import { followsKrewsRules, parseManifest } from './krew-manifest.ts';
import { BASE, makeReleasePlace, type ReleasePlace } from './release-place.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string };
const said = `kubectl draft-connect ${version}\n`;
const own = ownPlatform();
const linux = own?.os === 'linux' ? own : undefined;

test('the committed manifest names all systems, by what has to be filled in, and follows the rules of Krew', (t) => {
  const folder = makeFolder();
  t.after(() => folder.remove());
  const template = readFileSync(`${root}plugin.yaml`, 'utf8');
  assert.doesNotMatch(template, /[0-9a-f]{40}/);
  const uris = new Map(PLATFORMS.map((platform) => [platform.name, `${BASE}/${archiveName(platform)}`]));
  const sums = new Map(PLATFORMS.map(({ name }, index) => [name, String(index).repeat(64)]));
  const filled = fillManifest(template, uris, sums);
  assert.doesNotMatch(filled, /\{\{|#/);
  const manifest = parseManifest(filled, folder.path);
  followsKrewsRules(manifest);
  assert.equal(manifest.spec.version, `v${version}`);
  assert.deepEqual(
    manifest.spec.platforms.map(({ uri, sha256 }) => [uri, sha256]),
    PLATFORMS.map(({ name }) => [uris.get(name), sums.get(name)]),
  );
});

describe('the release for this machine', { skip: linux === undefined && 'makes archives for Linux' }, () => {
  let place: ReleasePlace;
  let cluster: Place;
  /** On PATH instead of all else: kubectl alone. */
  let onlyKubectl: string;

  before(async () => {
    place = await makeReleasePlace([linux ?? platformNamed('linux-amd64')]);
    onlyKubectl = place.folder('only-kubectl');
    symlinkSync(newestKubectl(), join(onlyKubectl, 'kubectl'));
    cluster = await startPlace();
    await cluster.cluster.addExample();
  });
  after(() => {
    cluster.stop();
    place.remove();
  });

  const bare = (path: string, env: Readonly<Record<string, string>> = {}) => ({
    PATH: path,
    HOME: place.unpacked,
    ...env,
  });

  test('is the same to the byte when it is made again', async () => {
    const again = place.folder('again');
    await makeRelease(again, BASE, linux === undefined ? [] : [linux]);
    assert.deepEqual(readdirSync(again), readdirSync(place.release));
    for (const name of [CHECKSUMS, MANIFEST]) {
      assert.equal(readFileSync(join(again, name), 'utf8'), readFileSync(join(place.release, name), 'utf8'), name);
    }
    execFileSync('sha256sum', ['--check', '--quiet', '--strict', CHECKSUMS], { cwd: again });
  });

  test('has a manifest for Krew that names what was made, by its checksum', () => {
    const { spec, ...rest } = parseManifest(readFileSync(join(place.release, MANIFEST), 'utf8'), place.unpacked);
    followsKrewsRules({ spec, ...rest });
    const [platform] = spec.platforms;
    assert.equal(spec.platforms.length, 1);
    const archive = `kubectl-draft_connect-${linux?.name}.tar.gz`;
    assert.equal(platform?.uri, `${BASE}/${archive}`);
    assert.ok(readFileSync(join(place.release, CHECKSUMS), 'utf8').includes(`${platform?.sha256}  ${archive}\n`));
  });

  test('has nothing in its archive but the executable and the licences, all of them plain files', () => {
    const archive = join(place.release, `kubectl-draft_connect-${linux?.name}.tar.gz`);
    const lines = execFileSync('tar', ['-tvzf', archive, '--numeric-owner'], { encoding: 'utf8' }).trim().split('\n');
    assert.deepEqual(
      lines.map((line) => line.split(/\s+/)).map(([mode, owner, , , , name]) => [mode, owner, name]),
      [
        ['-rwxr-xr-x', '0/0', 'kubectl-draft_connect'],
        ['-rw-r--r--', '0/0', 'LICENSE'],
        ['-rw-r--r--', '0/0', 'THIRD-PARTY-LICENSES'],
      ],
    );
  });

  test('carries the licences of all that is in the executable', async () => {
    const licences = readFileSync(join(place.unpacked, 'THIRD-PARTY-LICENSES'), 'utf8');
    for (const path of bundledPackages((await bundle()).metafile)) {
      const bundled = JSON.parse(readFileSync(`${root}${path}/package.json`, 'utf8'));
      assert.ok(licences.includes(`${bundled.name} ${bundled.version}\n`), bundled.name);
    }
    assert.match(licences, /^Node\.js 22\.\d+\.\d+\n\nNode\.js is licensed for use as follows:/m);
    assert.match(licences, /^- V8, located at deps\/v8/m);
    assert.equal(readFileSync(join(place.unpacked, 'LICENSE'), 'utf8'), readFileSync(`${root}LICENSE`, 'utf8'));
  });

  test('runs alone in an empty folder, with no node on PATH', () => {
    const alone = place.folder('alone');
    copyFileSync(place.executable, join(alone, 'kubectl-draft_connect'));
    const empty = place.folder('empty');
    for (const [args, status, expected] of [
      [['version'], 0, said],
      [['--help'], 0, 'Usage: kubectl draft-connect'],
      [['--tial'], 2, 'Error: '],
    ] as const) {
      // NODE_OPTIONS is meant for the user's own node.
      const env = bare(empty, { NODE_OPTIONS: '--no-such-flag' });
      const end = spawnSync(join(alone, 'kubectl-draft_connect'), args, { cwd: alone, env, encoding: 'utf8' });
      assert.equal(end.status, status, end.stderr);
      assert.ok((end.stdout + end.stderr).startsWith(expected), end.stdout + end.stderr);
    }
    assert.deepEqual(readdirSync(alone), ['kubectl-draft_connect']);
  });

  test('works under another name, through a link, and as what an alias of kubectl calls', () => {
    const folder = place.folder('names');
    const other = join(folder, 'kdc');
    const link = join(folder, 'link');
    copyFileSync(place.executable, other);
    symlinkSync(place.executable, link);
    for (const file of [other, link])
      assert.equal(execFileSync(file, ['version'], { env: bare(''), encoding: 'utf8' }), said);
    const env = bare(`${onlyKubectl}:${place.unpacked}`);
    const script = "alias kdc='kubectl draft-connect'\nkdc version";
    assert.equal(execFileSync('/bin/sh', ['-c', script], { env, encoding: 'utf8' }), said);
  });

  test('connects, answers, and runs a command', async () => {
    const command = [place.executable] as const;
    const env = bare(onlyKubectl);
    const program = cluster.run(['deploy/example-go', '-c', 'go'], { command, env });
    const port = (await program.connected(1)).get('go:8080') ?? 0;
    assert.equal((await get(port, '/standalone')).body, "Hello World, I'm Golang!\n");
    await program.sees('stdout', /^\[go\]: \S+ GET \/standalone$/m);
    assert.deepEqual(await program.end('SIGINT'), { code: 0, signal: null });
    await nothingLeftOf(program.pid);
    const args = ['deploy/example-go', '-c', 'go', '--', '/bin/sh', '-c', 'exit 7'];
    assert.equal((await cluster.toEnd(args, { command, env })).code, 7);
  });

  test('runs in the background, under whatever name it was called', async () => {
    const link = join(place.folder('link'), 'kdc');
    symlinkSync(place.executable, link);
    const command = ['/bin/sh', '-c', 'exec kdc "$@"', 'sh'] as const;
    const env = bare(`${onlyKubectl}:${join(link, '..')}`, { XDG_STATE_HOME: place.folder('state') });
    const started = await cluster.toEnd(['deploy/example-go', '-c', 'go', '--detach', '-o', 'json'], { command, env });
    assert.equal(started.code, 0, started.stderr);
    const { id, pid, tunnels } = JSON.parse(started.stdout);
    assert.equal((await get(tunnels[0].localPort)).status, 200);
    assert.match((await cluster.toEnd(['list'], { command, env })).stdout, new RegExp(`^${id} +example-go `, 'm'));
    assert.equal((await cluster.toEnd(['stop', id], { command, env })).stdout, `example-go (${id}) stopped\n`);
    assert.deepEqual(leftovers(pid), []);
  });
});
