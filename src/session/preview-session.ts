// `--dry-run`: what a session would consist of.

import { tooOldKubectl } from '../kubectl/kubectl-version.ts';
import type { Settings } from '../request/core/settings.ts';
import { type PlannedApp, SessionGroup } from './session-group.ts';
import type { SessionDeps } from './started-session.ts';

/** Finds the pods and plans their session, without opening anything. */
export async function previewSession(
  settings: Settings,
  deps: Omit<SessionDeps, 'makeSink'>,
): Promise<readonly PlannedApp[]> {
  const group = new SessionGroup(settings, { ...deps, makeSink: () => undefined });
  try {
    const found = await group.find();
    const problem = await tooOldKubectl(settings.apps[0].kubectl, deps.signal);
    deps.signal.throwIfAborted();
    if (problem !== undefined) throw problem;
    return group.plan(found);
  } finally {
    await group.stop();
  }
}
