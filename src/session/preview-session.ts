// `--dry-run`: what a session would consist of.

import { tooOldKubectl } from '../kubectl/kubectl-version.ts';
import { type AwaitedPod, awaitPod, locate } from '../pods/await-pod.ts';
import { type Plan, planSession } from '../pods/core/plan.ts';
import type { Settings } from '../request/core/settings.ts';
import type { SessionDeps } from './session.ts';

/** Finds the pod and plans its session, without opening anything. */
export async function previewSession(settings: Settings, deps: SessionDeps): Promise<{ pod: AwaitedPod; plan: Plan }> {
  const pod = await awaitPod(await locate(settings, deps), { ...deps, onPods: () => {} });
  const problem = await tooOldKubectl(settings.kubectl, deps.signal);
  deps.signal.throwIfAborted();
  if (problem !== undefined) throw problem;
  return { pod, plan: planSession(pod.chosen, { ...settings, servicePorts: pod.servicePorts }) };
}
