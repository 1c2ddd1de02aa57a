// A machine without the shells and tools that some tests run: those are skipped with a reason, and nothing fails.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../harness/program.ts';
import { missing } from '../harness/tools.ts';

const TOOLS = [
  'busybox',
  'curl',
  'fish',
  'go',
  'jq',
  'nc',
  'pwsh',
  'qemu-aarch64',
  'script',
  'shellcheck',
  'tmux',
  'unzip',
  'wine',
  'x86_64-w64-mingw32-gcc',
  'zsh',
];

const JQ_LOG = `kubectl draft-connect deploy/web -o json | jq -r 'select(.type == "log") | .line'`;
const DOCS = [
  ['kubectl draft-connect deploy/web -- npm test (README.md)', 'curl'],
  ['eval "$(kubectl draft-connect deploy/web --detach)" (README.md)', 'curl'],
  [`${JQ_LOG} (README.md)`, 'jq'],
  [`${JQ_LOG} (docs/json.md)`, 'jq'],
  ['kubectl draft-connect deploy/web --detach >/dev/null (docs/json.md)', 'jq'],
] as const;

/** Each test that needs one of them, by its file (of test/integration, if it names no folder), with what it says. */
const SKIPS: Readonly<Record<string, readonly (readonly [title: string, reason: string])[]>> = {
  command: [
    ['a command finds the tunnels by its variables, and stdout is its own', 'curl'],
    ['in a terminal', 'tmux'],
  ],
  completion: [
    ['of kubectl-draft_connect in bash', 'tmux'],
    ['of kubectl-draft_connect in zsh', 'tmux, zsh'],
    ['of kubectl draft-connect in zsh', 'tmux, zsh'],
    ['of kubectl-draft_connect in fish', 'tmux, fish'],
    ['of kubectl draft-connect in fish', 'tmux, fish'],
    ['of kubectl draft-connect in bash', 'tmux'],
    ['of an alias in bash', 'tmux'],
  ],
  'connect-output': [
    ['in a terminal there are colours', 'script'],
    ['in a terminal NO_COLOR means none', 'script'],
  ],
  detach: [
    ["the reference text's lines work in bash", 'tmux, curl'],
    ["the reference text's lines work in zsh", 'tmux, zsh, curl'],
    ['a session survives the end of its terminal', 'tmux'],
  ],
  'ending-child': [
    ['the watchdog works in busybox sh', 'busybox'],
    ['the watchdog works in zsh --emulate sh', 'zsh'],
  ],
  keys: [['keys', 'tmux']],
  env: [
    ['eval of env in zsh through the program sets the variables', 'zsh'],
    ['source of --detach in fish through kubectl sets the variables', 'fish'],
  ],
  'eval-safety': [
    ['eval in zsh sets the expected variables and does nothing else', 'zsh'],
    ['eval in fish sets the expected variables and does nothing else', 'fish'],
  ],
  docs: DOCS,
  'several-apps': [['the key for the URLs leaves out one that is gone for good', 'tmux']],
  picture: [['the picture can be made again', 'tmux']],
  'package/arm64': [['the executable for arm64 runs', 'qemu-aarch64']],
  'package/archive': [['unzip finds files, modes and times as they were put in', 'unzip']],
  'package/krew': [['Krew', 'go']],
  'windows/windows': [['on Windows', 'wine, x86_64-w64-mingw32-gcc, go']],
};

test('a tool that is on PATH is not missing, and of several those are named that are', () => {
  assert.equal(missing('node', 'sh'), false);
  assert.equal(missing('node', 'no-such-tool', 'sh', 'nor-this'), 'not installed: no-such-tool, nor-this');
});

test('where shells and tools are missing, the tests that need them are skipped and say so', (t) => {
  const folder = makeFolder();
  t.after(() => folder.remove());
  const bin = join(folder.path, 'bin');
  mkdirSync(bin);
  linkPrograms(bin);
  const titles = Object.values(SKIPS).flatMap((skips) => skips.map(([title]) => title));
  const args = ['--import', 'tsx', '--import', './scripts/end-test-file.ts', '--test', '--test-reporter=tap'];
  const patterns = titles.map((title) => `--test-name-pattern=^${title.replace(/[$()|.*+?[\]\\]/g, '\\$&')}$`);
  const files = Object.keys(SKIPS).map((name) => `test/${name.includes('/') ? name : `integration/${name}`}.test.ts`);
  // Without NODE_TEST_CONTEXT it reports to us, else to the runner of this test.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, ...patterns, ...files], {
    env: { ...env, PATH: bin },
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  const skipped = [...stdout.matchAll(/^ *(?:not )?ok \d+ - (.*) # SKIP (not installed: .*)$/gm)];
  assert.deepEqual(
    skipped.map(([, title, reason]) => `${title}: ${reason}`).sort(),
    Object.values(SKIPS)
      .flatMap((skips) => skips.map(([title, tools]) => `${title}: not installed: ${tools}`))
      .sort(),
    stdout + stderr,
  );
  assert.match(stdout, /^# fail 0$/m);
  assert.equal(status, 0);
});

/** Everything on PATH but the tools. */
function linkPrograms(bin: string): void {
  const linked = new Set(TOOLS);
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of namesIn(folder).filter((each) => !linked.has(each))) {
      linked.add(name);
      symlinkSync(join(folder, name), join(bin, name));
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
