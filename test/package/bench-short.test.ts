// The short form of the bench, with limits that only a gross regression misses: ratios to what ran beside it, at several
// times what docs/performance.md says, since the machine may be busy with other things.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { kubectlsUnderTest } from '../kubectls.ts';

interface Row {
  readonly what: string;
  readonly judged: { readonly median: number };
}

const folder = mkdtempSync(join(tmpdir(), 'draft-connect-bench-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const root = fileURLToPath(new URL('../..', import.meta.url));
const file = join(folder, 'rows.json');
const benches = ['start-up', 'connected', 'tunnel-throughput', 'log-throughput', 'ending', 'patterns'];
const only = ['silent', 'polls', 'write-only', 'abandoned', 'hang-up'].flatMap((name) => ['--only', name]);
const [kubectl] = kubectlsUnderTest().slice(-1);
const { status, stderr } = spawnSync(
  process.execPath,
  ['--import', 'tsx', 'bench/main.ts', '--short', '--json', file, ...only, ...benches],
  { cwd: root, encoding: 'utf8', env: { ...process.env, ...(kubectl && { KUBECTL_PATH: kubectl.path }) } },
);

const LIMITS: readonly (readonly [what: string, limit: { readonly atMost: number } | { readonly atLeast: number }])[] =
  [
    ['version, CPU', { atMost: 2 }],
    ['usage error, CPU', { atMost: 2 }],
    ['--help, CPU', { atMost: 2 }],
    ['connected, 3 ports in 2 containers', { atMost: 3 }],
    ['tunnel, 128 MiB down', { atLeast: 0.2 }],
    ['tunnel, 128 MiB up', { atLeast: 0.2 }],
    ['log, 300000 lines: lines per second', { atLeast: 0.2 }],
    ['log: own CPU, beside kubectl', { atMost: 3 }],
  ];

function rowOf(what: string): Row {
  const { rows } = JSON.parse(readFileSync(file, 'utf8')) as { rows: readonly Row[] };
  const row = rows.find((each) => each.what === what);
  assert.ok(row, `no row ${what}`);
  return row;
}

test('the short bench runs to its end', () => assert.equal(status, 0, stderr));

for (const [what, limit] of LIMITS) {
  const text = 'atMost' in limit ? `at most ${limit.atMost}` : `at least ${limit.atLeast}`;
  test(`${what}: ${text} times the baseline`, () => {
    const { median } = rowOf(what).judged;
    if ('atMost' in limit) assert.ok(median <= limit.atMost, `${median}`);
    else assert.ok(median >= limit.atLeast, `${median}`);
  });
}

/** What the program may add to kubectl's own figure. */
const ADDED: readonly (readonly [what: string, atMost: number])[] = [
  ['silent connection, request 60 ms later, p50', 100],
  ['six long polls, then a request, p50', 200],
  ['20 clients write only at once, fresh: bytes arrive, p50', 1_000],
  ['server closes without a byte: heard, p50', 300],
  ['container down, 4 POSTs that time out: executed later', 0],
];

for (const [what, atMost] of ADDED) {
  test(`${what}: at most ${atMost} more than with kubectl`, () => {
    const { median } = rowOf(what).judged;
    assert.ok(median <= atMost, `${median}`);
  });
}
