// What a tunnel adds to `kubectl port-forward`: small requests on new connections, and a gigabyte each way.
import type { Bench, BenchContext } from '../bench.ts';
import { download, request, upload } from '../clients.ts';
import { connect, startForward } from '../forwards.ts';
import { ours } from '../place.ts';
import { addedRow, type Row, ratioRow } from '../report.ts';
import { interleave, quantile } from '../statistics.ts';

async function latency({ place, short }: BenchContext): Promise<readonly Row[]> {
  const app = place.example;
  const forward = await startForward(place, await place.podOf(app), 8080);
  const tunnel = await connect(place, app, ours(place, app, '--no-logs'));
  const port = tunnel.ports[0] ?? 0;
  const requests = short ? 100 : 400;
  /** In turn, one request each: what slows one down slows the other down too. */
  const rounds: { kubectl: number[]; program: number[] }[] = [];
  for (let round = 0; round < (short ? 3 : 10); round += 1) {
    rounds.push(await interleave(requests, { kubectl: () => request(forward.port), program: () => request(port) }, 20));
  }
  await Promise.all([forward.stop(), tunnel.stop()]);
  const row = (what: string, share: number, atMost: number) => {
    const of = (which: 'kubectl' | 'program') => rounds.map((round) => quantile(round[which], share));
    const baseline = { name: 'kubectl', values: of('kubectl') };
    return addedRow(what, 'ms', { name: 'program', values: of('program') }, baseline, { atMost });
  };
  return [row('tunnel, small request, p50', 0.5, 0.3), row('tunnel, small request, p99', 0.99, 1)];
}

async function throughput({ place, short }: BenchContext): Promise<readonly Row[]> {
  const bytes = short ? 128 * 2 ** 20 : 2 ** 30;
  const app = await place.deployBytes('bench-bytes', bytes);
  const [remotePort = 0] = app.ports;
  const forward = await startForward(place, await place.podOf(app), remotePort);
  const tunnel = await connect(place, app, ours(place, app, '--no-logs'));
  const port = tunnel.ports[0] ?? 0;
  const rounds = short ? 3 : 5;
  const down = await interleave(rounds, {
    kubectl: () => download(forward.port, app.downPath, bytes),
    program: () => download(port, app.downPath, bytes),
  });
  const up = await interleave(rounds, {
    kubectl: () => upload(forward.port, '/up', bytes),
    program: () => upload(port, '/up', bytes),
  });
  await Promise.all([forward.stop(), tunnel.stop()]);
  await place.remove(app);
  const row = (what: string, { kubectl, program }: typeof down) => {
    const baseline = { name: 'kubectl', values: kubectl };
    return ratioRow(what, 'MiB/s', { name: 'program', values: program }, baseline, { atLeast: 0.95 });
  };
  const size = `${bytes / 2 ** 20} MiB`;
  return [row(`tunnel, ${size} down`, down), row(`tunnel, ${size} up`, up)];
}

export const tunnelLatency: Bench = { name: 'tunnel-latency', measure: latency };
export const tunnelThroughput: Bench = { name: 'tunnel-throughput', measure: throughput };
