// Keeps tunnels and logs on the app's pod.
//
//   serving ──it ends, none is Ready──▶ lost ──asked for by name, does not come back──▶ gone for good
//      │ ▲                               │
//      │ └───────another is Ready────────┘
//      └─▶ serving, when a newer revision is Ready

import type { Logs } from '../logs/logs.ts';
import type { Tell } from '../output/core/events.ts';
import { availabilityOf } from '../pods/core/availability.ts';
import { containerEvents, type ReportedContainers, reportedOf } from '../pods/core/container-events.ts';
import { namedPodLoss, nextPod } from '../pods/core/next-pod.ts';
import { planSuccessor } from '../pods/core/plan.ts';
import type { Pod } from '../pods/core/pod.ts';
import type { Settings } from '../request/core/settings.ts';
import type { Tunnel } from '../tunnels/tunnel.ts';
import { createDeferred } from '../values/deferred.ts';
import type { UserError } from '../values/errors.ts';

/** How long the connections of a deleted pod may run on: the kubelet ends them about a second later. */
const GONE_GRACE_MS = 5_000;
/** When the next pod is not ready for this long, its logs are shown: they may say why. */
const SHOW_LOGS_AFTER_MS = 3_000;

export interface FollowOptions {
  readonly first: Pod;
  readonly settings: Settings;
  readonly tunnels: readonly Tunnel[];
  readonly logs: Logs | undefined;
  readonly tell: Tell;
  /** The pod is gone for good, and the user asked for that pod by name. */
  readonly onGoneForGood: (error: UserError) => void;
}

export class PodFollower {
  readonly #options: FollowOptions;
  #pod: Pod;
  #state: 'serving' | 'lost' = 'serving';
  #reported: ReportedContainers;
  #moved = createDeferred();
  /** Uids of pods that were followed before. */
  readonly #left = new Set<string>();
  #returnTimer: NodeJS.Timeout | undefined;
  #logsTimer: NodeJS.Timeout | undefined;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#pod = options.first;
    this.#reported = reportedOf(options.first);
  }

  get pod(): Pod {
    return this.#pod;
  }

  /** Resolves when another pod is followed. */
  get moved(): Promise<void> {
    return this.#moved.promise;
  }

  /** Nothing serves at present, so a failing tunnel is not news. */
  get lost(): boolean {
    return this.#state === 'lost';
  }

  /** Takes in how the target's pods stand now. */
  refresh(pods: readonly Pod[]): void {
    const { settings, tunnels, logs, tell } = this.#options;
    this.#setAvailabilities(pods);
    const now = pods.find((pod) => pod.uid === this.#pod.uid);
    if (now !== undefined) for (const event of containerEvents(now, this.#reported)) tell(event);
    const next = nextPod(this.#pod, pods, { buildId: settings.buildId, left: this.#left });
    this.#pod = now ?? this.#pod;
    if (next.kind === 'move') this.#move(next.pod, pods);
    if (next.kind === 'prepare') this.#prepare(next.pod);
    if (next.kind === 'wait') this.#lose(next.reason, next.candidate, pods);
    const existing = new Set(pods.map((pod) => pod.uid));
    for (const tunnel of tunnels) tunnel.retireAllBut(existing, GONE_GRACE_MS);
    logs?.update(pods);
  }

  stop(): void {
    clearTimeout(this.#returnTimer);
    clearTimeout(this.#logsTimer);
    this.#returnTimer = undefined;
    this.#logsTimer = undefined;
  }

  #setAvailabilities(pods: readonly Pod[]): void {
    for (const pod of pods) {
      for (const tunnel of this.#options.tunnels) {
        const { availability, containerId } = availabilityOf(pod, tunnel.plan.container);
        tunnel.setAvailability(pod.uid, availability, containerId);
      }
    }
  }

  #prepare(pod: Pod): void {
    for (const tunnel of this.#options.tunnels) tunnel.prepare(pod);
    this.#logsTimer ??= setTimeout(() => this.#options.logs?.follow(pod), SHOW_LOGS_AFTER_MS);
  }

  #lose(reason: string, candidate: Pod | undefined, pods: readonly Pod[]): void {
    if (this.#state === 'serving') this.#options.tell({ kind: 'pod-lost', pod: this.#pod.name, reason });
    this.#state = 'lost';
    if (this.#options.settings.target.kind === 'pod') this.#awaitReturn(pods);
    if (candidate !== undefined) this.#prepare(candidate);
  }

  #awaitReturn(pods: readonly Pod[]): void {
    const { settings, logs, onGoneForGood } = this.#options;
    const loss = namedPodLoss(this.#pod, pods);
    if (loss === undefined || this.#returnTimer !== undefined) return;
    const giveUp = () => void Promise.resolve(logs?.drained()).then(() => onGoneForGood(loss.error));
    this.#returnTimer = setTimeout(giveUp, loss.mayReturn ? settings.timeoutMs : 0);
  }

  #move(to: Pod, pods: readonly Pod[]): void {
    const { tunnels, logs, tell } = this.#options;
    this.stop();
    const from = this.#pod;
    this.#left.add(from.uid);
    this.#pod = to;
    this.#state = 'serving';
    this.#reported = reportedOf(to);
    if (to.name === from.name) tell({ kind: 'pod-restored', pod: to.name });
    else tell({ kind: 'pod-replaced', from: from.name, to: to.name });
    for (const tunnel of tunnels) tunnel.serve(to);
    logs?.follow(to);
    this.#setAvailabilities(pods);
    this.#reportFurtherPorts();
    this.#moved.resolve();
    this.#moved = createDeferred();
  }

  /** The tunnels stay as they are, but a new revision may expose other ports. */
  #reportFurtherPorts(): void {
    const { settings, tunnels, tell } = this.#options;
    const connected = new Set(tunnels.map((tunnel) => tunnel.plan.remotePort));
    const exposed = planSuccessor(this.#pod, settings.containers).tunnels;
    const further = exposed.map(({ remotePort }) => remotePort).filter((port) => !connected.has(port));
    if (further.length === 0) return;
    const message = `pod ${this.#pod.name} also exposes ${further.join(', ')}; connect again to get it`;
    tell({ kind: 'note', message });
  }
}
