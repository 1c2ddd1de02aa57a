// What the program costs while nothing happens.
import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { connect } from '../forwards.ts';
import { ours } from '../place.ts';
import { fineCpuMsOf } from '../processes.ts';
import { plainRow } from '../report.ts';

const SETTLE_MS = 5_000;

export const idle: Bench = {
  name: 'idle',
  async measure({ place, short }) {
    const periods = short ? 2 : 6;
    const connection = await connect(place, place.example, ours(place, place.example));
    await delay(SETTLE_MS);
    const values: number[] = [];
    for (let period = 0; period < periods; period += 1) {
      const before = fineCpuMsOf(connection.pid);
      const startMs = performance.now();
      await delay(10_000);
      values.push((100 * (fineCpuMsOf(connection.pid) - before)) / (performance.now() - startMs));
    }
    await connection.stop();
    const what = `CPU when idle, ${periods} times 10 s`;
    return [plainRow(what, '% of a core', { name: 'program', values }, { atMost: 0.2 })];
  },
};
