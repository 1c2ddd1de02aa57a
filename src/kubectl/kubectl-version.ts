// Refuses a kubectl that is too old to be relied on, by its own word.

import type { KubectlSettings } from '../request/core/settings.ts';
import { object, optional, string } from '../values/decode.ts';
import { UserError } from '../values/errors.ts';
import { ask } from './ask.ts';
import { VERSION_ARGS } from './core/kubectl-args.ts';

const OLDEST_MINOR = 20;
const LONGEST_MS = 10_000;

const decodeVersion = object((field) => field('clientVersion?.gitVersion', optional(string)));

/** Never rejects; a kubectl that cannot tell its version within the time is judged by what else it does. */
export async function tooOldKubectl(
  kubectl: KubectlSettings,
  signal: AbortSignal,
  timeoutMs: number = LONGEST_MS,
): Promise<UserError | undefined> {
  try {
    const limitMs = Math.min(LONGEST_MS, timeoutMs);
    const answer = await ask(kubectl.program, VERSION_ARGS, { timeoutMs: limitMs, signal });
    if (answer.kind === 'failed') return undefined;
    const version = decodeVersion(answer.value, '');
    const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version ?? '') ?? [];
    if (major !== '1' || Number(minor) >= OLDEST_MINOR) return undefined;
    return new UserError(`kubectl ${version} ('${kubectl.program}') is too old: 1.${OLDEST_MINOR} or newer is needed`, {
      hint: 'install a newer kubectl, or name one with --kubectl PATH or KUBECTL_PATH',
    });
  } catch {
    return undefined;
  }
}
