// What is worth telling about a pod's containers when it is seen again.
import type { SessionEvent } from '../../output/core/events.ts';
import type { Container, Pod } from './pod.ts';

interface Told {
  /** The ended instance that was told, and the one whose back-off was told. */
  ended: string | undefined;
  backOff: string | undefined;
  restarts: number;
}

/** What was told already, by container name; kept by the caller. */
export type ToldContainers = Map<string, Told>;

function endedInstance({
  status,
}: Container): { id: string; exitCode: number; reason: string | undefined } | undefined {
  const ended = status?.state.kind === 'terminated' ? status.state : status?.lastTermination;
  if (status === undefined || ended === undefined) return undefined;
  return { id: ended.containerId ?? `#${status.restartCount}`, exitCode: ended.exitCode, reason: ended.reason };
}

/** kubelet's words on how long it waits before it starts a container again, e.g. `back-off 10s`. */
export function backOffWords(message = ''): string | undefined {
  return /back-off \S+/.exec(message)?.[0];
}

/** kubelet's words for a container that it does not start again yet. */
function backOffOf({ status }: Container): string | undefined {
  if (status?.state.kind !== 'waiting' || status.state.reason !== 'CrashLoopBackOff') return undefined;
  return backOffWords(status.state.message) ?? 'back-off';
}

/** Takes the containers as they are for told: what ended before the connection began is no news. */
export function noteContainers(pod: Pod): ToldContainers {
  return new Map(
    pod.containers.map((container) => {
      const restarts = container.status?.restartCount ?? 0;
      return [container.name, { ended: endedInstance(container)?.id, backOff: undefined, restarts }];
    }),
  );
}

/** The news of `pod`; updates `told` so that nothing is said twice. */
export function containerNews(pod: Pod, told: ToldContainers): SessionEvent[] {
  // The end of a pod takes its containers along: the pod's own line says that.
  if (pod.terminating) return [];
  return pod.containers.flatMap((container): SessionEvent[] => {
    const { name, role, status } = container;
    if (role === 'init' || status === undefined) return [];
    const record = told.get(name) ?? { ended: undefined, backOff: undefined, restarts: 0 };
    told.set(name, record);
    const place = { pod: pod.name, container: name };
    const news: SessionEvent[] = [];
    const ended = endedInstance(container);
    const backOff = backOffOf(container);
    if (ended !== undefined && (ended.id !== record.ended || (backOff !== undefined && ended.id !== record.backOff))) {
      news.push({ kind: 'container-ended', ...place, exitCode: ended.exitCode, reason: ended.reason, backOff });
      record.ended = ended.id;
      if (backOff !== undefined) record.backOff = ended.id;
    }
    if (status.state.kind === 'running' && status.restartCount > record.restarts) {
      news.push({ kind: 'container-restarted', ...place, restarts: status.restartCount });
      record.restarts = status.restartCount;
    }
    return news;
  });
}
