// What a bench has found out, as a row with a verdict, and the table of all rows.
import { median, quantile } from './statistics.ts';

export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly ours: Series;
  readonly baseline?: Series;
  /** Shown beside the baseline, and not judged. */
  readonly relay?: Series;
  /** What is judged: a ratio to the baseline, what is added to it, or the figure itself. */
  readonly judged: { readonly median: number; readonly low: number; readonly high: number; readonly unit: string };
  readonly limit?: Limit;
  /** Which quantile of the values counts; the median where nothing is said. */
  readonly share?: number;
}

/** `noWorse`: at most the baseline and `by` more, or `times` the baseline, whichever is more. */
export type Limit =
  | { readonly atMost: number }
  | { readonly atLeast: number }
  | { readonly noWorse: { readonly by: number; readonly times: number } };

function summary(values: readonly number[], unit: string): Row['judged'] {
  return { median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75), unit };
}

/** Ours divided by the baseline, round by round; `baseline` may also be the sum of several parts. */
export function ratioRow(what: string, unit: string, ours: Series, baseline: Series, limit?: Limit): Row {
  const ratios = ours.values.map((value, round) => value / (baseline.values[round] ?? Number.NaN));
  return { what, unit, ours, baseline, judged: summary(ratios, '×'), ...(limit && { limit }) };
}

/** Ours minus the baseline, round by round. */
export function addedRow(what: string, unit: string, ours: Series, baseline: Series, limit?: Limit): Row {
  const added = ours.values.map((value, round) => value - (baseline.values[round] ?? Number.NaN));
  return { what, unit, ours, baseline, judged: summary(added, unit), ...(limit && { limit }) };
}

/** A figure that is judged by itself. */
export function plainRow(what: string, unit: string, ours: Series, limit?: Limit): Row {
  return { what, unit, ours, judged: summary(ours.values, unit), ...(limit && { limit }) };
}

/** Ours beside the baseline's, and a bare relay's: one quantile of all values that there are. */
export function noWorseRow(
  what: string,
  unit: string,
  [ours, baseline, relay = []]: readonly [
    ours: readonly number[],
    baseline: readonly number[],
    relay?: readonly number[],
  ],
  allowed: { readonly by: number; readonly times: number },
  share = 0.5,
): Row {
  const added = quantile(ours, share) - quantile(baseline, share);
  return {
    what,
    unit,
    share,
    ours: { name: 'program', values: ours },
    baseline: { name: 'kubectl', values: baseline },
    ...(relay.length > 0 && { relay: { name: 'bare relay', values: relay } }),
    judged: { median: added, low: added, high: added, unit },
    limit: { noWorse: allowed },
  };
}

/** Undefined where nothing was asked for. */
export function reached({ judged, limit, ours, baseline, share = 0.5 }: Row): boolean | undefined {
  if (limit === undefined) return undefined;
  if ('atMost' in limit) return judged.median <= limit.atMost;
  if ('atLeast' in limit) return judged.median >= limit.atLeast;
  const theirs = quantile(baseline?.values ?? [], share);
  return quantile(ours.values, share) <= Math.max(theirs + limit.noWorse.by, theirs * limit.noWorse.times);
}

function judgedCell({ judged, limit, ours, baseline, share = 0.5 }: Row): string {
  const { median, low, high, unit } = judged;
  if (limit === undefined || !('noWorse' in limit))
    return `${digits(median)} ${unit} (${digits(low)} to ${digits(high)})`;
  const times = quantile(ours.values, share) / quantile(baseline?.values ?? [], share);
  const added = `${median < 0 ? '-' : '+'} ${digits(Math.abs(median))} ${unit}`.trim();
  return Number.isFinite(times) ? `${added}, ${digits(times)} ×` : added;
}

function limitCell(limit: Limit | undefined, unit: string): string {
  if (limit === undefined) return '';
  if ('atMost' in limit) return `≤ ${limit.atMost}`;
  if ('atLeast' in limit) return `≥ ${limit.atLeast}`;
  const { by, times } = limit.noWorse;
  return by === 0 ? `≤ ${times} ×` : `≤ + ${`${by} ${unit}`.trim()} or ${times} ×`;
}

const digits = (value: number) =>
  Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(Math.abs(value) < 100 ? 1 : 0);

function cells(row: Row): readonly string[] {
  const { what, unit, ours, baseline, relay, limit, share = 0.5 } = row;
  const cell = (series: Series) => `${digits(quantile(series.values, share))} ${unit}`.trim();
  const others = [baseline, relay].filter((series) => series !== undefined);
  const verdict = reached(row);
  return [
    what,
    cell(ours),
    others.map((series) => `${cell(series)} (${series.name})`).join(', '),
    judgedCell(row),
    limitCell(limit, unit),
    verdict === undefined ? '' : verdict ? 'yes' : 'no',
  ];
}

const HEADER = ['what', 'ours', 'baseline', 'judged: median (quartiles)', 'limit', 'reached'];

/** A Markdown table whose columns are aligned. */
export function renderRows(rows: readonly Row[]): string {
  const lines = [HEADER, ...rows.map(cells)];
  const widths = HEADER.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const render = (line: readonly string[]) =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |\n`;
  return lines.map((line, at) => (at === 0 ? render(line) + rule : render(line))).join('');
}
