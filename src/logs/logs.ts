// All log streams of a session: one for each chosen container of each pod that is or was followed.

import type { Tell } from '../output/core/events.ts';
import { logContainers } from '../pods/core/log-containers.ts';
import type { MissingPods } from '../pods/core/missing-pods.ts';
import type { Pod } from '../pods/core/pod.ts';
import type { AppSettings } from '../request/core/settings.ts';
import { MOST_LOGS, withinLimit } from './core/log-limit.ts';
import type { LogSink } from './log-sink.ts';
import { LogStream } from './log-stream.ts';

interface Stream {
  readonly uid: string;
  readonly stream: LogStream;
  /** `left`: the pod runs on, but is none of the target's at present, or not the one that is used. */
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

export class Logs {
  readonly #settings: AppSettings;
  readonly #deps: LogsDeps;
  readonly #streams = new Map<string, Stream>();
  #firstUid: string | undefined;
  #toldLimit = false;

  constructor(settings: AppSettings, deps: LogsDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  /** Opens what is not open yet of the pods' logs, as far as there is room. */
  followAll(pods: readonly Pod[]): void {
    const counted = pods.map((pod) => ({ pod, uid: pod.uid, logs: this.#containersOf(pod).length }));
    const uids = new Set([...this.#streams.values()].map(({ uid }) => uid));
    const within = withinLimit(counted, { count: this.#streams.size, uids });
    for (const { pod } of within) this.follow(pod);
    if (within.length === pods.length || this.#toldLimit) return;
    this.#toldLimit = true;
    const message = `only ${MOST_LOGS} logs are shown at once: ${pods.length - within.length} pods are left out`;
    this.#deps.tell({ kind: 'warning', message });
  }

  /** The same for one, whether there is room or not. */
  follow(pod: Pod): void {
    this.#firstUid ??= pod.uid;
    for (const container of this.#containersOf(pod)) {
      const key = `${pod.uid}/${container}`;
      const before = this.#streams.get(key);
      if (before === undefined) {
        this.#streams.set(key, { uid: pod.uid, stream: this.#open(pod, container), state: 'open' });
      } else if (before.state !== 'open') {
        before.state = 'open';
        before.stream.podBack();
      }
    }
  }

  /** Ends those of pods that might have come to be used, and were not. */
  leaveAllBut(uids: ReadonlySet<string>): void {
    for (const opened of this.#streams.values()) {
      if (opened.state !== 'open' || uids.has(opened.uid)) continue;
      opened.state = 'left';
      opened.stream.podGone();
      // It may never be silent.
      opened.stream.readAnew();
    }
  }

  /**
   * Tells the streams the pods' state. Those of pods that are gone show what is left and end; what was shown of a pod
   * that runs on is kept, for it may be followed again.
   */
  update(pods: readonly Pod[], missing?: MissingPods): void {
    const now = new Map(pods.map((pod) => [pod.uid, pod]));
    for (const [key, opened] of this.#streams) {
      const { uid, stream } = opened;
      const pod = now.get(uid);
      const whereabouts = missing?.get(uid);
      if (pod !== undefined) stream.update(pod);
      else if (whereabouts !== 'asked') {
        const state = whereabouts === 'runs-on' ? 'left' : 'gone';
        if (opened.state === state) continue;
        opened.state = state;
        stream.podGone();
        void stream.ended.then(() => opened.state === 'gone' && this.#streams.delete(key));
      }
    }
  }

  /** The streams may have died without a sign. */
  readAnew(): void {
    for (const { stream } of this.#streams.values()) stream.readAnew();
  }

  /** Resolves when every stream has ended. */
  drained(): Promise<unknown> {
    return Promise.all([...this.#streams.values()].map(({ stream }) => stream.ended));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#streams.values()].map(({ stream }) => stream.stop()));
  }

  #open(pod: Pod, container: string): LogStream {
    const { kubectl, tail, since } = this.#settings;
    const { initial, makeSink, tell, signal } = this.#deps;
    // --tail counts for what was there before; a pod that comes later is shown from its first line.
    const wasThere = pod.uid === this.#firstUid || initial.some(({ uid }) => uid === pod.uid);
    const first = wasThere ? { tail, since } : undefined;
    const sink = makeSink({ container, pod: pod.name, containers: pod.containers.map(({ name }) => name) });
    return new LogStream({ kubectl, pod, container, first, sink, tell, signal });
  }

  #containersOf(pod: Pod): readonly string[] {
    return logContainers(pod, this.#settings.containers, this.#settings.excludeContainers);
  }
}
