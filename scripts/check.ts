// What every commit has to pass besides the tests: types, Biome's rules (the size of files and functions among them), the
// order of rooms in what was really bundled, the tables of flags, and shellcheck and actionlint where they are installed.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const SHELL_SCRIPTS = [
  'src/cli/completions/bash.sh',
  'src/processes/keyboard.sh',
  'src/processes/watchdog.sh',
  '.ci/run',
  'scripts/ci/check',
  'scripts/ci/e2e',
  'scripts/ci/package',
  'scripts/ci/try-archive',
  'scripts/demo',
  'scripts/prepare.sh',
  'scripts/test',
  'test/e2e/kind/cluster',
  'test/package/get-krew',
  'test/windows/get-kubectl',
];
const QUICK_TESTS = ['test/package/rooms.test.ts', 'test/package/flag-table.test.ts'];
const STEPS: readonly (readonly [string, ...string[]])[] = [
  ['node_modules/.bin/tsc', '-p', '.'],
  [
    'node_modules/.bin/biome',
    'ci',
    process.stdout.isTTY ? '--colors=force' : '--colors=off',
    '--max-diagnostics=100',
    '.',
  ],
  [process.execPath, '--import', 'tsx', '--test', '--test-reporter=dot', ...QUICK_TESTS],
  ['shellcheck', '--severity=warning', ...SHELL_SCRIPTS],
  ['actionlint'],
];
/** What a machine may lack. */
const OPTIONAL: ReadonlySet<string> = new Set(['shellcheck', 'actionlint']);

let failed = false;
for (const [program, ...args] of STEPS) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (status === 0) continue;
  if (OPTIONAL.has(program) && (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    console.log(`Skipped: ${program} is not installed`);
    continue;
  }
  failed = true;
  console.error(`Failed: ${program.replace('node_modules/.bin/', '')} ${args.join(' ')}`);
}
process.exitCode = failed ? 1 : 0;
