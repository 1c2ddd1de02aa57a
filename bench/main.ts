// npm run bench -- [NAME...] [--short] [--cluster] [--peer stern=PATH] [--log-lines N] [--only PATTERN] [--relay] [--json FILE]
// Measures the built program side by side with what one would use instead, and says which figures are reached.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import { openCluster } from './place-cluster.ts';
import { openEmbedded } from './place-embedded.ts';
import { type Row, reached, renderRows } from './report.ts';
import { connected } from './rows/connected.ts';
import { ending } from './rows/ending.ts';
import { growth } from './rows/growth.ts';
import { idle } from './rows/idle.ts';
import { logLatency } from './rows/log-latency.ts';
import { logThroughput } from './rows/log-throughput.ts';
import { memory } from './rows/memory.ts';
import { patterns } from './rows/patterns.ts';
import { rollout } from './rows/rollout.ts';
import { several } from './rows/several.ts';
import { startUp } from './rows/start-up.ts';
import { tunnelLatency, tunnelThroughput } from './rows/tunnels.ts';
import { up } from './rows/up.ts';

const BENCHES: readonly Bench[] = [
  startUp,
  connected,
  several,
  tunnelLatency,
  tunnelThroughput,
  logThroughput,
  logLatency,
  memory,
  idle,
  rollout,
  ending,
];
/** Only when they are asked for by name: they take long. */
const MORE: readonly Bench[] = [growth, patterns, up];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: 'boolean', default: false },
    cluster: { type: 'boolean', default: false },
    peer: { type: 'string', multiple: true, default: [] },
    'log-lines': { type: 'string' },
    only: { type: 'string', multiple: true, default: [] },
    relay: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

function chosen(): readonly Bench[] {
  const all = [...BENCHES, ...MORE];
  const unknown = positionals.filter((name) => !all.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    throw new Error(`no bench ${unknown.join(', ')}; there are ${all.map((bench) => bench.name).join(', ')}`);
  }
  return positionals.length === 0 ? BENCHES : all.filter((bench) => positionals.includes(bench.name));
}

const stern = values.peer.map((peer) => /^stern=(.+)$/.exec(peer)?.[1]).find((path) => path !== undefined);
const kubectl = process.env['KUBECTL_PATH'] || 'kubectl';
const logLines = values['log-lines'] === undefined ? undefined : Number(values['log-lines']);
if (logLines !== undefined && !(Number.isSafeInteger(logLines) && logLines > 0)) {
  throw new Error(`--log-lines takes a number of lines, not ${values['log-lines']}`);
}
const benches = chosen();
const place = await (values.cluster ? openCluster(kubectl) : openEmbedded(kubectl));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void place.stop().finally(() => process.exit(1)));
}
const rows: (Row & { readonly bench: string })[] = [];
let failed = false;
try {
  for (const { name, measure } of benches) {
    const startMs = performance.now();
    try {
      const found = await measure({ place, stern, logLines, ...values });
      rows.push(...found.map((row) => ({ ...row, bench: name })));
      process.stdout.write(`\n${name} (${place.name}, ${((performance.now() - startMs) / 1000).toFixed(0)} s)\n`);
      process.stdout.write(renderRows(found));
    } catch (error) {
      failed = true;
      process.stderr.write(`${name}: ${error instanceof Error ? error.stack : error}\n`);
    }
  }
} finally {
  await place.stop();
}
const file = values.json ?? fileURLToPath(new URL(`./results/${place.name}.json`, import.meta.url));
mkdirSync(dirname(file), { recursive: true });
const machine = { cores: availableParallelism(), node: process.version, platform: process.platform };
writeFileSync(
  file,
  `${JSON.stringify({ when: new Date().toISOString(), place: place.name, machine, rows }, null, 2)}\n`,
);
const missed = rows.filter((row) => reached(row) === false);
process.stdout.write(
  `\n${missed.length === 0 ? 'All figures are reached.' : `Not reached: ${missed.map(({ what }) => what).join('; ')}.`}\n`,
);
process.exitCode = failed ? 1 : 0;
