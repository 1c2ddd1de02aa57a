// Medians, quantiles and interleaving: the machine's speed drifts, so what is compared runs in turn.

/** `share` of the values are at most this; NaN without values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export type Variants<Name extends string, Sample> = Readonly<Record<Name, () => Promise<Sample>>>;

/** Runs all variants once per round, every other round backwards, after `warmUps` rounds that do not count. */
export async function interleave<Name extends string, Sample>(
  rounds: number,
  variants: Variants<Name, Sample>,
  warmUps = 1,
): Promise<Record<Name, Sample[]>> {
  const names = Object.keys(variants) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Sample[]>;
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const sample = await variants[name]();
      if (round >= 0) samples[name].push(sample);
    }
  }
  return samples;
}
