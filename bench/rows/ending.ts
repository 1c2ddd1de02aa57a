// How long everything takes to be gone after Ctrl-C, with some fifty kubectl children.
import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { connect } from '../forwards.ts';
import { ours } from '../place.ts';
import { descendantsOf, isRunning } from '../processes.ts';
import { plainRow } from '../report.ts';

export const ending: Bench = {
  name: 'ending',
  async measure({ place, short }) {
    const app = await place.deploy('bench-48', 1, 48);
    const values: number[] = [];
    let children = 0;
    for (let round = 0; round < (short ? 2 : 7); round += 1) {
      const connection = await connect(place, app, ours(place, app));
      await delay(500);
      const all = descendantsOf(connection.pid);
      children = all.filter(({ command }) => /port-forward|logs|--watch/.test(command)).length;
      const startMs = performance.now();
      const stopped = connection.stop();
      await stopped;
      while (all.some(({ pid }) => isRunning(pid))) await delay(1);
      values.push(performance.now() - startMs);
    }
    await place.remove(app);
    const what = `ending with ${children} children, until all are gone`;
    return [plainRow(what, 'ms', { name: 'program', values }, { atMost: 300 })];
  },
};
