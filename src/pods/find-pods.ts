// From a target to the pods it means: which query names them, and which there are now.

import { ask } from '../kubectl/ask.ts';
import { firstQuestionArgs, getArgs, listPodsArgs, type PodQuery } from '../kubectl/core/kubectl-args.ts';
import { placeOfContext } from '../kubectl/current-context.ts';
import type { EarlyChild } from '../processes/early-child.ts';
import type { KubectlSettings } from '../request/core/settings.ts';
import { selectorOfWorkload, type Target } from '../request/core/target.ts';
import { UserError } from '../values/errors.ts';
import { decodePod, decodePodList, type Pod } from './core/pod.ts';

export interface FoundPods {
  readonly query: PodQuery;
  readonly pods: readonly Pod[];
}

/** kubectl tries a silent server five times, ten seconds each; longer than this is a hang. */
const MAX_QUERY_MS = 60_000;

export interface FindOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** The answer to `firstQuestionArgs`, if that was asked already. */
  readonly first?: EarlyChild | undefined;
}

async function askOrThrow(kubectl: KubectlSettings, args: readonly string[], options: FindOptions): Promise<unknown> {
  const timeoutMs = Math.min(MAX_QUERY_MS, options.timeoutMs);
  const answer = await ask(kubectl.program, args, { ...options, timeoutMs });
  if (answer.kind === 'failed') throw answer.error;
  return answer.value;
}

async function list(kubectl: KubectlSettings, query: PodQuery, options: FindOptions): Promise<FoundPods> {
  return { query, pods: decodePodList(await askOrThrow(kubectl, listPodsArgs(kubectl, query), options)) };
}

/**
 * A list in a namespace that does not exist is empty, without an error; the namespace itself tells.
 * @throws {UserError} when it is certain that there is none
 */
export async function requireNamespace(kubectl: KubectlSettings, options: FindOptions): Promise<void> {
  const namespace = kubectl.namespace ?? (await placeOfContext(kubectl, options))?.namespace;
  if (namespace === undefined) return;
  const answer = await ask(kubectl.program, getArgs(kubectl, 'namespace', namespace), {
    timeoutMs: Math.min(MAX_QUERY_MS, options.timeoutMs),
    signal: options.signal,
  });
  if (answer.kind === 'failed' && answer.failure === 'not-found') throw answer.error;
}

/** @throws {UserError} in kubectl's own words when the target does not exist or cannot be read */
export async function findPods(
  target: Target,
  kubectl: KubectlSettings,
  { first: early, ...options }: FindOptions,
): Promise<FoundPods> {
  const first = firstQuestionArgs(kubectl, target);
  switch (target.kind) {
    case 'pod': {
      const pod = decodePod(await askOrThrow(kubectl, first, { ...options, first: early }));
      return { query: { name: target.name }, pods: [pod] };
    }
    case 'workload': {
      const workload = await askOrThrow(kubectl, first, { ...options, first: early });
      const { selector, replicas } = selectorOfWorkload(workload, target.resource);
      if (replicas === 0) {
        throw new UserError(`${target.resource} ${target.name} has zero replicas: there is no pod to connect to`, {
          hint: `scale it up: kubectl scale ${target.resource}/${target.name} --replicas=1`,
        });
      }
      return list(kubectl, { selector }, options);
    }
    case 'selector':
      return {
        query: { selector: target.selector },
        pods: decodePodList(await askOrThrow(kubectl, first, { ...options, first: early })),
      };
    case 'app': {
      let first: FoundPods | undefined;
      for (const [index, selector] of target.selectors.entries()) {
        const asked = index === 0 ? { ...options, first: early } : options;
        const found = await list(kubectl, { selector }, asked);
        if (found.pods.length > 0) return found;
        first ??= found;
      }
      return first ?? { query: { selector: '' }, pods: [] };
    }
  }
}
