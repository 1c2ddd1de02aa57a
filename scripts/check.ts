// What every commit has to pass besides the tests: types, Biome's rules (the size of files and functions among them), the
// order of rooms in what was really bundled, and shellcheck where it is installed.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const STEPS: readonly (readonly [string, ...string[]])[] = [
  ['node_modules/.bin/tsc', '-p', '.'],
  [
    'node_modules/.bin/biome',
    'ci',
    process.stdout.isTTY ? '--colors=force' : '--colors=off',
    '--max-diagnostics=100',
    '.',
  ],
  [process.execPath, '--import', 'tsx', '--test', '--test-reporter=dot', 'test/package/rooms.test.ts'],
  ['shellcheck', 'src/processes/watchdog.sh'],
];

let failed = false;
for (const [program, ...args] of STEPS) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (status === 0) continue;
  if (program === 'shellcheck' && (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    console.log(`Skipped: shellcheck is not installed, ${args.join(' ')} is not checked`);
    continue;
  }
  failed = true;
  console.error(`Failed: ${program.replace('node_modules/.bin/', '')} ${args.join(' ')}`);
}
process.exitCode = failed ? 1 : 0;
