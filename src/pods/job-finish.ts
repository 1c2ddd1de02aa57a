// Asks whether a Job is over.

import { ask } from '../kubectl/ask.ts';
import { getArgs } from '../kubectl/core/kubectl-args.ts';
import type { KubectlSettings } from '../request/core/settings.ts';
import { UserError } from '../values/errors.ts';
import { type Finish, finishOfJob } from './core/finish.ts';
import type { Pod } from './core/pod.ts';

/** How often it is asked once none of its pods runs. */
export const ASK_JOB_AGAIN_MS = 1_000;
const LONGEST_MS = 10_000;

/** Undefined while it goes on, or nobody can say. Never rejects. */
export async function askJobFinish(
  kubectl: KubectlSettings,
  name: string,
  pod: Pod | undefined,
  signal: AbortSignal,
): Promise<Finish | undefined> {
  try {
    await kubectl.login?.pass();
    const answer = await ask(kubectl.program, getArgs(kubectl, `job/${name}`), { timeoutMs: LONGEST_MS, signal });
    if (answer.kind === 'answered') return finishOfJob(answer.value, name, pod, kubectl);
    if (answer.failure !== 'not-found') return undefined;
    // Its pods go with it, by itself some time after its end.
    if (pod?.phase === 'Succeeded') return { kind: 'succeeded', message: `job ${name} was deleted` };
    return { kind: 'failed', error: new UserError(`job ${name} was deleted`) };
  } catch {
    return undefined;
  }
}
