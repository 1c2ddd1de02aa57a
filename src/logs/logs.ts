// All log streams of a session: one for each chosen container of each pod that is or was followed.

import type { Tell } from '../output/core/events.ts';
import { planSuccessor } from '../pods/core/plan.ts';
import type { Pod } from '../pods/core/pod.ts';
import type { Settings } from '../request/core/settings.ts';
import type { LogSink } from './log-sink.ts';
import { type LogStream, startLogStream } from './log-stream.ts';

export interface Logs {
  /** Opens what is not open yet of the pod's logs. `wasThere`: before the session, so only its recent lines are shown. */
  follow(pod: Pod, wasThere?: boolean): void;
  /** Tells the streams the pods' state. Those of pods that are gone show what is left and end. */
  update(pods: readonly Pod[]): void;
  /** The streams may have died without a sign. */
  readAnew(): void;
  /** Resolves when every stream has ended. */
  drained(): Promise<unknown>;
  stop(): Promise<void>;
}

export type MakeSink = (place: { container: string; pod: string }) => LogSink;

export function createLogs(settings: Settings, deps: { makeSink: MakeSink; tell: Tell; signal: AbortSignal }): Logs {
  const streams = new Map<string, { uid: string; stream: LogStream }>();
  const recent = { tail: settings.tail, since: settings.since };
  let firstUid: string | undefined;
  return {
    follow(pod, wasThere = false) {
      firstUid ??= pod.uid;
      // --tail counts for what was there before; a pod that comes later is shown from its first line.
      const first = wasThere || pod.uid === firstUid ? recent : undefined;
      for (const container of planSuccessor(pod, settings.containers).logs) {
        const key = `${pod.uid}/${container}`;
        if (streams.has(key)) continue;
        const stream = startLogStream({
          kubectl: settings.kubectl,
          pod,
          container,
          first,
          sink: deps.makeSink({ container, pod: pod.name }),
          tell: deps.tell,
          signal: deps.signal,
        });
        streams.set(key, { uid: pod.uid, stream });
        void stream.ended.then(() => streams.delete(key));
      }
    },
    update(pods) {
      const now = new Map(pods.map((pod) => [pod.uid, pod]));
      for (const { uid, stream } of streams.values()) {
        const pod = now.get(uid);
        if (pod === undefined) stream.podGone();
        else stream.update(pod);
      }
    },
    readAnew() {
      for (const { stream } of streams.values()) stream.readAnew();
    },
    drained: () => Promise.all([...streams.values()].map(({ stream }) => stream.ended)),
    async stop() {
      await Promise.all([...streams.values()].map(({ stream }) => stream.stop()));
    },
  };
}
