// From settings to a pod that can be used: finds the target's pods and waits for a Ready one, saying why it waits.

import type { PodQuery } from '../kubectl/core/kubectl-args.ts';
import { tooOldKubectl } from '../kubectl/kubectl-version.ts';
import { type Tell, unwatchable } from '../output/core/events.ts';
import type { EarlyChild } from '../processes/early-child.ts';
import type { Settings } from '../request/core/settings.ts';
import { UserError } from '../values/errors.ts';
import { choosePod, type PodChoice } from './core/choose-pod.ts';
import { endedForGood, lostForGood } from './core/next-pod.ts';
import { requireContainers } from './core/plan.ts';
import type { Pod } from './core/pod.ts';
import { type Resolved, requireNamespace, resolveTarget } from './find-pods.ts';
import { type PodWatch, watchPods } from './watch-pods.ts';

export interface AwaitedPod {
  readonly query: PodQuery;
  readonly pods: readonly Pod[];
  readonly chosen: Pod;
  readonly others: number;
}

/** A question takes its time, however short the time-out: a credential plugin may have to log in first. */
const SHORTEST_QUERY_MS = 3_000;
const SHORTEST_VERSION_MS = 1_000;
/** How often to look again for an app of which no pod exists under any of its selectors. */
const LOOK_AGAIN_MS = 1_000;
/** A pod that is not ready for this long has its logs shown meanwhile: they may say why. */
const SHOW_LOGS_AFTER_MS = 3_000;

/**
 * @param onPods called with the pod that may become ready, and all pods, once it takes long and whenever it changes then
 * @throws {UserError} when the target does not exist, or no pod is ready within the time-out
 */
export async function awaitPod(
  settings: Settings,
  deps: {
    tell: Tell;
    /** The answer to `firstQuestionArgs`, if that was asked already. */
    first?: EarlyChild | undefined;
    signal: AbortSignal;
    onPods: (candidate: Pod, pods: readonly Pod[]) => void;
  },
): Promise<AwaitedPod> {
  const { target, kubectl, timeoutMs } = settings;
  const startMs = performance.now();
  const leftMs = () => timeoutMs - (performance.now() - startMs);
  let told: string | undefined;
  const timedOut = (reason: string) =>
    new UserError(`no pod became ready within ${timeoutMs / 1000} s: ${reason}`, {
      hint: 'wait longer with --timeout, or look at it with: kubectl describe pods',
    });
  const choose = (pods: readonly Pod[]): PodChoice => {
    const choice = choosePod(pods, { buildId: settings.buildId });
    if (choice.pod !== undefined) requireContainers(choice.pod, settings.containers);
    if (target.kind === 'pod' && choice.kind === 'none' && choice.pod !== undefined && endedForGood(choice.pod)) {
      throw lostForGood(choice.reason);
    }
    if (choice.kind === 'none' && choice.reason !== told) {
      told = choice.reason;
      deps.tell({ kind: 'pod-awaited', reason: told });
    }
    return choice;
  };
  const asking = () => ({ timeoutMs: Math.max(SHORTEST_QUERY_MS, leftMs()), signal: deps.signal });
  const resolve = async () => {
    const found = await resolveTarget(target, kubectl, { ...asking(), first: deps.first });
    const byLabels = target.kind === 'selector' || target.kind === 'app';
    if (found.pods.length === 0 && byLabels) await requireNamespace(kubectl, asking());
    return found;
  };

  let resolved: Resolved = await resolve().catch(async (error: unknown) => {
    throw (await tooOldKubectl(kubectl, deps.signal, Math.max(SHORTEST_VERSION_MS, leftMs()))) ?? error;
  });
  let choice = choose(resolved.pods);
  let lost = false;
  while (target.kind === 'app' && resolved.pods.length === 0) {
    if (leftMs() <= 0) throw timedOut(told ?? '');
    await pause(Math.min(LOOK_AGAIN_MS, Math.max(1, leftMs())), deps.signal);
    const found = await resolveTarget(target, kubectl, asking()).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      if (!lost) deps.tell({ kind: 'api-lost', reason: error.message });
      lost = true;
      return undefined;
    });
    if (found === undefined) continue;
    if (lost) deps.tell({ kind: 'api-restored' });
    lost = false;
    resolved = found;
    choice = choose(resolved.pods);
  }
  if (choice.kind === 'chosen') {
    return { query: resolved.query, pods: resolved.pods, chosen: choice.pod, others: choice.others };
  }

  const { query, pods: initial } = resolved;
  let watch: PodWatch | undefined;
  let timer: NodeJS.Timeout | undefined;
  let interval: NodeJS.Timeout | undefined;
  try {
    return await new Promise<AwaitedPod>((done, reject) => {
      let pods = initial;
      const look = () => {
        if (target.kind === 'pod' && pods.length === 0) reject(new UserError(`pod ${target.name} was deleted`));
        const now = choose(pods);
        if (now.kind === 'chosen') done({ query, pods, chosen: now.pod, others: now.others });
        else if (now.pod !== undefined && performance.now() - startMs >= SHOW_LOGS_AFTER_MS) deps.onPods(now.pod, pods);
      };
      deps.signal.addEventListener('abort', () => reject(deps.signal.reason), { once: true });
      timer = setTimeout(() => reject(timedOut(told ?? '')), Math.max(0, leftMs()));
      interval = setTimeout(look, SHOW_LOGS_AFTER_MS);
      watch = watchPods({
        kubectl,
        query,
        initial,
        onChange(changed) {
          pods = changed;
          try {
            look();
          } catch (error) {
            reject(error);
          }
        },
        onLost: (reason) => deps.tell({ kind: 'api-lost', reason }),
        onRestored: () => deps.tell({ kind: 'api-restored' }),
        onForbidden: (reason) => deps.tell(unwatchable(reason)),
        signal: deps.signal,
      });
    });
  } finally {
    clearTimeout(timer);
    clearTimeout(interval);
    await watch?.stop();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    }
  });
}
