// From nothing to an HTTP answer through every tunnel, against what one would do by hand.
import { type AddressInfo, createServer } from 'node:net';
import type { Bench } from '../bench.ts';
import { answers } from '../clients.ts';
import { connect, startForward } from '../forwards.ts';
import { type App, ended, ours, type Place } from '../place.ts';
import { start } from '../processes.ts';
import { type Row, ratioRow } from '../report.ts';
import { interleave } from '../statistics.ts';

/** Node's start, the list of the pods, and one `kubectl port-forward` per port, all together. */
export async function connectByHand(place: Place, app: App, pod: string): Promise<number> {
  const startMs = performance.now();
  await ended(start([process.execPath, '-e', '0']));
  await ended(start([place.kubectl, 'get', 'pods', '-l', app.selector, '-o', 'json'], place.env));
  const forwards = await Promise.all(
    app.ports.map(async (port) => {
      const forward = await startForward(place, pod, port);
      await answers(forward.port);
      return forward;
    }),
  );
  const tookMs = performance.now() - startMs;
  await Promise.all(forwards.map((forward) => forward.stop()));
  return tookMs;
}

/** With local ports that are known beforehand, as in the reference text; clients that come early are held. */
export async function connectOurs(place: Place, app: App): Promise<number> {
  const local = await freePorts(app.ports.length);
  const flags = app.ports.flatMap((port, index) => ['-p', `${local[index]}:${port}`]);
  const startMs = performance.now();
  const connecting = connect(place, app, ours(place, app, ...flags));
  await Promise.all(local.map((port) => answers(port)));
  const tookMs = performance.now() - startMs;
  const connection = await connecting;
  await connection.stop();
  return tookMs;
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export async function connectedRow(place: Place, app: App, what: string, rounds: number): Promise<Row> {
  const pod = await place.podOf(app);
  const { hand, program } = await interleave(rounds, {
    hand: () => connectByHand(place, app, pod),
    program: () => connectOurs(place, app),
  });
  const baseline = { name: 'by hand', values: hand };
  return ratioRow(what, 'ms', { name: 'program', values: program }, baseline, { atMost: 1.1 });
}

export const connected: Bench = {
  name: 'connected',
  async measure({ place, short }) {
    const rows = [await connectedRow(place, place.example, 'connected, 3 ports in 2 containers', short ? 5 : 20)];
    if (short) return rows;
    const app = await place.deploy('bench-30', 10, 30);
    rows.push(await connectedRow(place, app, 'connected, 30 ports in 10 containers', 7));
    await place.remove(app);
    return rows;
  },
};
