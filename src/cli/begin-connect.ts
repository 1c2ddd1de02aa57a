// From flags to settings, and the question that every session begins with: all that can be done with little code.
import { placeArgs } from '../kubectl/core/kubectl-args.ts';
import { isPlaced } from '../kubectl/core/place.ts';
import { firstQuestions } from '../pods/core/first-questions.ts';
import type { EarlyQuestions } from '../pods/find-pods.ts';
import { startEarly } from '../processes/early-child.ts';
import { makeSettings, needsManifest } from '../request/core/make-settings.ts';
import type { ConnectFlags, Settings } from '../request/core/settings.ts';
import { loadEnvironment } from './load-environment.ts';

/** It reads one file: with one thread kubectl takes 12 % less CPU for that, and leaves a core to the question beside it. */
const ONE_THREAD = { GOMAXPROCS: '1' };

export type BegunConnect =
  | {
      readonly kind: 'begun';
      readonly settings: Settings;
      readonly warnings: readonly string[];
      readonly early: EarlyQuestions;
      /** Told how to write a line to stdout, which is the session's from then on. */
      readonly onOutput?: (writeLine: (line: string) => void) => void;
      /** What else has lines to write before the last one. */
      readonly beforeEnd?: () => Promise<void>;
    }
  /** A mistake in the flags or in draft.toml. */
  | { readonly kind: 'failed'; readonly error: unknown };

export function beginConnect(flags: ConnectFlags): BegunConnect {
  try {
    const { environment, warnings } = needsManifest(flags)
      ? loadEnvironment(flags.file, flags.environment)
      : { environment: undefined, warnings: [] };
    const settings = makeSettings(flags, environment, process.env);
    if (settings.detach) return { kind: 'begun', settings, warnings, early: {} };
    const [{ kubectl }] = settings.apps;
    const [question] = firstQuestions(settings.apps);
    const first = question && startEarly(kubectl.program, question.args);
    const place = isPlaced(kubectl) ? undefined : startEarly(kubectl.program, placeArgs(kubectl), { env: ONE_THREAD });
    return { kind: 'begun', settings, warnings, early: { first, place } };
  } catch (error) {
    return { kind: 'failed', error };
  }
}
