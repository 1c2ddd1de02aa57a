// Asks kubectl what was deployed: which workload is the app's, and which label its newest pods have.
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../kubectl/ask.ts';
import { choosePod } from '../pods/core/choose-pod.ts';
import { decodePodList } from '../pods/core/pod.ts';
import { UserError } from '../values/errors.ts';
import {
  type Choice,
  decodeWorkloads,
  newestRevision,
  type RevisionLabel,
  revisionsOf,
  type Workload,
} from './core/workload.ts';

/** Questions to kubectl, all in the namespace that was released to. */
export interface Kube {
  /** Its place, for a command in a hint. */
  readonly where: string;
  list(resources: string, selector: string | undefined, signal: AbortSignal): Promise<Answer>;
  /** Whether it is certain that there is no such namespace. */
  lacksNamespace(signal: AbortSignal): Promise<boolean>;
  /** The last lines of a container's log; empty when there are none to be had. */
  logLines(pod: string, container: string, previous: boolean, signal: AbortSignal): Promise<readonly string[]>;
}

export interface Deployed {
  readonly workload: Workload;
  readonly revision: RevisionLabel;
}

/** What helm writes on all objects of its releases. */
export const OF_HELM = 'app.kubernetes.io/managed-by=Helm';
const ALL = 'deployments.apps,statefulsets.apps,daemonsets.apps';
/** A controller makes its newest revision within a moment. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** @throws {UserError} */
export async function listWorkloads(
  kube: Kube,
  selector: string | undefined,
  signal: AbortSignal,
): Promise<readonly Workload[]> {
  const answer = await kube.list(ALL, selector, signal);
  // Somebody may be allowed to see Deployments alone.
  const allowed =
    answer.kind === 'failed' && answer.failure === 'forbidden'
      ? await kube.list('deployments.apps', selector, signal)
      : answer;
  if (allowed.kind === 'failed') throw allowed.error;
  return decodeWorkloads(allowed.value);
}

/**
 * Waits until the workload's controller has made the newest revision.
 * @returns undefined when there is no such workload
 * @throws {UserError} when kubectl cannot tell, or the controller does not within `timeoutMs`
 */
export async function findDeployed(
  kube: Kube,
  options: {
    readonly selector: string | undefined;
    readonly choose: (workloads: readonly Workload[]) => Choice;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  },
): Promise<Deployed | undefined> {
  const { selector, choose, timeoutMs, signal } = options;
  const untilMs = performance.now() + timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const choice = choose(await listWorkloads(kube, selector, signal));
    if (choice.kind === 'none') return undefined;
    const { workload } = choice;
    const revision = await revisionNow(kube, workload, signal);
    if (revision !== undefined) return { workload, revision };
    if (performance.now() > untilMs) {
      throw new UserError(
        `Kubernetes made no pods of the new ${workload.kind} ${workload.name} within ${timeoutMs / 1000} s`,
        {
          hint: `look at it with: kubectl describe ${workload.kind} ${workload.name}${kube.where}`,
        },
      );
    }
    await delay(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

async function revisionNow(kube: Kube, workload: Workload, signal: AbortSignal): Promise<RevisionLabel | undefined> {
  const resource = revisionsOf(workload);
  if (resource === undefined) return newestRevision(workload, undefined);
  const answer = await kube.list(resource, workload.selector, signal);
  if (answer.kind === 'failed') throw answer.error;
  return newestRevision(workload, answer.value);
}

/** Why the newest pods are not ready, and what they said; undefined when they are, or it cannot be told. */
export async function whyUnready(
  kube: Kube,
  { revision }: Deployed,
  signal: AbortSignal,
): Promise<{ readonly reason: string; readonly lines: readonly string[] } | undefined> {
  const answer = await kube.list('pods', `${revision.key}=${revision.value}`, signal);
  if (answer.kind === 'failed') return undefined;
  const choice = choosePod(decodePodList(answer.value));
  if (choice.kind === 'chosen') return undefined;
  const { pod, reason } = choice;
  const silent = pod?.containers.filter(({ status }) => status !== undefined && !status.ready) ?? [];
  const logs = silent.map(async ({ name, status }) => {
    const previous = status?.state.kind === 'waiting' && status.restartCount > 0;
    const lines = await kube.logLines(pod?.name ?? '', name, previous, signal);
    return lines.map((line) => `[${name}]: ${line}`);
  });
  return { reason, lines: (await Promise.all(logs)).flat() };
}
