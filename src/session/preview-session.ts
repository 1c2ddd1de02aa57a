// `--dry-run`: what a session would consist of.

import { tooOldKubectl } from '../kubectl/kubectl-version.ts';
import { awaitPod, locate } from '../pods/await-pod.ts';
import { type Plan, planSession } from '../pods/core/plan.ts';
import type { AppSettings } from '../request/core/settings.ts';
import type { SessionDeps } from './session.ts';

/** Finds the pod and plans its session, without opening anything. */
export async function previewSession(settings: AppSettings, deps: SessionDeps): Promise<{ pod: string; plan: Plan }> {
  const located = await locate(settings, deps);
  const { chosen, others, servicePorts } = await awaitPod(located, { ...deps, onPods: () => {} });
  const problem = await tooOldKubectl(settings.kubectl, deps.signal);
  deps.signal.throwIfAborted();
  if (problem !== undefined) throw problem;
  const plan = planSession(chosen, { ...settings, servicePorts });
  const { context, namespace } = located.settings.kubectl;
  const containers = chosen.containers.map(({ name }) => name);
  deps.tell({ kind: 'pod-selected', pod: chosen.name, others, containers, context, namespace });
  for (const message of plan.notes) deps.tell({ kind: 'note', message });
  return { pod: chosen.name, plan };
}
