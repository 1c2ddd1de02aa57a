// What the bundle says when nothing is to be connected: usage, help and version.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../dist/kubectl-draft_connect', import.meta.url));
const { version, engines, bugs } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
  engines: { node: string };
  bugs: string;
};

/** No kubectl on its PATH: none of this may need one. */
function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    env: { PATH: '/nonexistent' },
  });
  return { status, stdout, stderr };
}

for (const word of ['version', '--version']) {
  test(`${word} prints the version and nothing else`, () => {
    assert.deepEqual(run(word), { status: 0, stdout: `kubectl draft-connect ${version}\n`, stderr: '' });
  });
}

for (const args of [['--help'], ['-h'], ['help'], ['web', '--help'], ['list', '--help'], ['stop', '-h']]) {
  test(`${args.join(' ')} prints the usage on stdout`, () => {
    const { status, stdout, stderr } = run(...args);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    assert.match(stdout, /^Usage: kubectl draft-connect /);
    assert.deepEqual(
      stdout.split('\n').filter((line) => line.length > 80),
      [],
    );
  });
}

const wrong: readonly [readonly string[], string][] = [
  [['--tial', '5'], 'Error: unknown flag: --tial\nHint: did you mean --tail?\n'],
  [['-n'], 'Error: flag needs a value: -n\nHint: write -n NAME\n'],
  [
    ['--tail', 'x'],
    "Error: invalid value 'x' for --tail: it is not a whole number\nHint: kubectl draft-connect --help lists the flags there are\n",
  ],
  [
    ['--detach', '--dry-run'],
    'Error: --detach and --dry-run exclude each other\nHint: kubectl draft-connect --help lists the flags there are\n',
  ],
  [
    ['--tail\u001b[31m\n='],
    'Error: unknown flag: --tail [31m\nHint: kubectl draft-connect --help lists the flags there are\n',
  ],
  [
    ['completion'],
    'Error: completion needs a shell\nHint: kubectl draft-connect completion bash|zsh|fish|powershell|install\n',
  ],
];

for (const [args, stderr] of wrong) {
  test(`${JSON.stringify(args.join(' '))} is one error, a hint and status 2`, () => {
    assert.deepEqual(run(...args), { status: 2, stdout: '', stderr });
  });
}

test('a reader that has gone is no error', async () => {
  const child = spawn(process.execPath, [program, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [status] = await once(child, 'close');
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
});

test('a full disk under stdout is an error', { skip: process.platform !== 'linux' }, () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [program, 'version'], {
    encoding: 'utf8',
    stdio: ['ignore', full, 'pipe'],
  });
  closeSync(full);
  assert.deepEqual({ status, stderr }, { status: 1, stderr: 'Error: stdout: no space left on device\n' });
});

/** Runs the bundle with something broken underneath it. */
function runBroken(preload: string, argument = '--help') {
  const module = `data:text/javascript,${encodeURIComponent(preload)}`;
  return spawnSync(process.execPath, ['--import', module, program, argument], { encoding: 'utf8' });
}

test('a Node that is too old is an error, since npm only warns of it', () => {
  const old = (node: string) =>
    runBroken(
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${node}' } });`,
      'list',
    );
  for (const node of ['18.20.8', '20.18.3']) {
    const { status, stderr } = old(node);
    assert.equal(
      stderr,
      `Error: Node ${engines.node.slice(2)} or newer is needed, not ${node}\nHint: the executables of a release need no Node\n`,
    );
    assert.equal(status, 1);
  }
  assert.equal(old('21.0.0').status, 0);
});

test('what is no mistake of the user is called a bug, with a stack that names functions', () => {
  const { status, stderr } = runBroken(
    "import fs from 'node:fs'; fs.fstatSync = () => { throw new TypeError('broken'); };",
  );
  assert.equal(status, 70);
  assert.match(stderr, /^Error: a bug in kubectl draft-connect [\d.]+, node v[\d.]+, \w+\nTypeError: broken\n/);
  assert.match(stderr, / at (async )?printHelp /);
  assert.ok(stderr.endsWith(`\nHint: please report it: ${bugs}\n`), stderr);
});

test('what is thrown outside of all calls is called a bug too', () => {
  const { status, stderr } = runBroken("setTimeout(() => { throw new TypeError('late'); }, 50);");
  assert.equal(status, 70);
  assert.match(stderr, /^Error: a bug in kubectl draft-connect [^\n]+\nTypeError: late\n {4}at /);
});
