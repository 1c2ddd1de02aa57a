// Runs the tests tier by tier with node:test over the bundle just built, and ends with one summary of all that ran.
// Arguments: tiers (`unit cluster integration package windows e2e`) or test files; the rest goes to node, for example
// `--test-name-pattern=…`. Without any: every tier but e2e, which needs a real cluster behind $KUBECONFIG.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isOnPath } from '../src/processes/on-path.ts';
import { kubectlsUnderTest } from '../test/kubectls.ts';
import { buildAll } from './build.ts';

const DEFAULT_TIERS = ['unit', 'cluster', 'integration', 'package', 'windows'];
const TIERS = [...DEFAULT_TIERS, 'e2e'];
/** What the tiers took on a machine with two cores. */
const USUAL_SECONDS: Readonly<Record<string, number>> = {
  unit: 10,
  cluster: 45,
  integration: 890,
  package: 145,
  windows: isOnPath('wine') ? 40 : 0,
  e2e: 130,
};
const COUNTS = ['tests', 'pass', 'fail', 'cancelled', 'skipped', 'todo'] as const;

type Counts = Record<(typeof COUNTS)[number], number>;

interface Result {
  readonly name: string;
  readonly counts: Counts;
  /** A line for each test that failed. */
  readonly failures: readonly string[];
  /** Why tests were skipped, and how many. */
  readonly skips: ReadonlyMap<string, number>;
  readonly status: number;
  readonly seconds: number;
}

const scratch = mkdtempSync(join(tmpdir(), 'draft-connect-tests-'));
const failuresFile = join(scratch, 'failures');
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

function filesOf(tier: string): readonly string[] {
  const folder = `test/${tier}`;
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`)
    .sort();
}

/** node's own report goes to the screen as it comes; its closing counts are kept. */
async function runTier(name: string, files: readonly string[], nodeFlags: readonly string[]): Promise<Result> {
  const began = Date.now();
  // Those that start kubectl by the dozen want the machine to themselves, those of `unit` want no process of their own.
  const together = name === 'unit';
  const args = ['--import', 'tsx', '--import', './scripts/end-test-file.ts', '--test', '--test-timeout=600000'];
  args.push('--test-reporter=spec', '--test-reporter-destination=stdout');
  args.push('--test-reporter=./scripts/failed-tests.mjs', `--test-reporter-destination=${failuresFile}`);
  const child = spawn(
    process.execPath,
    [...args, '--test-concurrency=1', ...nodeFlags, ...(together ? ['scripts/in-one-process.ts'] : files)],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TEST_FILES: files.join(delimiter) } },
  );
  const counts: Counts = { tests: 0, pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0 };
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
  const skips = new Map<string, number>();
  for await (const line of createInterface({ input: child.stdout })) {
    // Titles may carry what a terminal would obey.
    console.log(line.replace(/\p{Cc}/gu, '·'));
    const [, key, value] = /^ℹ (\w+) (\d+)$/.exec(line) ?? [];
    const count = COUNTS.find((each) => each === key);
    if (count !== undefined) counts[count] = Number(value);
    const [, reason] = /^ *﹣ .* # (.+)$/.exec(line) ?? [];
    if (reason !== undefined) skips.set(reason, (skips.get(reason) ?? 0) + 1);
  }
  const failures = readFileSync(failuresFile, 'utf8').split('\n').filter(Boolean);
  return { name, counts, failures, skips, status: await ended, seconds: (Date.now() - began) / 1000 };
}

/** In node:test's own form, so that what reads its summaries reads this one. */
function printSummary(results: readonly Result[]): void {
  const width = Math.max(...results.map(({ name }) => name.length));
  console.log('\nAll tiers');
  for (const { name, counts, skips, seconds } of results) {
    const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`;
    console.log(
      `  ${name.padEnd(width)}  ${counts.pass} of ${counts.tests} passed, ${counts.fail + counts.cancelled} failed${skipped}  (${seconds.toFixed(1)} s)`,
    );
    for (const line of skipLines(skips)) console.log(`    ${line}`);
  }
  for (const key of COUNTS) console.log(`ℹ ${key} ${results.reduce((sum, { counts }) => sum + counts[key], 0)}`);
  console.log(`ℹ duration_ms ${Math.round(results.reduce((sum, { seconds }) => sum + seconds, 0) * 1000)}`);
}

function skipLines(skips: Result['skips']): readonly string[] {
  return [...skips].map(([reason, count]) => `${count} skipped: ${reason}`);
}

const given = process.argv.slice(2);
const nodeFlags = given.filter((argument) => argument.startsWith('-'));
const paths = given.filter((argument) => argument.endsWith('.ts'));
const named = given.filter((argument) => TIERS.includes(argument));
const unknown = given.filter((argument) => ![...nodeFlags, ...paths, ...named].includes(argument));
if (unknown.length > 0) {
  console.error(`Error: no tier ${unknown.join(', ')}; there are ${TIERS.join(', ')}`);
  process.exit(2);
}
const runs: [string, readonly string[]][] = named.map((tier) => [tier, filesOf(tier)]);
if (paths.length > 0) runs.push(['files', paths]);
if (runs.length === 0) runs.push(...DEFAULT_TIERS.map((tier): [string, readonly string[]] => [tier, filesOf(tier)]));

const usual = runs.reduce((sum, [name]) => sum + (USUAL_SECONDS[name] ?? 0), 0);
if (usual > 0) console.log(`This takes about ${usual < 90 ? `${usual} seconds` : `${Math.round(usual / 60)} minutes`}`);
await buildAll();
const kubectls = kubectlsUnderTest();
process.env['KUBECTLS'] = kubectls.map(({ path }) => path).join(delimiter);
console.log(`kubectl under test: ${kubectls.map((each) => `${each.version} (${each.protocol})`).join(', ') || 'none'}`);

const results: Result[] = [];
for (const [name, files] of runs) {
  if (files.length === 0) {
    console.log(`\nNo tests in ${name}`);
    continue;
  }
  console.log(`\n${name}: ${files.length} files`);
  results.push(await runTier(name, files, nodeFlags));
}
if (results.length > 0) printSummary(results);
const summaryFile = process.env['TEST_SUMMARY_FILE'];
if (summaryFile !== undefined) {
  for (const { name, counts, failures, skips } of results)
    appendFileSync(summaryFile, `${JSON.stringify({ name, ...counts, failures, skips: skipLines(skips) })}\n`);
}
const idle = results.every(({ counts, skips }) => counts.tests === 0 && skips.size === 0);
if (idle) console.error('Error: no test ran');
process.exitCode = !idle && results.every(({ status, counts }) => status === 0 && counts.fail === 0) ? 0 : 1;
