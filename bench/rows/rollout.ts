// From a new pod's readiness to the first answer from it through the tunnel, under a steady stream of clients.
import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startOpenLoop } from '../../test/harness/open-loop.ts';
import type { Bench } from '../bench.ts';
import { connect } from '../forwards.ts';
import { type App, ours, type Place } from '../place.ts';
import { end, start } from '../processes.ts';
import { plainRow } from '../report.ts';

const run = promisify(execFile);

interface WatchEvent {
  readonly object: {
    readonly metadata: { readonly name: string };
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  };
}

/** When each pod was first seen ready, by a kubectl of our own. */
function watchReadiness(place: Place, app: App) {
  const ready = new Map<string, number>();
  const args = ['get', 'pods', '-l', app.selector, '--watch', '--output-watch-events', '-o', 'json'];
  const child = start([place.kubectl, ...args], place.env);
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const nowMs = Date.now();
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { object } = JSON.parse(line) as WatchEvent;
      const isReady = object.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
      const { name } = object.metadata;
      if (isReady && !ready.has(name)) ready.set(name, nowMs);
    }
  });
  return { ready, stop: () => end(child) };
}

/** When the pod's first request was logged; the logs' clock is this machine's. */
async function firstRequestMs(place: Place, pod: string): Promise<number | undefined> {
  const args = ['logs', `pod/${pod}`, '-c', 'go', '--timestamps'];
  const { stdout } = await run(place.kubectl, args, { env: place.env, maxBuffer: 2 ** 26 });
  const line = stdout.split('\n').find((text) => text.includes(' GET /'));
  return line === undefined ? undefined : Date.parse(line.slice(0, 23).concat('Z'));
}

export const rollout: Bench = {
  name: 'rollout',
  async measure({ place, short }) {
    const app = place.example;
    const connection = await connect(place, app, ours(place, app, '--no-logs'));
    const watch = watchReadiness(place, app);
    const values: number[] = [];
    let started = 0;
    let failures = 0;
    for (let round = 0; round < (short ? 2 : 7); round += 1) {
      const before = await place.podOf(app);
      const clients = startOpenLoop({ port: connection.ports[0] ?? 0, perSecond: 100 });
      await delay(500);
      await place.rollout(app);
      let first: number | undefined;
      let pod = before;
      while (first === undefined) {
        await delay(300);
        pod = await place.podOf(app);
        if (pod !== before && watch.ready.has(pod)) first = await firstRequestMs(place, pod);
      }
      const report = await clients.finish();
      started += report.started;
      failures += [...report.failures.values()].reduce((sum, count) => sum + count, 0);
      values.push((first - (watch.ready.get(pod) ?? Number.NaN)) / 1000);
      await delay(3_000);
    }
    await watch.stop();
    await connection.stop();
    const failed = { name: 'program', values: [failures] };
    // The embedded cluster's old pod lives on for as long as a request takes; a real one may end under its requests.
    const none = place.name === 'embedded' ? { atMost: 0 } : undefined;
    return [
      plainRow('rollout, from Ready to the first answer', 's', { name: 'program', values }, { atMost: 0.6 }),
      plainRow(`rollout, failed of ${started} requests`, '', failed, none),
    ];
  },
};
