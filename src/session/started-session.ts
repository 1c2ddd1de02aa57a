// What a session and its apps are to whoever starts them, and what they need.

import type { OpenedApp } from '../detached/kept-record.ts';
import type { MakeSink } from '../logs/logs.ts';
import type { Tell } from '../output/core/events.ts';
import type { EarlyQuestions } from '../pods/find-pods.ts';
import type { StartLimiter } from '../processes/start-limiter.ts';
import type { AppSettings } from '../request/core/settings.ts';

export interface SessionDeps {
  readonly early?: EarlyQuestions | undefined;
  readonly tell: Tell;
  /** Where an app's log lines go; undefined when no logs are wanted of it. */
  readonly makeSink: (app: AppSettings) => MakeSink | undefined;
  readonly signal: AbortSignal;
}

/** What one app's start needs. */
export interface StartDeps {
  readonly tell: Tell;
  /** Undefined when no logs are wanted. */
  readonly makeSink: MakeSink | undefined;
  readonly signal: AbortSignal;
  readonly startLimiter: StartLimiter;
  /** Given with -c, without saying which of several apps is meant. */
  readonly sharedContainers: readonly string[];
  /** What a command has done, or a shell was told, cannot be taken back; lines on the screen can be put right later. */
  readonly checksFirst: boolean;
  /** When to watch the pods, if the tunnels take longer. */
  readonly watchAfterMs: number;
  /** A connection to the cluster has died without a sign, and the others may have. */
  readonly onHung: () => void;
}

/** One app while the session lives. */
export interface StartedApp extends OpenedApp {
  /** Rejects with a UserError when it is gone for good. */
  readonly broken: Promise<never>;
  /** Resolves with a sentence when it has ended in good order, for good. */
  readonly completed: Promise<string>;
  /** What it stands on may have died without a sign. */
  renew(): void;
  stop(): Promise<void>;
}

export interface Session {
  /** In the order of the targets. */
  readonly apps: readonly OpenedApp[];
  /** Rejects with a UserError when all that was connected is gone for good; otherwise stays pending. */
  readonly broken: Promise<never>;
  /** Resolves with a sentence when what was connected to has ended in good order, for good; otherwise stays pending. */
  readonly completed: Promise<string>;
  /** `lend` leaves what is typed to a credential plugin, until its result is called. */
  lendTerminal(lend: () => Promise<() => void>): void;
  stop(): Promise<void>;
}
