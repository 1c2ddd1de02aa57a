// All log streams of a session: one for each chosen container of each pod that is or was followed.

import type { Tell } from '../output/core/events.ts';
import { logContainers } from '../pods/core/log-containers.ts';
import type { MissingPods } from '../pods/core/missing-pods.ts';
import type { Pod } from '../pods/core/pod.ts';
import type { AppSettings } from '../request/core/settings.ts';
import { MOST_LOGS, withinLimit } from './core/log-limit.ts';
import type { LogSink } from './log-sink.ts';
import { LogStream } from './log-stream.ts';

export interface Logs {
  /** Opens what is not open yet of the pod's logs. */
  follow(pod: Pod): void;
  /** The same for several, as far as there is room. */
  followAll(pods: readonly Pod[]): void;
  /** Ends those of pods that might have come to be used, and were not. */
  leaveAllBut(uids: ReadonlySet<string>): void;
  /**
   * Tells the streams the pods' state. Those of pods that are gone show what is left and end; what was shown of a pod
   * that runs on is kept, for it may be followed again.
   */
  update(pods: readonly Pod[], missing?: MissingPods): void;
  /** The streams may have died without a sign. */
  readAnew(): void;
  /** Resolves when every stream has ended. */
  drained(): Promise<unknown>;
  stop(): Promise<void>;
}

interface Stream {
  readonly uid: string;
  readonly stream: LogStream;
  /** `left`: the pod runs on, but is none of the target's at present. */
  state: 'open' | 'left' | 'gone';
}

/** `containers`: all of the pod, in its order. */
export type MakeSink = (place: { container: string; pod: string; containers: readonly string[] }) => LogSink;

interface LogsDeps {
  /** The pods that were there before the session: only their recent lines are shown. */
  readonly initial: readonly Pod[];
  readonly makeSink: MakeSink;
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

export function createLogs(settings: AppSettings, deps: LogsDeps): Logs {
  const streams = new Map<string, Stream>();
  const recent = { tail: settings.tail, since: settings.since };
  let firstUid: string | undefined;
  let toldLimit = false;
  const logs: Logs = {
    followAll(pods) {
      const counted = pods.map((pod) => ({
        pod,
        uid: pod.uid,
        logs: logContainers(pod, settings.containers, settings.excludeContainers).length,
      }));
      const uids = new Set([...streams.values()].map(({ uid }) => uid));
      const within = withinLimit(counted, { count: streams.size, uids });
      for (const { pod } of within) logs.follow(pod);
      if (within.length === pods.length || toldLimit) return;
      toldLimit = true;
      const message = `only ${MOST_LOGS} logs are shown at once: ${pods.length - within.length} pods are left out`;
      deps.tell({ kind: 'warning', message });
    },
    follow(pod) {
      firstUid ??= pod.uid;
      // --tail counts for what was there before; a pod that comes later is shown from its first line.
      const wasThere = pod.uid === firstUid || deps.initial.some(({ uid }) => uid === pod.uid);
      const first = wasThere ? recent : undefined;
      for (const container of logContainers(pod, settings.containers, settings.excludeContainers)) {
        const key = `${pod.uid}/${container}`;
        const before = streams.get(key);
        if (before !== undefined) {
          if (before.state === 'open') continue;
          before.state = 'open';
          before.stream.podBack();
          continue;
        }
        const stream = new LogStream({
          kubectl: settings.kubectl,
          pod,
          container,
          first,
          sink: deps.makeSink({ container, pod: pod.name, containers: pod.containers.map(({ name }) => name) }),
          tell: deps.tell,
          signal: deps.signal,
        });
        streams.set(key, { uid: pod.uid, stream, state: 'open' });
      }
    },
    leaveAllBut(uids) {
      for (const opened of streams.values()) {
        if (opened.state !== 'open' || uids.has(opened.uid)) continue;
        opened.state = 'left';
        opened.stream.podGone();
        // It may never be silent.
        opened.stream.readAnew();
      }
    },
    update(pods, missing) {
      const now = new Map(pods.map((pod) => [pod.uid, pod]));
      for (const [key, opened] of streams) {
        const { uid, stream } = opened;
        const pod = now.get(uid);
        const whereabouts = missing?.get(uid);
        if (pod !== undefined) stream.update(pod);
        else if (whereabouts !== 'asked') {
          const state = whereabouts === 'runs-on' ? 'left' : 'gone';
          if (opened.state === state) continue;
          opened.state = state;
          stream.podGone();
          void stream.ended.then(() => opened.state === 'gone' && streams.delete(key));
        }
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
  return logs;
}
