// What a question costs that needs no cluster, against node's own start.
import type { Bench } from '../bench.ts';
import { BUNDLE } from '../place.ts';
import { type Cost, timeBatch } from '../processes.ts';
import { ratioRow } from '../report.ts';
import { interleave } from '../statistics.ts';

const RUNS_IN_A_ROW = 5;

export const startUp: Bench = {
  name: 'start-up',
  async measure({ short }) {
    const ours =
      (...args: string[]) =>
      () =>
        timeBatch(RUNS_IN_A_ROW, [process.execPath, BUNDLE, ...args]);
    const samples = await interleave<'node' | 'version' | 'usage' | 'help', Cost>(short ? 5 : 20, {
      node: () => timeBatch(RUNS_IN_A_ROW, [process.execPath, '-e', '0']),
      version: ours('version'),
      usage: ours('--no-such-flag'),
      help: ours('--help'),
    });
    const row = (what: string, which: 'version' | 'usage' | 'help', part: keyof Cost, atMost: number) => {
      const series = (name: 'node' | typeof which) => samples[name].map((sample) => sample[part]);
      const baseline = { name: 'node -e 0', values: series('node') };
      return ratioRow(what, 'ms', { name: which, values: series(which) }, baseline, { atMost });
    };
    return [
      row('version, wall', 'version', 'wallMs', 1.2),
      row('version, CPU', 'version', 'cpuMs', 1.2),
      row('usage error, wall', 'usage', 'wallMs', 1.35),
      row('usage error, CPU', 'usage', 'cpuMs', 1.35),
      row('--help, wall', 'help', 'wallMs', 1.35),
      row('--help, CPU', 'help', 'cpuMs', 1.35),
    ];
  },
};
