// How fast log bytes pass through the scanner: 2 million 100-byte lines in chunks of 36 KiB, written to nothing.
// node --import tsx bench/scanner.ts
import { performance } from 'node:perf_hooks';
import { FilteredLines } from '../src/logs/core/filtered-lines.ts';
import { jsonRenderer, textRenderer } from '../src/logs/core/line-renderers.ts';
import { LineScanner } from '../src/logs/core/line-scanner.ts';
import { createLineFilter } from '../src/logs/line-filter.ts';
import { parseLinePatterns } from '../src/request/core/patterns.ts';

const CHUNK_BYTES = 36 * 1024;

function sample(lines: number, lineBytes: number): Buffer {
  const text = 'x'.repeat(lineBytes);
  const start = Date.UTC(2026, 0, 2, 3, 4, 5);
  let log = '';
  for (let i = 0; i < lines; i++) {
    const stamp = new Date(start + Math.floor(i / 200)).toISOString().slice(0, 23);
    log += `${stamp}${String(i % 1_000_000).padStart(6, '0')}Z ${text}\n`;
  }
  return Buffer.from(log);
}

const patterns = parseLinePatterns({ include: ['.'], exclude: ['health|ready'], highlight: [] });
if (patterns === undefined) throw new Error('no patterns');
const decide = createLineFilter(patterns, false, console.error);

for (const [name, lineBytes] of [
  ['text', 100],
  ['text', 20],
  ['text', 2000],
  ['json', 100],
  ['filtered text', 100],
  ['filtered text', 2000],
] as const) {
  const log = sample(Math.floor(20_000_000 / (lineBytes + 31)), lineBytes);
  const rounds = 12;
  const rates: number[] = [];
  for (let run = 0; run < 5; run++) {
    const renderer =
      name === 'json' ? jsonRenderer('go', 'pod') : textRenderer({ bytes: Buffer.from('[go]: ') }, false);
    const taker = name === 'filtered text' ? new FilteredLines(renderer, decide) : renderer;
    const lines = new LineScanner(taker);
    const started = performance.now();
    let out = 0;
    for (let round = 0; round < rounds; round++) {
      lines.attach('fresh');
      for (let at = 0; at < log.length; at += CHUNK_BYTES) {
        lines.scan(log.subarray(at, at + CHUNK_BYTES));
        taker.settle();
        out += renderer.batch.take().length;
        lines.taken();
        renderer.batch.left();
      }
    }
    if (out === 0) throw new Error('nothing came out');
    rates.push((rounds * log.length) / (performance.now() - started) / 1000);
  }
  rates.sort((a, b) => a - b);
  const [slowest, , median, , fastest] = rates.map((rate) => rate.toFixed(0));
  console.log(`${name} ${lineBytes}-byte lines: ${median} MB/s (${slowest}-${fastest})`);
}
