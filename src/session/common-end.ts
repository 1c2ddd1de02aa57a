// The end of several apps: one that is over does not end the others; with the last one all is over.

import type { Tell } from '../output/core/events.ts';
import { createDeferred } from '../values/deferred.ts';
import { UserError } from '../values/errors.ts';
import type { StartedApp } from './started-session.ts';

/** @param nameApp of several: puts the app's name in front of what is said of all */
export function awaitEnds(
  started: readonly StartedApp[],
  { tellOf, nameApp }: { tellOf: (app: string) => Tell; nameApp: (app: string, message: string) => string },
) {
  /** Rejects when the last one is over, and one has failed. */
  const broken = createDeferred<never>();
  /** Resolves when all have ended in good order, with a sentence about the last one. */
  const completed = createDeferred<string>();
  let left = started.length;
  let failure: UserError | undefined;
  const over = ({ app, stop }: StartedApp, message: string, failed: boolean) => {
    left -= 1;
    if (left > 0) {
      tellOf(app)({ kind: 'app-ended', message, failed });
      void stop();
    } else if (failure !== undefined) broken.reject(failure);
    else completed.resolve(nameApp(app, message));
  };
  broken.promise.catch(() => {});
  for (const one of started) {
    void one.completed.then((message) => over(one, message, false));
    one.broken.catch((error: unknown) => {
      // A bug is everybody's.
      if (!(error instanceof UserError)) return broken.reject(error);
      const { message, hint, exitCode } = error;
      failure = new UserError(nameApp(one.app, message), { hint, exitCode });
      over(one, message, true);
    });
  }
  return { broken, completed };
}
