// Ordinary use, as people and programs do it, through plain `kubectl port-forward` and through the program in the same run:
// the program is never the worse one. `--only NAME` plays one of them.
import type { Bench } from '../bench.ts';
import { abandoned, cutUpload, hangUp, oneWorker, passing, pausing, refusedUpload } from '../patterns/ends.ts';
import { crowd, together, writeAndClose, writeOnly } from '../patterns/fresh.ts';
import { descriptors, manyBytes } from '../patterns/limits.ts';
import { type Pattern, type Scene, Subject } from '../patterns/scene.ts';
import { polls, probe, silent, slowFirst, slowMany, steady } from '../patterns/waiting.ts';
import { plainRow, type Row } from '../report.ts';

const PATTERNS: readonly Pattern[] = [
  silent,
  probe,
  polls,
  slowFirst,
  slowMany,
  steady,
  writeOnly,
  writeAndClose,
  together,
  crowd,
  oneWorker,
  passing,
  abandoned,
  pausing,
  hangUp,
  cutUpload,
  refusedUpload,
  manyBytes,
  descriptors,
];

/** One that fails is a row that is not reached: the others are still played. */
async function play({ name, measure }: Pattern, scene: Scene): Promise<readonly Row[]> {
  const startMs = performance.now();
  try {
    const rows = await measure(scene);
    process.stderr.write(`${name}: ${((performance.now() - startMs) / 1000).toFixed(0)} s\n`);
    return rows;
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? error.stack : error}\n`);
    return [plainRow(`${name} failed`, '', { name: 'program', values: [Number.NaN] }, { atMost: 0 })];
  }
}

export const patterns: Bench = {
  name: 'patterns',
  async measure({ place, short, only, relay }) {
    const unknown = only.filter((name) => !PATTERNS.some((pattern) => pattern.name === name));
    if (unknown.length > 0) {
      throw new Error(`no pattern ${unknown.join(', ')}; there are ${PATTERNS.map(({ name }) => name).join(', ')}`);
    }
    const chosen = PATTERNS.filter(
      ({ name, embedded }) =>
        (only.length === 0 || only.includes(name)) && (embedded === undefined || place.order !== undefined),
    );
    const probed = new Subject(place, await place.deployPattern('bench-pattern', true), relay);
    const bare = new Subject(place, await place.deployPattern('bench-pattern-bare', false), relay);
    const rows: Row[] = [];
    for (const pattern of chosen) rows.push(...(await play(pattern, { place, short, probed, bare })));
    await Promise.all([probed.close(), bare.close()]);
    await Promise.all([place.remove(probed.app), place.remove(bare.app)]);
    return rows;
  },
};
