// What every commit has to pass besides the tests: types, Biome's rules (the size of files and functions among them), and the order of rooms in
// what was really bundled.
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
];

let failed = false;
for (const [program, ...args] of STEPS) {
  const { status } = spawnSync(program, args, { stdio: 'inherit' });
  if (status === 0) continue;
  failed = true;
  console.error(`Failed: ${program.replace('node_modules/.bin/', '')} ${args.join(' ')}`);
}
process.exitCode = failed ? 1 : 0;
