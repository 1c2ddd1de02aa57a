// The bundle and the archive as a user gets them.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bundle, bundledPackages } from '../../scripts/build.ts';
import { pack } from '../../scripts/package.ts';
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

test("npm's archive carries the licences of all that is in the bundle", async () => {
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
