// Finds a kubectl, or gets one for this project alone into .cache/kubectl; prints the folder to put on PATH. Plain
// JavaScript without packages, because it runs before any are installed. The system stays as it is.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const RELEASE = 'v1.34.2';
const cache = resolve(dirname(fileURLToPath(import.meta.url)), '../.cache/kubectl');
const name = process.platform === 'win32' ? 'kubectl.exe' : 'kubectl';
const say = (text) => process.stderr.write(`${text}\n`);

function runs(folder) {
  try {
    accessSync(join(folder, name), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The official release; undefined where its host does not answer in a few seconds. */
async function fromRelease() {
  const system = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[process.platform];
  const machine = { x64: 'amd64', arm64: 'arm64' }[process.arch];
  if (system === undefined || machine === undefined) return undefined;
  const url = `https://dl.k8s.io/release/${RELEASE}/bin/${system}/${machine}/${name}`;
  let expected;
  try {
    const answer = await fetch(`${url}.sha256`, { signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(`${answer.status}`);
    expected = (await answer.text()).trim().split(/\s/)[0];
  } catch (error) {
    say(`  dl.k8s.io does not answer (${error.cause?.code ?? error.message})`);
    return undefined;
  }
  say(`  fetching ${url}`);
  const answer = await fetch(url, { signal: AbortSignal.timeout(300_000) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== expected) throw new Error(`${url}: checksum ${actual}, expected ${expected}`);
  const file = join(cache, `${name}.new`);
  writeFileSync(file, bytes, { mode: 0o755 });
  return file;
}

function run(program, args, cwd) {
  const { status, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(`${program} ${args.at(-2)} ${args.at(-1)}: ${error?.message ?? stderr.trim()}`);
}

/** Debian's package, checked by apt and unpacked, not installed; undefined where there is no apt. */
function fromDebian() {
  const has = (program) => spawnSync(program, ['--version']).error === undefined;
  if (!has('apt-get') || !has('dpkg-deb')) return undefined;
  say("  unpacking Debian's package kubernetes-client, without installing it");
  const work = mkdtempSync(join(cache, 'apt-'));
  try {
    for (const folder of ['lists/partial', 'cache/archives/partial'])
      mkdirSync(join(work, folder), { recursive: true });
    const own = ['-qq', '-o', 'APT::Sandbox::User=', '-o', `Dir::Cache=${join(work, 'cache')}`];
    try {
      run('apt-get', [...own, 'download', 'kubernetes-client'], work);
    } catch {
      // No package lists on this machine, or old ones: some for us alone.
      own.push('-o', `Dir::State::lists=${join(work, 'lists')}`);
      run('apt-get', [...own, '-o', 'Acquire::Languages=none', 'update'], work);
      run('apt-get', [...own, 'download', 'kubernetes-client'], work);
    }
    const [archive] = readdirSync(work).filter((file) => file.endsWith('.deb'));
    run('dpkg-deb', ['-x', archive, 'unpacked'], work);
    renameSync(join(work, 'unpacked/usr/bin/kubectl'), join(cache, 'kubectl.new'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return join(cache, 'kubectl.new');
}

async function kubectlFolder() {
  const onPath = (process.env.PATH ?? '').split(delimiter).find((folder) => folder !== '' && runs(folder));
  if (onPath !== undefined) return onPath;
  if (runs(cache)) return cache;
  say(`kubectl is not on PATH: getting one for this project alone, into ${cache}`);
  mkdirSync(cache, { recursive: true });
  const file = (await fromRelease()) ?? fromDebian();
  if (file === undefined) throw new Error('no kubectl to be had here: see https://kubernetes.io/docs/tasks/tools/');
  renameSync(file, join(cache, name));
  return cache;
}

try {
  process.stdout.write(`${await kubectlFolder()}\n`);
} catch (error) {
  say(`Error: ${error.message}`);
  process.exitCode = 1;
}
