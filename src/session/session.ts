// One session from start to end: finds the pods of its apps, opens their tunnels and logs, keeps them on what comes next,
// gives everything back.

import { tooOldKubectl } from '../kubectl/kubectl-version.ts';
import type { Settings } from '../request/core/settings.ts';
import { type PlannedApp, SessionGroup } from './session-group.ts';
import type { Session, SessionDeps } from './started-session.ts';

/**
 * Resolves once all tunnels of all apps work, having told each of them.
 * @throws {UserError} when a target, a port or a forward cannot be had; then nothing is left running
 */
export async function startSession(settings: Settings, deps: SessionDeps): Promise<Session> {
  const group = new SessionGroup(settings, deps);
  try {
    const found = await group.find();
    const over = group.showEnds(found);
    const planned = group.plan(found.filter(({ awaited }) => awaited.finish === undefined));
    const apps = await group.openTunnels(planned);
    await group.untilReady(apps);
    return group.open(apps, over);
  } catch (error) {
    await group.stop();
    throw error;
  }
}

/** `--dry-run`: finds the pods and plans their session, without opening anything. */
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
