// All that stands behind a tunnel for one pod: its supervised `kubectl port-forward`, the state of that
// (core/pod-forward-state), and whether a further connection may go there now (core/admission).

import type { Availability } from '../pods/core/availability.ts';
import type { PodWatch } from '../pods/watch-pods.ts';
import { supervise } from '../processes/supervisor.ts';
import type { KubectlSettings } from '../request/core/settings.ts';
import { createDeferred } from '../values/deferred.ts';
import type { Client } from './client.ts';
import {
  type Admission,
  afterChange,
  afterEnd,
  afterRefusal,
  afterStart,
  afterTime,
  afterTrouble,
  mayGoAtMs,
  OPEN,
  refusalsOf,
  TROUBLE,
} from './core/admission.ts';
import {
  awaitsNews,
  isRenewed,
  NEWS_MS,
  nextPodForwardState,
  type PodForwardEvent,
  type PodForwardState,
  patienceMs,
} from './core/pod-forward-state.ts';
import { PortForward } from './port-forward.ts';
import type { Attempt } from './private-port.ts';

/** A pod of a StatefulSet comes back under the same name, so the uid tells pods apart. */
export interface PodRef {
  readonly uid: string;
  readonly name: string;
  readonly remotePort: number;
}

/** So many failed starts in a row are worth telling. */
const TELL_AFTER = 3;

export interface PodForwardOptions {
  readonly pod: PodRef;
  readonly kubectl: KubectlSettings;
  /** Resolves when a kubectl may start, with what to call when it has. */
  readonly starting: () => Promise<() => void>;
  /** Undefined while the pod is not watched yet. */
  readonly watch: () => Pick<PodWatch, 'blindSinceMs' | 'retryNow'> | undefined;
  /** Something changed that may let waiting connections go. */
  readonly onChange: () => void;
  /** kubectl port-forward does not come up, several times in a row; called again with each further time. */
  readonly onFailing: (reason: string) => void;
  /** A connection through it shows that it leads nowhere any more. */
  readonly onHung: () => void;
}

/** A client's way through a forward; `over` is to be called in the end. */
export interface Passage extends Attempt {
  /** Nothing proves yet that the application serves. */
  readonly inTrouble: boolean;
  /** The client has said its first byte. */
  spoke(): void;
  refused(): void;
  over(): void;
}

export class PodForward {
  readonly pod: PodRef;
  readonly #options: PodForwardOptions;
  readonly #supervisor: ReturnType<typeof supervise>;
  readonly #firstReady = createDeferred();
  readonly #ended = createDeferred();
  /** Connections without an answer, with when they began. */
  readonly #unanswered = new Map<Client, number>();
  #state: PodForwardState = { kind: 'starting', failures: 0 };
  #admission: Admission = TROUBLE;
  /** There was a sign of trouble or of life. */
  #isKnown = false;
  #availability: Availability = 'open';
  #forward: PortForward | undefined;
  /** The id of the container that ran last. */
  #container: string | undefined;
  #refusedMs = Number.NEGATIVE_INFINITY;
  #open = 0;
  #graceTimer: NodeJS.Timeout | undefined;

  constructor(options: PodForwardOptions) {
    this.#options = options;
    this.pod = options.pod;
    this.#supervisor = supervise(() => this.#start(), { starting: options.starting });
  }

  /** Resolves when kubectl listened for the first time. */
  get ready(): Promise<void> {
    return this.#firstReady.promise;
  }

  get availability() {
    return this.#availability;
  }

  get listening(): boolean {
    return this.#forward?.listens === true && !this.#awaitsNews();
  }

  /** In a row. */
  get refusals() {
    return refusalsOf(this.#admission);
  }

  /** What is known of the pod before its first connection. */
  expect(admission: Admission): void {
    if (!this.#isKnown) this.#admission = admission;
  }

  /** @param container the id of the one that runs, if one does */
  setAvailability(availability: Availability, container: string | undefined): void {
    this.#container = container ?? this.#container;
    if (availability === this.#availability) return;
    this.#availability = availability;
    this.#admit(afterTrouble);
    if (availability === 'open') this.retryNow();
  }

  /** Whether its kubectl may forward to the container that ran before this one. */
  hasOutlived(container: string | undefined): boolean {
    const { startedMs } = this.#forward ?? {};
    if (container === undefined || this.#container === undefined || startedMs === undefined) return false;
    return container !== this.#container && !isRenewed(startedMs, this.#refusedMs, performance.now());
  }

  /** When the client may go: what is not later than now is now. */
  mayGoAtMs(client: Client): number {
    // What takes the connections of a pod that is ending may be nobody: silence proves nothing there.
    const isEnding = this.#availability === 'terminating';
    if (!isEnding) this.#admission = afterTime(this.#admission, performance.now());
    return mayGoAtMs(this.#admission, client, isEnding);
  }

  /** Undefined when kubectl has just stopped to listen. */
  begin(client: Client): Passage | undefined {
    const forward = this.#forward;
    const attempt = forward?.begin();
    if (forward === undefined || attempt === undefined) return undefined;
    const inTrouble = this.#admission.kind !== 'open';
    this.#open += 1;
    this.#unanswered.set(client, performance.now());
    const start = (said: boolean) => {
      if (forward === this.#forward) this.#admission = afterStart(this.#admission, client, said, performance.now());
    };
    start(client.saidSomething);
    return {
      ...attempt,
      inTrouble,
      spoke: () => start(true),
      answered: () => {
        attempt.answered();
        this.#unanswered.delete(client);
        if (forward === this.#forward) this.#admit(() => OPEN);
        this.#options.onChange();
      },
      refused: () => {
        this.#refusedMs = performance.now();
        this.#admit((admission) => afterRefusal(admission, this.#refusedMs));
      },
      over: () => {
        this.#unanswered.delete(client);
        this.#admission = afterEnd(this.#admission, client);
        this.#open -= 1;
        if (this.#open === 0) this.#dispatch({ kind: 'emptied' });
        this.#options.onChange();
      },
    };
  }

  /** Something has changed for the better. */
  retryNow(): void {
    this.#admission = afterChange(this.#admission);
    this.#supervisor.retryNow();
  }

  /** Ends the forward with the last connection through it, or after `graceMs`. Resolves when it has ended. May be called again. */
  retire(graceMs: number): Promise<void> {
    this.#dispatch({ kind: 'retired' });
    if (this.#open === 0) this.#dispatch({ kind: 'emptied' });
    else if (Number.isFinite(graceMs)) {
      this.#graceTimer ??= setTimeout(() => this.#dispatch({ kind: 'emptied' }), graceMs).unref();
    }
    return this.#ended.promise;
  }

  /** What has no answer yet is given up after a few seconds. */
  abandon(): void {
    for (const [client, sinceMs] of this.#unanswered) {
      const leftMs = patienceMs(performance.now() - sinceMs);
      setTimeout(() => this.#unanswered.has(client) && client.abandon(), leftMs).unref();
    }
  }

  stop(): Promise<void> {
    clearTimeout(this.#graceTimer);
    return this.#supervisor.stop();
  }

  #start(): PortForward {
    const { kubectl, onHung } = this.#options;
    const started = new PortForward(kubectl, this.pod.name, this.pod.remotePort, onHung);
    void started.ready.then(() => {
      this.#forward = started;
      this.#dispatch({ kind: 'listening' });
      this.#firstReady.resolve();
      if (this.#awaitsNews()) this.#askForNews();
      this.#options.onChange();
    });
    void started.ended.then(({ causedByApp }) => {
      if (this.#forward === started) {
        this.#forward = undefined;
        this.#admit(afterTrouble);
      }
      this.#dispatch({ kind: 'kubectl-ended', causedByApp });
      const failures = this.#state.kind === 'starting' ? this.#state.failures : 0;
      if (failures >= TELL_AFTER) this.#options.onFailing(started.message);
    });
    return started;
  }

  #admit(next: (admission: Admission) => Admission): void {
    this.#isKnown = true;
    this.#admission = next(this.#admission);
  }

  #dispatch(event: PodForwardEvent): void {
    const before = this.#state;
    this.#state = nextPodForwardState(before, event, performance.now());
    if (this.#state.kind === 'ended' && before.kind !== 'ended') this.#ended.resolve(this.stop());
  }

  /** What it forwards to may be ending, and nobody has said so yet. */
  #awaitsNews(): boolean {
    return awaitsNews(this.#state, this.#options.watch()?.blindSinceMs, performance.now());
  }

  #askForNews(): void {
    this.#options.watch()?.retryNow();
    setTimeout(this.#options.onChange, NEWS_MS + 1).unref();
  }
}
