// From flags to settings, and the question that every session begins with: all that can be done with little code.
import { firstQuestionArgs } from '../kubectl/core/kubectl-args.ts';
import { type EarlyChild, startEarly } from '../processes/early-child.ts';
import { type ConnectFlags, makeSettings, type Settings } from '../request/core/settings.ts';
import { loadEnvironment } from './load-environment.ts';

export type BegunConnect =
  | {
      readonly kind: 'begun';
      readonly settings: Settings;
      readonly warnings: readonly string[];
      /** The answer to the first question, under way. */
      readonly first: EarlyChild | undefined;
    }
  /** A mistake in the flags or in draft.toml. */
  | { readonly kind: 'failed'; readonly error: unknown };

export function beginConnect(flags: ConnectFlags): BegunConnect {
  try {
    const { environment, warnings } = loadEnvironment(flags.file, flags.environment);
    const settings = makeSettings(flags, environment, process.env);
    const { kubectl, target } = settings;
    const first = settings.detach ? undefined : startEarly(kubectl.program, firstQuestionArgs(kubectl, target));
    return { kind: 'begun', settings, warnings, first };
  } catch (error) {
    return { kind: 'failed', error };
  }
}
