// What is worth telling about a pod's containers when it is seen again.
import type { SessionEvent } from '../../output/core/events.ts';
import { backOffOf } from './choose-pod.ts';
import { type Container, isServing } from './container.ts';
import type { Pod } from './pod.ts';

interface Reported {
  /** The ended instance that was told, and the one whose back-off was told. */
  ended: string | undefined;
  backOff: string | undefined;
  restarts: number;
}

/** What was told already, by the container's name; kept by the caller. */
export type ReportedContainers = Map<string, Reported>;

/** Takes the containers as they are for reported: what ended before the session began is not news. */
export function reportedOf(pod: Pod): ReportedContainers {
  return new Map(
    pod.containers.map((container) => {
      const restarts = container.status?.restartCount ?? 0;
      return [container.name, { ended: endedInstance(container)?.id, backOff: undefined, restarts }];
    }),
  );
}

/** What has happened to the containers of `pod`; updates `reported` so that nothing is told twice. */
export function containerEvents(pod: Pod, reported: ReportedContainers): SessionEvent[] {
  // The end of a pod takes its containers along: the pod's own line says that.
  if (pod.terminating) return [];
  return pod.containers.flatMap((container): SessionEvent[] => {
    const { name, status } = container;
    if (!isServing(container) || status === undefined) return [];
    const record = reported.get(name) ?? { ended: undefined, backOff: undefined, restarts: 0 };
    reported.set(name, record);
    const place = { pod: pod.name, container: name };
    const events: SessionEvent[] = [];
    const ended = endedInstance(container);
    const backOff = backOffOf(status);
    if (ended !== undefined && ended.id !== record.ended) {
      events.push({ kind: 'container-ended', ...place, exitCode: ended.exitCode, reason: ended.reason, backOff });
    } else if (backOff !== undefined && ended?.id !== record.backOff) {
      events.push({
        kind: 'note',
        message: `container ${name} of pod ${pod.name} is restarted after a pause (${backOff})`,
      });
    }
    record.ended = ended?.id ?? record.ended;
    if (backOff !== undefined) record.backOff = ended?.id;
    if (status.state.kind === 'running' && status.restartCount > record.restarts) {
      events.push({ kind: 'container-restarted', ...place, restarts: status.restartCount });
      record.restarts = status.restartCount;
    }
    return events;
  });
}

function endedInstance({ status }: Container) {
  const ended = status?.state.kind === 'terminated' ? status.state : status?.lastTermination;
  if (status === undefined || ended === undefined) return undefined;
  return { id: ended.containerId ?? `#${status.restartCount}`, exitCode: ended.exitCode, reason: ended.reason };
}
