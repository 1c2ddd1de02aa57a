// One session from start to end: finds the pod, opens its tunnels and logs, keeps them on it, gives everything back.

import type { Place } from '../kubectl/core/place.ts';
import type { MakeSink } from '../logs/logs.ts';
import type { OpenTunnel, Tell } from '../output/core/events.ts';
import { locate } from '../pods/await-pod.ts';
import type { EarlyQuestions } from '../pods/find-pods.ts';
import type { AppSettings } from '../request/core/settings.ts';
import { StartingSession } from './starting-session.ts';

export interface SessionDeps {
  readonly early?: EarlyQuestions | undefined;
  readonly tell: Tell;
  /** Where log lines go; undefined when no logs are wanted. */
  readonly makeSink: MakeSink | undefined;
  readonly signal: AbortSignal;
  /** What a command has done, or a shell was told, cannot be taken back; lines on the screen can be put right later. */
  readonly checksFirst: boolean;
}

export interface Session {
  readonly tunnels: readonly OpenTunnel[];
  /** Name of the pod that is followed now. */
  readonly pod: string;
  readonly place: Place;
  /** Rejects with a UserError when what was connected is gone for good; otherwise stays pending. */
  readonly broken: Promise<never>;
  /** Resolves with a sentence when what was connected to has ended in good order, for good; otherwise stays pending. */
  readonly completed: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Resolves once all tunnels work, having told each of them.
 * @throws {UserError} when the target, a port or a forward cannot be had; then nothing is left running
 */
export async function startSession(settings: AppSettings, deps: SessionDeps): Promise<Session> {
  const located = await locate(settings, deps);
  const starting = new StartingSession(located, deps);
  try {
    const awaited = await starting.findPod();
    if (awaited.finish !== undefined) return starting.showEnd(awaited, awaited.finish);
    const plan = starting.planTunnels(awaited);
    const tunnels = await starting.openTunnels(plan, awaited.chosen.name);
    const followed = starting.follow(awaited, tunnels);
    await starting.untilReady(followed.follower, tunnels);
    return starting.open(followed, tunnels);
  } catch (error) {
    await starting.stop();
    throw error;
  }
}
