// How the cost grows with the work: ports, containers, lines per second.
import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { answers } from '../clients.ts';
import { follow } from '../followers.ts';
import { connect } from '../forwards.ts';
import { ours, type Place } from '../place.ts';
import { residentMiBOf } from '../processes.ts';
import { plainRow, type Row } from '../report.ts';
import { connectedRow } from './connected.ts';

async function growingPods(place: Place, sizes: readonly (readonly [containers: number, ports: number])[]) {
  const rows: Row[] = [];
  for (const [containers, ports] of sizes) {
    const app = await place.deploy(`bench-${containers}-${ports}`, containers, ports);
    const what = `${ports} ports in ${containers} containers`;
    const { limit: _, ...row } = await connectedRow(place, app, `${what}: connected`, ports > 50 ? 3 : 5);
    rows.push(row);
    const connection = await connect(place, app, ours(place, app));
    await Promise.all(connection.ports.map((port) => answers(port)));
    await delay(2_000);
    const values = [residentMiBOf(connection.pid)];
    rows.push(plainRow(`${what}: memory`, 'MiB', { name: 'program', values }));
    await connection.stop();
    await place.remove(app);
  }
  return rows;
}

const SECONDS = 5;
const TICKS = 50;

/** Lines in small bursts at a steady rate: what the program and the kubectl below it cost, and how late the last one is. */
async function growingRates(place: Place, rates: readonly number[]): Promise<readonly Row[]> {
  const app = await place.deploy('bench-rate', 1, 1);
  const pod = await place.podOf(app);
  const lineBytes = 100 + (app.containers[0]?.length ?? 0) + 4;
  const rows: Row[] = [];
  for (const rate of rates) {
    const follower = await follow('program', { place, app, pod });
    const lines = rate * SECONDS;
    const done = follower.reached(follower.bytes + lines * lineBytes);
    const before = follower.cpu();
    const startMs = performance.now();
    for (let tick = 1, sent = 0; tick <= SECONDS * TICKS; tick += 1) {
      const due = Math.round((lines * tick) / (SECONDS * TICKS));
      if (due > sent) await place.burst(app, due - sent);
      sent = due;
      await delay(Math.max(0, startMs + (tick * 1000) / TICKS - performance.now()));
    }
    const sentMs = performance.now();
    await done;
    const tookMs = performance.now() - startMs;
    const after = follower.cpu();
    const share = (cpuMs: number) => [(100 * cpuMs) / tookMs];
    const own = after.own - before.own;
    const kubectl = after.total - before.total - own;
    const what = `${rate} lines/s`;
    rows.push(
      plainRow(`${what}: own CPU`, '% of a core', { name: 'program', values: share(own) }),
      plainRow(`${what}: kubectl's CPU`, '% of a core', { name: 'kubectl', values: share(kubectl) }),
      plainRow(`${what}: behind at the end`, 'ms', { name: 'program', values: [performance.now() - sentMs] }),
      plainRow(`${what}: memory`, 'MiB', { name: 'program', values: [residentMiBOf(follower.child.pid)] }),
    );
    await follower.stop();
  }
  await place.remove(app);
  return rows;
}

export const growth: Bench = {
  name: 'growth',
  async measure({ place }) {
    const sizes = [
      [1, 1],
      [1, 10],
      [1, 50],
      [1, 100],
      [10, 10],
      [30, 30],
    ] as const;
    const rates = place.name === 'embedded' ? [1e2, 1e3, 1e4, 1e5, 1e6] : [1e2, 1e3, 1e4];
    return [...(await growingPods(place, sizes)), ...(await growingRates(place, rates))];
  },
};
