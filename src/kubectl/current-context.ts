// The name of the kubeconfig's current context, and its namespace.

import type { KubectlSettings } from '../request/core/settings.ts';
import { list, object, optional, string } from '../values/decode.ts';
import { ask } from './ask.ts';

export interface ContextPlace {
  readonly context: string | undefined;
  readonly namespace: string;
}

const currentContext = object((field) => ({
  context: field('current-context', optional(string)),
  contexts: field(
    'contexts',
    list(object((context) => context('context', optional(object((inner) => inner('namespace', optional(string))))))),
  ),
}));

const LONGEST_MS = 10_000;

/** Undefined when there is no kubeconfig, as in a pod, or kubectl does not say. */
export async function placeOfContext(
  kubectl: KubectlSettings,
  options: { signal?: AbortSignal } = {},
): Promise<ContextPlace | undefined> {
  const args = ['config', 'view', '--minify', '-o', 'json', ...kubectl.flags];
  const answer = await ask(kubectl.program, args, { timeoutMs: LONGEST_MS, ...options });
  if (answer.kind === 'failed') return undefined;
  try {
    const { context, contexts } = currentContext(answer.value, '');
    return { context: kubectl.context ?? context, namespace: kubectl.namespace ?? contexts[0] ?? 'default' };
  } catch {
    return undefined;
  }
}
