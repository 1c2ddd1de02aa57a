// What could be connected to, for somebody who has named nothing.

import { ask } from '../kubectl/ask.ts';
import { listArgs } from '../kubectl/core/kubectl-args.ts';
import type { NothingNamed } from '../request/core/asked-apps.ts';
import { UserError } from '../values/errors.ts';
import { deploymentsHint } from './core/search-words.ts';

/** An error is not to be long in coming. */
const LONGEST_MS = 1_200;

/** The same error, with the Deployments there are where kubectl names them soon enough. Never rejects. */
export async function withDeployments(error: NothingNamed): Promise<UserError> {
  const { kubectl, message, hint, exitCode } = error;
  try {
    const args = listArgs(kubectl, 'deployments.apps');
    const answer = await ask(kubectl.program, args, { timeoutMs: LONGEST_MS });
    const there = answer.kind === 'answered' ? deploymentsHint(answer.value) : undefined;
    return there === undefined ? error : new UserError(message, { hint: `${hint}; ${there}`, exitCode });
  } catch {
    return error;
  }
}
