// Questions to kubectl about what was deployed.
import { ask } from '../kubectl/ask.ts';
import { getArgs, listArgs } from '../kubectl/core/kubectl-args.ts';
import type { KubectlSettings } from '../request/core/settings.ts';
import type { Kube } from './deployed.ts';
import { runTool } from './run-tool.ts';

/** kubectl tries a silent server five times, ten seconds each; longer than this is a hang. */
const LONGEST_MS = 60_000;
const LOG_LINES = 10;

/** @param kubectl with its namespace and context stated */
export function createKube(kubectl: KubectlSettings, namespace: string): Kube {
  const { program } = kubectl;
  return {
    namespace,
    list(resources, selector = '', signal) {
      return ask(program, listArgs(kubectl, resources, { selector }), { timeoutMs: LONGEST_MS, signal });
    },
    async lacksNamespace(signal) {
      const args = getArgs(kubectl, `namespace/${namespace}`);
      const answer = await ask(program, args, { timeoutMs: LONGEST_MS, signal });
      return answer.kind === 'failed' && answer.failure === 'not-found';
    },
    async logLines(pod, container, previous, signal) {
      const args = ['logs', `pod/${pod}`, `--container=${container}`, `--tail=${LOG_LINES}`, `--previous=${previous}`];
      const end = await runTool(
        { program, args: [...args, ...kubectl.flags], env: {} },
        { signal, silenceMs: LONGEST_MS },
      );
      return end.kind === 'succeeded' ? end.stdout.split('\n').filter((line) => line !== '') : [];
    },
  };
}
