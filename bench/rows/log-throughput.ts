// A flood of lines of one container through each follower into the same sink: rate and CPU.
import type { Bench } from '../bench.ts';
import { type Follow, follow } from '../followers.ts';
import { type Row, ratioRow, type Series } from '../report.ts';
import { interleave, type Variants } from '../statistics.ts';

const LINE_BYTES = 100;

interface Flood {
  readonly linesPerSecond: number;
  /** CPU seconds of the follower itself, and of it and the kubectl below it. */
  readonly own: number;
  readonly total: number;
}

export const logThroughput: Bench = {
  name: 'log-throughput',
  async measure({ place, short, stern, logLines }) {
    // A real kubelet rotates its files at 10 MiB unless told otherwise, which a reader that falls behind does not survive.
    const lines = logLines ?? (short || place.name === 'cluster' ? 300_000 : 2_000_000);
    const app = await place.deploy('bench-logs', 1, 1);
    const pod = await place.podOf(app);
    const [container = ''] = app.containers;
    const ownPrefix = container.length + 4;
    const prefixBytes = {
      program: ownPrefix,
      'program with filters': ownPrefix,
      'stern with prefix': pod.length + container.length + 2,
    };

    const flood = (which: Follow) => async (): Promise<Flood> => {
      const follower = await follow(which, { place, app, pod, stern });
      const lineBytes = LINE_BYTES + (which === 'kubectl' || which === 'stern' ? 0 : prefixBytes[which]);
      const before = follower.cpu();
      const startBytes = follower.bytes;
      const done = follower.reached(startBytes + lines * lineBytes);
      const first = firstByte(follower);
      await place.burst(app, lines);
      const startMs = await first;
      await done;
      const seconds = (performance.now() - startMs) / 1000;
      const after = follower.cpu();
      await follower.stop();
      return {
        linesPerSecond: lines / seconds,
        own: (after.own - before.own) / 1000,
        total: (after.total - before.total) / 1000,
      };
    };
    const variants: Partial<Record<Follow, () => Promise<Flood>>> = {
      kubectl: flood('kubectl'),
      program: flood('program'),
      'program with filters': flood('program with filters'),
      ...(stern === undefined ? {} : { stern: flood('stern'), 'stern with prefix': flood('stern with prefix') }),
    };
    const samples = await interleave(short ? 3 : 5, variants as Variants<Follow, Flood>);
    await place.remove(app);

    const series = (which: Follow, part: keyof Flood): Series => ({
      name: which,
      values: (samples[which] ?? []).map((sample) => sample[part]),
    });
    const kubectl = series('kubectl', 'total');
    const rows: Row[] = [
      ratioRow(
        `log, ${lines} lines: lines per second`,
        '/s',
        series('program', 'linesPerSecond'),
        series('kubectl', 'linesPerSecond'),
        { atLeast: 0.9 },
      ),
      ratioRow(
        'log: lines per second with filters, beside without',
        '/s',
        series('program with filters', 'linesPerSecond'),
        series('program', 'linesPerSecond'),
        { atLeast: 0.5 },
      ),
      ratioRow('log: own CPU, beside kubectl', 's', series('program', 'own'), kubectl, { atMost: 0.5 }),
      ratioRow('log: CPU with the kubectl below', 's', series('program', 'total'), kubectl),
    ];
    if (stern === undefined) return rows;
    for (const which of ['stern', 'stern with prefix'] as const) {
      rows.push(
        ratioRow(`log: CPU, against ${which}`, 's', series('program', 'total'), series(which, 'total'), { atMost: 1 }),
        ratioRow(`(${which}: CPU)`, 's', series(which, 'total'), kubectl),
        ratioRow(
          `(${which}: lines per second)`,
          '/s',
          series(which, 'linesPerSecond'),
          series('kubectl', 'linesPerSecond'),
        ),
      );
    }
    return rows;
  },
};

function firstByte({ child }: { readonly child: { readonly stdout: NodeJS.ReadableStream } }): Promise<number> {
  return new Promise((resolve) => child.stdout.once('data', () => resolve(performance.now())));
}
