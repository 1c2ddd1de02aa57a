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
  /** What is judged: a ratio to the baseline, what is added to it, or the figure itself. */
  readonly judged: { readonly median: number; readonly low: number; readonly high: number; readonly unit: string };
  readonly limit?: Limit;
}

export type Limit = { readonly atMost: number } | { readonly atLeast: number };

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

/** Undefined where nothing was asked for. */
export function reached({ judged, limit }: Row): boolean | undefined {
  if (limit === undefined) return undefined;
  return 'atMost' in limit ? judged.median <= limit.atMost : judged.median >= limit.atLeast;
}

const digits = (value: number) =>
  Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(Math.abs(value) < 100 ? 1 : 0);

function cells(row: Row): readonly string[] {
  const { what, unit, ours, baseline, judged, limit } = row;
  const verdict = reached(row);
  return [
    what,
    `${digits(median(ours.values))} ${unit}`,
    baseline === undefined ? '' : `${digits(median(baseline.values))} ${unit} (${baseline.name})`,
    `${digits(judged.median)} ${judged.unit} (${digits(judged.low)} to ${digits(judged.high)})`,
    limit === undefined ? '' : 'atMost' in limit ? `≤ ${limit.atMost}` : `≥ ${limit.atLeast}`,
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
