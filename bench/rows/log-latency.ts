// How much later a single line arrives than with `kubectl logs -f`: two apps, written to in turn.
import type { Bench } from '../bench.ts';
import { follow } from '../followers.ts';
import { addedRow } from '../report.ts';
import { interleave, quantile } from '../statistics.ts';

export const logLatency: Bench = {
  name: 'log-latency',
  async measure({ place, short }) {
    const sides = await Promise.all(
      (['kubectl', 'program'] as const).map(async (which) => {
        const app = await place.deploy(`bench-${which}`, 1, 1);
        const follower = await follow(which, { place, app, pod: await place.podOf(app) });
        const writer = await place.openWriter(app);
        let count = 0;
        const once = async () => {
          const line = `line ${++count} `;
          const seen = follower.sees(line);
          const startMs = performance.now();
          writer.write(line);
          await seen;
          return performance.now() - startMs;
        };
        const stop = async () => {
          writer.close();
          await follower.stop();
          await place.remove(app);
        };
        return { once, stop };
      }),
    );
    const [kubectl, program] = sides;
    if (kubectl === undefined || program === undefined) throw new Error('two sides are to be compared');
    const rounds: { kubectl: number[]; program: number[] }[] = [];
    for (let round = 0; round < (short ? 3 : 10); round += 1) {
      const variants = { kubectl: kubectl.once, program: program.once };
      rounds.push(await interleave(short ? 100 : 300, variants, 10));
    }
    await Promise.all(sides.map(({ stop }) => stop()));
    const row = (what: string, share: number, atMost?: number) => {
      const of = (which: 'kubectl' | 'program') => rounds.map((round) => quantile(round[which], share));
      const limit = atMost === undefined ? undefined : { atMost };
      return addedRow(
        what,
        'ms',
        { name: 'program', values: of('program') },
        { name: 'kubectl', values: of('kubectl') },
        limit,
      );
    };
    return [row('log, one line at a time, p50', 0.5), row('log, one line at a time, p99', 0.99, 5)];
  },
};
