// The release stage: helm, and what is asked before and after it to say what has changed.
import { UserError } from '../values/errors.ts';
import { oldApiVersions } from './core/chart.ts';
import { pendingHint } from './core/explain.ts';
import type { ImageNames } from './core/image.ts';
import { decodeReleased, decodeStatus, historyCall, type Released, upgradeCall, valuesCall } from './core/release.ts';
import { ofRelease, type Workload } from './core/workload.ts';
import { findDeployed, listWorkloads, OF_HELM, whyUnready } from './deployed.ts';
import { type ImagePlan, readTemplates } from './prepare.ts';
import { type Before, type Stage, ToolFailure, type UpRun } from './stage.ts';

const QUESTION_MS = 30_000;
/** helm ends by itself at its own time-out. */
const HELM_EXTRA_MS = 30_000;

/** Never says why something cannot be told: the release itself will. */
export async function askBefore({ run, kube, place, timeoutMs, signal }: UpRun, plan: ImagePlan): Promise<Before> {
  const values = run(valuesCall(plan.app, place), { signal, silenceMs: Math.min(QUESTION_MS, timeoutMs) });
  const [end, workloads, lacksNamespace] = await Promise.all([
    values,
    listWorkloads(kube, OF_HELM, signal).catch(userErrorIs<readonly Workload[]>([])),
    kube.lacksNamespace(signal),
  ]);
  const released = end.kind === 'succeeded' ? decodeReleased(parseJson(end.stdout)) : undefined;
  return { released, workloads, lacksNamespace };
}

export async function release({ tool }: Stage, up: UpRun, plan: ImagePlan, names: ImageNames, before: Before) {
  const { environment, place, timeoutMs, buildId } = up;
  const image = `${names.repository}:${names.tag}`;
  // A new build ID alone would replace the pods of a chart that writes it on them.
  const same = before.released?.image === image ? before.released : undefined;
  const call = upgradeCall(
    {
      name: plan.app,
      chart: plan.chart,
      repository: names.repository,
      tag: names.tag,
      buildId: same?.buildId ?? buildId,
      set: environment.set,
      wait: environment.wait,
      timeoutMs,
      createNamespace: before.lacksNamespace,
    },
    place,
  );
  try {
    await tool(call, { silenceMs: timeoutMs + HELM_EXTRA_MS });
  } catch (error) {
    throw await withDetails(error, up, plan, image);
  }
  return tellEnd(up, plan, image, before, same);
}

async function tellEnd(
  { kube, signal, buildId }: UpRun,
  plan: ImagePlan,
  image: string,
  before: Before,
  same: Released | undefined,
) {
  const now = await listWorkloads(kube, OF_HELM, signal).catch(userErrorIs<readonly Workload[]>([]));
  const choice = ofRelease(now, plan.app, image);
  const ignored = choice.kind === 'found' && choice.ignoresImage;
  const own = (all: readonly Workload[]) =>
    JSON.stringify(all.filter((one) => one.release === plan.app).map(({ uid, generation }) => [uid, generation]));
  const unchanged = same !== undefined && choice.kind === 'found' && own(now) === own(before.workloads);
  return {
    warnings: ignored
      ? [`the chart ${plan.chartShown} does not use image.repository and image.tag: no pod of it runs ${image}`]
      : [],
    notes: unchanged ? [`${plan.app}: nothing changed since build ${same.buildId}: the pods stay`] : [],
    /** For the next round. */
    left: {
      released: { image, buildId: same?.buildId ?? buildId },
      workloads: now,
      lacksNamespace: false,
    } satisfies Before,
  };
}

/** A failure of helm with what only the chart or the cluster can tell. */
async function withDetails(error: unknown, up: UpRun, plan: ImagePlan, image: string): Promise<unknown> {
  if (!(error instanceof ToolFailure) || error.end.kind !== 'failed') return error;
  const { call, end } = error;
  const text = end.lines.join('\n');
  if (/no matches for kind|required field "selector"|spec\.selector: Required/.test(text)) {
    const places = oldApiVersions(readTemplates(plan.chart, plan.context));
    if (places.length === 0) return error;
    return new ToolFailure(call, end, { message: OLD_CHART, hint: places.join('; ') });
  }
  if (/another operation .* is in progress/.test(text)) {
    const history = await up.run(historyCall(plan.app, up.place), { signal: up.signal, silenceMs: QUESTION_MS });
    const status = history.kind === 'succeeded' ? decodeStatus(parseJson(history.stdout)) : undefined;
    const hint = pendingHint(status, plan.app, up.place);
    const message = `helm does not release ${plan.app} while an earlier release is pending`;
    return hint === undefined ? error : new ToolFailure(call, end, { message, hint });
  }
  if (!/context deadline exceeded|timed out waiting/.test(text)) return error;
  const { kube, signal } = up;
  const found = await findDeployed(kube, {
    selector: OF_HELM,
    choose: (workloads) => ofRelease(workloads, plan.app, image),
    timeoutMs: 0,
    signal,
  }).catch(userErrorIs(undefined));
  const unready = found && (await whyUnready(kube, found, signal));
  if (unready === undefined) return error;
  for (const line of unready.lines) up.log.line(line);
  return new ToolFailure(
    call,
    { ...end, lines: [...end.lines, ...unready.lines] },
    { message: `the release did not become ready within ${up.timeoutMs / 1000} s: ${unready.reason}`, hint: WAIT_HINT },
  );
}

const OLD_CHART = 'the chart was made for a Kubernetes before 1.16';
const WAIT_HINT = 'put that right and run up again, or wait longer with --timeout';

function userErrorIs<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof UserError) return value;
    throw error;
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
