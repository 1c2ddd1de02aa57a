// From a target to the pods it means: which query names them, and which there are now.

import { type Answer, ask } from '../kubectl/ask.ts';
import {
  firstQuestionArgs,
  getAnyArgs,
  getArgs,
  listArgs,
  listPodsArgs,
  type PodQuery,
} from '../kubectl/core/kubectl-args.ts';
import { type Place, placeOptions, placeWords, settleIn } from '../kubectl/core/place.ts';
import type { FixPlace } from '../kubectl/current-context.ts';
import type { EarlyChild } from '../processes/early-child.ts';
import type { KubectlSettings } from '../request/core/settings.ts';
import { nameOf, selectorOfWorkload, type Target } from '../request/core/target.ts';
import { UserError } from '../values/errors.ts';
import { newestJob } from './core/newest-job.ts';
import { decodePod, decodePodList, type Pod } from './core/pod.ts';
import { LIKELY_RESOURCES, likelyTarget } from './core/search-words.ts';
import { decodeServicePorts, type ServicePort } from './core/service-ports.ts';

export interface FoundPods {
  readonly query: PodQuery;
  readonly pods: readonly Pod[];
  /** Of a Service that is the target: its ports are what REMOTE means. */
  readonly servicePorts?: readonly ServicePort[];
  /** The Job that is the target, or the one that a CronJob has made last. */
  readonly job?: string;
}

/** kubectl tries a silent server five times, ten seconds each; longer than this is a hang. */
const MAX_QUERY_MS = 60_000;

export interface FindOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Questions that were asked before anything else was loaded, with these very arguments. */
export interface EarlyQuestions {
  /** The first of `firstQuestions`. */
  readonly first?: EarlyChild | undefined;
  /** Of `placeArgs`. */
  readonly place?: EarlyChild | undefined;
}

export type ListPods = (kubectl: KubectlSettings, query: PodQuery, options: FindOptions) => Promise<FoundPods>;

/** How it is asked, where several apps ask together. */
export interface Asking {
  /** Of `firstQuestionArgs`, asked already; undefined: it was not. */
  readonly first?: Promise<Answer | undefined> | undefined;
  readonly list?: ListPods | undefined;
}

export interface LocatedPods extends FoundPods {
  /** Every later call names context and namespace. */
  readonly kubectl: KubectlSettings;
}

/**
 * Begins a session: which pods its target means, and where.
 * @throws {UserError} when the target does not exist or cannot be read, or when there is no context to look in
 */
export async function locatePods(
  target: Target,
  kubectl: KubectlSettings,
  options: FindOptions & Asking & { readonly fixPlace: FixPlace },
): Promise<LocatedPods> {
  const { fixPlace, ...asking } = options;
  const placed = fixPlace(kubectl);
  // It may fail before anybody waits for it.
  placed.catch(() => {});
  try {
    const found = await findPods(target, { first: kubectl, later: placed }, asking);
    const located = settleIn(await placed, { context: undefined, namespace: found.pods[0]?.namespace });
    located.login?.answered(located, target);
    return { ...found, kubectl: located };
  } catch (error) {
    // That there is no context explains any other failure.
    await placed;
    throw error;
  }
}

/** @throws {UserError} in kubectl's own words when the target does not exist or cannot be read */
export async function findPods(
  target: Target,
  kubectl: { readonly first: KubectlSettings; readonly later: KubectlSettings | Promise<KubectlSettings> },
  { first, list = listPods, ...options }: FindOptions & Asking,
): Promise<FoundPods> {
  const asked = (await first) ?? (await askShortly(kubectl.first, firstQuestionArgs(kubectl.first, target), options));
  const later = await kubectl.later;
  if (asked.kind === 'failed')
    throw asked.failure === 'not-found' ? await notFound(asked, target, later, options) : asked.error;
  const answer = asked.value;
  switch (target.kind) {
    case 'pod':
      return { query: { name: target.name }, pods: [decodePod(answer)] };
    case 'workload':
      return workloadPods(answer, target, later, { ...options, list });
    case 'selector':
      return orNamespace({ query: { selector: target.selector }, pods: decodePodList(answer) }, later, options);
    case 'app': {
      const [selector = '', ...others] = target.selectors;
      const found: FoundPods = { query: { selector }, pods: decodePodList(answer) };
      for (const other of found.pods.length > 0 ? [] : others) {
        const next = await listPods(later, { selector: other }, options);
        if (next.pods.length > 0) return next;
      }
      return orNamespace(found, later, options);
    }
  }
}

/** Says where it was looked for; a bare NAME may be another kind's. */
async function notFound(
  { error }: Extract<Answer, { kind: 'failed' }>,
  target: Target,
  kubectl: KubectlSettings,
  options: FindOptions,
): Promise<UserError> {
  if (target.kind !== 'pod' || error.message.startsWith('namespaces ')) return located(error, kubectl);
  const answer = await askShortly(kubectl, getAnyArgs(kubectl, LIKELY_RESOURCES, target.name), options);
  const meant = answer.kind === 'answered' ? likelyTarget(answer.value, target.name) : undefined;
  return located(error, kubectl, meant && `did you mean ${meant}?`);
}

/** With the place where it was looked for. */
function located({ message, hint }: UserError, { context, namespace }: Place, better = hint): UserError {
  const place = message.startsWith('namespaces ') ? { context, namespace: undefined } : { context, namespace };
  return new UserError(`${message}${placeWords(place)}`, { hint: better });
}

/** Whether a pod that its target's query does not name any more still exists; undefined when kubectl does not say. */
export async function stillExists(
  kubectl: KubectlSettings,
  { name, uid }: Pod,
  options: FindOptions,
): Promise<boolean | undefined> {
  const answer = await askShortly(kubectl, getArgs(kubectl, 'pod', name), options);
  if (answer.kind === 'failed') return answer.failure === 'not-found' ? false : undefined;
  return decodePod(answer.value).uid === uid;
}

async function workloadPods(
  workload: unknown,
  target: Extract<Target, { kind: 'workload' }>,
  kubectl: KubectlSettings,
  { list, ...options }: FindOptions & { readonly list: ListPods },
): Promise<FoundPods> {
  const { resource, name } = target;
  const [kind, object] = resource === 'cronjob' ? await newestJobOf(name, kubectl, options) : [resource, workload];
  const { selector, replicas } = selectorOfWorkload(object, kind);
  if (replicas === 0) throw zeroReplicas(kind, name, kubectl);
  const found = await list(kubectl, { selector }, options);
  if (kind === 'job') return { ...found, job: nameOf(object) };
  return kind === 'service' ? { ...found, servicePorts: decodeServicePorts(workload) } : found;
}

async function newestJobOf(name: string, kubectl: KubectlSettings, options: FindOptions): Promise<['job', unknown]> {
  // No label says which of all Jobs a CronJob has made.
  const job = newestJob(await askOrThrow(kubectl, listArgs(kubectl, 'jobs.batch'), options), name);
  if (job !== undefined) return ['job', job];
  throw new UserError(`cronjob ${name} has no job yet${placeWords(kubectl)}`, {
    hint: `start one: kubectl create job --from=cronjob/${name} ${name}-now${placeOptions(kubectl)}`,
  });
}

function zeroReplicas(resource: string, name: string, place: Place): UserError {
  return new UserError(`${resource} ${name} has zero replicas: there is no pod to connect to`, {
    hint: `scale it up: kubectl scale ${resource}/${name} --replicas=1${placeOptions(place)}`,
  });
}

export const listPods: ListPods = async (kubectl, query, options) => {
  return { query, pods: decodePodList(await askOrThrow(kubectl, listPodsArgs(kubectl, query), options)) };
};

/**
 * A list in a namespace that does not exist is empty, without an error; the namespace itself tells.
 * @throws {UserError} when it is certain that there is none
 */
async function orNamespace(found: FoundPods, kubectl: KubectlSettings, options: FindOptions): Promise<FoundPods> {
  if (found.pods.length > 0 || kubectl.namespace === undefined) return found;
  const answer = await askShortly(kubectl, getArgs(kubectl, 'namespace', kubectl.namespace), options);
  if (answer.kind === 'failed' && answer.failure === 'not-found') throw located(answer.error, kubectl);
  return found;
}

async function askOrThrow(kubectl: KubectlSettings, args: readonly string[], options: FindOptions): Promise<unknown> {
  const answer = await askShortly(kubectl, args, options);
  if (answer.kind === 'failed') throw answer.error;
  return answer.value;
}

export async function askShortly(
  kubectl: KubectlSettings,
  args: readonly string[],
  options: FindOptions & { readonly first?: EarlyChild | undefined },
): Promise<Answer> {
  await kubectl.login?.pass();
  // The first one may take as long as it takes to log in.
  const limitMs = options.first === undefined ? MAX_QUERY_MS : options.timeoutMs;
  return ask(kubectl.program, args, { ...options, timeoutMs: Math.min(limitMs, options.timeoutMs) });
}
