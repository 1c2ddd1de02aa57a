// Questions to kubectl about what was deployed.
import { ask } from '../kubectl/ask.ts';
import { getArgs, listArgs, logsArgs } from '../kubectl/core/kubectl-args.ts';
import { placeOptions } from '../kubectl/core/place.ts';
import { startEarly } from '../processes/early-child.ts';
import type { KubectlSettings } from '../request/core/settings.ts';
import type { Kube } from './deployed.ts';
import { runTool } from './run-tool.ts';

/** kubectl tries a silent server five times, ten seconds each; longer than this is a hang. */
const LONGEST_MS = 60_000;
const LOG_LINES = 10;
/** helm would fail for the same reason. */
const FOR_GOOD: ReadonlySet<string> = new Set(['unauthorized', 'invalid']);

/**
 * @param kubectl with its namespace and context stated
 * @param timeoutMs how long the cluster may not answer
 */
export function createKube(kubectl: KubectlSettings, namespace: string, timeoutMs: number): Kube {
  const { program } = kubectl;
  const limitMs = Math.min(LONGEST_MS, timeoutMs);
  return {
    where: placeOptions({ namespace, context: kubectl.context }),
    list(resources, selector = '', signal) {
      return ask(program, listArgs(kubectl, resources, { selector }), { timeoutMs: limitMs, signal });
    },
    async lacksNamespace(signal) {
      const answer = await ask(program, getArgs(kubectl, `namespace/${namespace}`), { timeoutMs: limitMs, signal });
      return answer.kind === 'failed' && answer.failure === 'not-found';
    },
    async logLines(pod, container, previous, signal) {
      const args = logsArgs(kubectl, pod, container, { follow: false, tail: LOG_LINES, previous });
      const end = await runTool(
        { program, args: [...args, '--timestamps=false'], env: {} },
        { signal, silenceMs: limitMs },
      );
      return end.kind === 'succeeded' ? end.stdout.split('\n').filter((line) => line !== '') : [];
    },
  };
}

/**
 * Asks with the terminal, so that a credential plugin can let its user log in: the questions after it, and helm, have none.
 * @throws {UserError} in the plugin's words, or because there is no such context
 */
export async function logIn(kubectl: KubectlSettings, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const { program, namespace = 'default' } = kubectl;
  const args = getArgs(kubectl, `namespace/${namespace}`);
  const answer = await ask(program, args, { timeoutMs, signal, first: startEarly(program, args) });
  if (answer.kind === 'failed' && FOR_GOOD.has(answer.failure)) throw answer.error;
}
