// Which of several pods is used, and in words a user can act on why none can be.
import { type Container, type ContainerState, type ContainerStatus, isServing } from './container.ts';
import type { Pod } from './pod.ts';

export type PodChoice =
  /** `others`: how many further pods would have done as well. */
  | { readonly kind: 'chosen'; readonly pod: Pod; readonly others: number }
  /** `pod`: the newest that may still become usable, or at least has logs to show. */
  | { readonly kind: 'none'; readonly reason: string; readonly pod?: Pod };

export interface ChoiceOptions {
  /** One that runs will do where none is Ready. */
  readonly unready?: boolean | undefined;
}

/** Not terminating, Ready, newest first. */
export function choosePod(pods: readonly Pod[], { unready = false }: ChoiceOptions = {}): PodChoice {
  if (pods.length === 0) return { kind: 'none', reason: 'there is no pod' };
  const living = pods.filter((pod) => !pod.terminating).sort(newestFirst);
  const ready = living.filter((pod) => pod.ready && !isFinished(pod));
  const [best, ...others] = ready.length > 0 || !unready ? ready : living.filter(runsUnready);
  if (best !== undefined) return { kind: 'chosen', pod: best, others: others.length };
  const pod = living.find((one) => !isFinished(one)) ?? living[0];
  if (pod === undefined) return { kind: 'none', reason: allTerminating(pods) };
  return { kind: 'none', reason: whyNotReady(pod), pod };
}

/** Something of it runs, although it is not ready. */
export function runsUnready(pod: Pod): boolean {
  const runs = pod.containers.some((one) => isServing(one) && one.status?.state.kind === 'running');
  return runs && pod.phase === 'Running' && !pod.ready && !pod.terminating;
}

function newestFirst(a: Pod, b: Pod): number {
  return b.createdMs - a.createdMs || (a.name < b.name ? -1 : 1);
}

export function isFinished(pod: Pod): boolean {
  return pod.phase === 'Succeeded' || pod.phase === 'Failed';
}

function allTerminating(pods: readonly Pod[]): string {
  return pods.length === 1 ? `pod ${pods[0]?.name} is terminating` : `all ${pods.length} pods are terminating`;
}

/** Why a pod that is not terminating cannot be used yet, as one clause without a full stop. */
export function whyNotReady(pod: Pod): string {
  if (isFinished(pod)) return finished(pod);
  const troubles = pod.containers.map((container) => trouble(container, pod));
  // what needs somebody's hand goes before what passes by itself
  const told = troubles.find((one) => one?.grave) ?? troubles.find((one) => one !== undefined);
  if (told !== undefined) return told.text;
  const unready = pod.containers.filter((one) => isServing(one) && one.status?.ready === false);
  if (unready.length > 0 && pod.phase === 'Running') {
    const [plural, verb] = unready.length === 1 ? ['', 'has'] : ['s', 'have'];
    const who = `container${plural} ${unready.map((one) => one.name).join(', ')}`;
    return `pod ${pod.name} is not ready: ${who} ${verb} not passed the readiness probe yet`;
  }
  const why = words(pod.reason, pod.message);
  return `pod ${pod.name} is ${pod.phase === 'Running' ? 'not ready' : pod.phase}${why}`;
}

function finished(pod: Pod): string {
  const ended = pod.containers.find(({ status }) => status?.state.kind === 'terminated' && status.state.exitCode !== 0);
  if (pod.reason === undefined && ended?.status?.state.kind === 'terminated') {
    return `pod ${pod.name} has ended (${pod.phase}): container ${ended.name} ended with exit code ${ended.status.state.exitCode}`;
  }
  return `pod ${pod.name} has ended (${pod.phase})${words(pod.reason, pod.message)}`;
}

/** Waiting reasons that belong to every start. */
const PASSING = new Set(['ContainerCreating', 'PodInitializing']);

function trouble({ name, role, status }: Container, pod: Pod) {
  if (status === undefined || role === 'ephemeral') return undefined;
  const { state } = status;
  const who = `${role === 'init' ? 'init container' : 'container'} ${name} of pod ${pod.name}`;
  switch (state.kind) {
    case 'running':
      return role === 'init' ? { grave: false, text: `${who} is still running` } : undefined;
    case 'terminated': {
      if (role === 'init' && state.exitCode === 0) return undefined;
      return { grave: true, text: `${who} ended with exit code ${state.exitCode}${words(undefined, state.reason)}` };
    }
    case 'waiting': {
      if (state.reason === undefined) return undefined;
      if (PASSING.has(state.reason)) return { grave: false, text: `${who}: ${state.reason}` };
      return {
        grave: true,
        text: `${who}${crashLoop(status) ?? failedPull(state) ?? words(state.reason, state.message)}`,
      };
    }
  }
}

/** Of a crash loop, what its container's last run ended with says more than the kubelet's own message. */
function crashLoop(status: ContainerStatus): string | undefined {
  const backOff = backOffOf(status);
  const last = status.lastTermination;
  if (backOff === undefined || last === undefined) return undefined;
  const cause = last.reason === undefined ? '' : ` (${last.reason})`;
  return `: CrashLoopBackOff: its last run ended with exit code ${last.exitCode}${cause}, ${backOff}`;
}

/** While it waits to pull again the kubelet repeats why: the same words are no news. */
function failedPull({ reason, message }: Extract<ContainerState, { kind: 'waiting' }>): string | undefined {
  if (reason !== 'ImagePullBackOff') return undefined;
  const [, cause] = /^Back-off pulling image ".*?": (ErrImagePull: .*)$/s.exec(message ?? '') ?? [];
  return cause && `: ${cause}`;
}

/** The kubelet's words, e.g. `back-off 10s`, while it does not start a container again yet. */
export function backOffOf({ state }: ContainerStatus): string | undefined {
  if (state.kind !== 'waiting' || state.reason !== 'CrashLoopBackOff') return undefined;
  return /back-off \S+/.exec(state.message ?? '')?.[0] ?? 'back-off';
}

function words(reason: string | undefined, message: string | undefined): string {
  return [reason, message].map((text) => (text ? `: ${text}` : '')).join('');
}
