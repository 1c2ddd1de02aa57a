// Which chart is released, and what is wrong with one that was made for a Kubernetes of long ago.
import type { Environment } from '../../request/core/manifest.ts';
import { UserError } from '../../values/errors.ts';
import { quoted } from '../../values/quote.ts';

/** What there is beside draft.toml; paths are relative to its folder. */
export interface ChartFolders {
  /** Whether the folder holds a Chart.yaml. */
  isChart(path: string): boolean;
  isFile(path: string): boolean;
  /** Names of the folders in `charts/`. */
  readonly names: readonly string[];
}

/**
 * A path relative to draft.toml's folder, or a reference that helm fetches (`oci://…`).
 * @throws {UserError} when there is none, or more than one
 */
export function chooseChart({ chart, chartTar }: Environment, folders: ChartFolders): string {
  if (chartTar !== undefined) {
    if (folders.isFile(chartTar)) return chartTar;
    throw new UserError(`chart-tar ${quoted(chartTar)}: no such file`);
  }
  if (chart !== undefined) {
    if (/^(?:oci|https?):\/\//.test(chart)) return chart;
    // A file of the chart's name may be the app's own program.
    const paths = [chart, `charts/${chart}`];
    const found = paths.find(folders.isChart) ?? paths.find(folders.isFile);
    if (found !== undefined) return found;
    throw new UserError(`chart ${quoted(chart)} not found: neither it nor charts/${chart} has a Chart.yaml`, {
      hint: folders.names.length === 0 ? NO_CHART_HINT : `in charts/ there are: ${folders.names.join(', ')}`,
    });
  }
  const [only, ...more] = folders.names.filter((name) => folders.isChart(`charts/${name}`));
  if (only === undefined) throw new UserError('there is no chart in charts/', { hint: NO_CHART_HINT });
  if (more.length === 0) return `charts/${only}`;
  throw new UserError(`there are several charts in charts/: ${[only, ...more].join(', ')}`, {
    hint: `name one in draft.toml: chart = "${only}"`,
  });
}

const NO_CHART_HINT =
  'make one with mkdir -p charts && helm create charts/NAME, or deploy with a tool of your own: kubectl draft-connect up -- COMMAND';

export interface Template {
  /** As messages name it. */
  readonly path: string;
  readonly text: string;
}

/** API versions that Kubernetes had before 1.16 or 1.22, by what took their place. */
const GONE: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  DaemonSet: 'apps/v1',
  StatefulSet: 'apps/v1',
  ReplicaSet: 'apps/v1',
  Ingress: 'networking.k8s.io/v1',
};
const OLD_VERSION = /^(\s*apiVersion:\s*["']?)((?:extensions|apps|networking\.k8s\.io)\/v1beta[12])\b/;

/** Where templates ask for API versions that are gone: `FILE:LINE: …` with the change to make. */
export function oldApiVersions(templates: readonly Template[]): readonly string[] {
  return templates.flatMap(({ path, text }) => {
    const lines = text.split(/\r?\n/);
    return lines.flatMap((line, index) => {
      const version = OLD_VERSION.exec(line)?.[2];
      if (version === undefined) return [];
      const kind = kindAt(lines, index);
      const now = GONE[kind ?? ''];
      if (kind === undefined || now === undefined) return [];
      const place = `${path}:${index + 1}: ${kind} of ${version}`;
      if (kind === 'Ingress') return [`${place}: write ${now} and its new form of rules, or remove the file`];
      return [`${place}: write apiVersion: ${now} and, below spec:, ${selectorLines(lines)}`];
    });
  });
}

/** The kind of the document that this line belongs to. */
function kindAt(lines: readonly string[], index: number): string | undefined {
  const begin = lines.slice(0, index).findLastIndex((line) => line.startsWith('---')) + 1;
  const length = lines.slice(index).findIndex((line) => line.startsWith('---'));
  const own = lines.slice(begin, length < 0 ? undefined : index + length);
  return own.map((line) => /^kind:\s*["']?(\w+)/.exec(line)?.[1]).find((kind) => kind !== undefined);
}

/** A label that the pods already have, as their template writes it. */
function selectorLines(lines: readonly string[]): string {
  const template = lines.findIndex((line) => /^\s+template:/.test(line));
  const labels = lines.findIndex((line, index) => index > template && /^\s+labels:/.test(line));
  const candidates = lines.slice(labels + 1, labels + 6).map((line) => line.trim());
  const label =
    candidates.find((line) => /^app:/.test(line)) ??
    candidates.find((line) => /^[\w./-]+:\s*\S/.test(line)) ??
    'app: …';
  return `selector: {matchLabels: {${label}}}`;
}
