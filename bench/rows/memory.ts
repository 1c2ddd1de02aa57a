// What the program itself holds in memory: idle, with many tunnels, and after a flood of lines.
import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { request } from '../clients.ts';
import { follow } from '../followers.ts';
import { connect } from '../forwards.ts';
import { type App, ours, type Place } from '../place.ts';
import { residentMiBOf } from '../processes.ts';
import { plainRow, type Row } from '../report.ts';

const SETTLE_MS = 3_000;
const SAMPLES = 5;
const APART_MS = 1_000;

async function sample(pid: number): Promise<number[]> {
  const values: number[] = [];
  await delay(SETTLE_MS);
  for (let at = 0; at < SAMPLES; at += 1) {
    values.push(residentMiBOf(pid));
    await delay(APART_MS);
  }
  return values;
}

export async function memoryRow(place: Place, app: App, what: string, atMost?: number): Promise<Row[]> {
  const connection = await connect(place, app, ours(place, app));
  const values = await sample(connection.pid);
  const limit = atMost === undefined ? undefined : { atMost };
  const rows = [plainRow(`memory, ${what}`, 'MiB', { name: 'program', values }, limit)];
  for (let round = 0; round < 2000; round += 1) await request(connection.ports[round % connection.ports.length] ?? 0);
  rows.push(
    plainRow(
      `memory, ${what}, after 2000 requests`,
      'MiB',
      { name: 'program', values: await sample(connection.pid) },
      limit,
    ),
  );
  await connection.stop();
  return rows;
}

async function afterFlood(place: Place, lines: number): Promise<Row> {
  const app = await place.deploy('bench-flood', 1, 1);
  const follower = await follow('program', { place, app, pod: await place.podOf(app) });
  const values: number[] = [];
  const parts = 10;
  for (let part = 0; part < parts; part += 1) {
    const lineBytes = 100 + (app.containers[0]?.length ?? 0) + 4;
    const done = follower.reached(follower.bytes + (lines / parts) * lineBytes);
    await place.burst(app, lines / parts);
    await done;
    values.push(residentMiBOf(follower.child.pid));
  }
  await follower.stop();
  await place.remove(app);
  const what = `memory, during and after ${lines} log lines`;
  return plainRow(what, 'MiB', { name: 'program', values }, { atMost: 75 });
}

export const memory: Bench = {
  name: 'memory',
  async measure({ place, short }) {
    const rows = await memoryRow(place, place.example, 'idle with 3 tunnels', 60);
    if (short) return rows;
    const app = await place.deploy('bench-50', 10, 50);
    rows.push(...(await memoryRow(place, app, 'idle with 50 tunnels', 75)));
    await place.remove(app);
    rows.push(await afterFlood(place, place.name === 'embedded' ? 10_000_000 : 1_000_000));
    return rows;
  },
};
