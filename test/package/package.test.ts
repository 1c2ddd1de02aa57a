// The bundle and the archive as a user gets them.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bundle, bundledPackages } from '../../scripts/build.ts';
import { fillManifest, pack } from '../../scripts/package.ts';
import { availableKubectls } from '../kubectls.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { name, version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { name: string; version: string };
const said = `kubectl draft-connect ${version}\n`;

const work = mkdtempSync(join(tmpdir(), 'package-'));
after(() => rmSync(work, { recursive: true, force: true }));
const archive = pack(work);

function folder(title: string): string {
  const path = join(work, title);
  mkdirSync(path);
  return path;
}

test('the one file runs alone in an empty folder', () => {
  const alone = folder('alone');
  copyFileSync(`${root}dist/kubectl-draft_connect`, join(alone, 'kubectl-draft_connect'));
  for (const args of [['version'], ['--help'], ['--tial']]) {
    const { status, stdout, stderr } = spawnSync(join(alone, 'kubectl-draft_connect'), args, {
      cwd: alone,
      encoding: 'utf8',
    });
    assert.equal(status, args[0] === '--tial' ? 2 : 0, stderr);
    assert.notEqual(stdout + stderr, '');
  }
});

test('npm installs a working program from the archive, and nothing else', () => {
  const prefix = folder('prefix');
  const install = ['install', '--global', '--prefix', prefix, '--offline', '--no-audit', '--no-fund', archive];
  execFileSync('npm', install, { stdio: ['ignore', 'ignore', 'inherit'] });
  assert.equal(execFileSync(join(prefix, 'bin/kubectl-draft_connect'), ['version'], { encoding: 'utf8' }), said);
});

test('kubectl finds it as draft-connect', { skip: availableKubectls().length === 0 && 'no kubectl' }, () => {
  for (const { path } of availableKubectls()) {
    const output = execFileSync(path, ['draft-connect', 'version'], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${root}dist${delimiter}${process.env['PATH']}` },
    });
    assert.equal(output, said);
  }
});

interface KrewManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly version: string;
    readonly shortDescription: string;
    readonly platforms: readonly {
      readonly uri: string;
      readonly sha256: string;
      readonly bin: string;
      readonly files: readonly { readonly from: string; readonly to: string }[];
      readonly selector: {
        readonly matchExpressions: readonly { readonly key: string; readonly values: readonly string[] }[];
      };
    }[];
  };
}

/** kubectl's YAML parser, which is Krew's too. */
function parseManifest(text: string): KrewManifest {
  const file = join(work, 'plugin.yaml');
  writeFileSync(file, text);
  const [kubectl] = availableKubectls();
  assert.ok(kubectl);
  const args = ['annotate', '--local', '--filename', file, '--output', 'json', 'read=yes'];
  return JSON.parse(execFileSync(kubectl.path, args, { encoding: 'utf8' })) as KrewManifest;
}

test('what the Krew manifest says is what Krew would install', () => {
  const sha256 = createHash('sha256').update(readFileSync(archive)).digest('hex');
  const uri = 'https://example.com/kubectl-draft-connect.tgz';
  const manifest = parseManifest(fillManifest(readFileSync(`${root}plugin.yaml`, 'utf8'), uri, sha256));
  assert.equal(manifest.apiVersion, 'krew.googlecontainertools.github.com/v1alpha2');
  assert.equal(manifest.kind, 'Plugin');
  assert.equal(manifest.metadata.name, 'draft-connect');
  assert.equal(manifest.spec.version, `v${version}`);
  assert.ok(manifest.spec.shortDescription.length <= 50);
  assert.equal(manifest.spec.platforms.length, 1);
  const [platform] = manifest.spec.platforms;
  assert.ok(platform);
  assert.equal(platform.uri, uri);
  assert.equal(platform.sha256, sha256);
  assert.deepEqual(
    platform.selector.matchExpressions.map(({ key, values }) => ({ key, values })),
    [{ key: 'os', values: ['linux', 'darwin'] }],
  );

  const unpacked = folder('unpacked');
  execFileSync('tar', ['-xzf', archive, '-C', unpacked]);
  const store = folder('store');
  for (const { from, to } of platform.files) {
    assert.equal(to, '.');
    execFileSync('cp', ['-p', join(unpacked, from), store]);
  }
  const bin = folder('krew-bin');
  symlinkSync(join(store, platform.bin), join(bin, 'kubectl-draft_connect'));
  assert.equal(execFileSync(join(bin, 'kubectl-draft_connect'), ['version'], { encoding: 'utf8' }), said);
});

test('the committed manifest has no checksum that could be taken for one', () => {
  const text = readFileSync(`${root}plugin.yaml`, 'utf8');
  assert.doesNotMatch(text, /[0-9a-f]{40}/);
  assert.match(text, /uri: "\{\{ uri \}\}"\n +sha256: "\{\{ sha256 \}\}"/);
});

test('the archive carries the licences of all that is in the bundle', async () => {
  const { metafile } = await bundle();
  const licences = readFileSync(`${root}dist/THIRD-PARTY-LICENSES`, 'utf8');
  const packages = bundledPackages(metafile);
  assert.ok(packages.length > 0);
  for (const path of packages) {
    const bundled = JSON.parse(readFileSync(`${root}${path}/package.json`, 'utf8')) as {
      name: string;
      version: string;
    };
    assert.ok(licences.includes(`${bundled.name} ${bundled.version}\n`), bundled.name);
  }
  const files = execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' }).trim().split('\n').sort();
  assert.deepEqual(files, [
    'package/CHANGELOG.md',
    'package/LICENSE',
    'package/README.md',
    'package/dist/THIRD-PARTY-LICENSES',
    'package/dist/kubectl-draft_connect',
    'package/dist/package.json',
    'package/package.json',
  ]);
});

test('the file is executable and says what runs it', () => {
  assert.equal(statSync(`${root}dist/kubectl-draft_connect`).mode & 0o777, 0o755);
  assert.match(readFileSync(`${root}dist/kubectl-draft_connect`, 'utf8'), /^#!\/usr\/bin\/env node\n/);
  assert.equal(name, 'kubectl-draft-connect');
});
