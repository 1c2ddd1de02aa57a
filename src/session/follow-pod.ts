// Keeps tunnels and logs on the app's pod.
//
//   serving ──it ends, none is Ready──▶ lost ──asked for by name, does not come back──▶ gone for good
//      │ ▲                               │
//      │ └─another is Ready, or it returns┘
//      └─▶ serving, when a newer revision is Ready, or another pod while this one is not

import type { Logs } from '../logs/logs.ts';
import type { Tell } from '../output/core/events.ts';
import { containerEvents, type ReportedContainers, reportedOf } from '../pods/core/container-events.ts';
import { type Finish, finishOfPod } from '../pods/core/finish.ts';
import { lookForMissing, type MissingPods, maybeAlive } from '../pods/core/missing-pods.ts';
import { logGoesOn, namedPodLoss, nextPod, UNREADY_MS } from '../pods/core/next-pod.ts';
import { portChanges } from '../pods/core/plan.ts';
import type { Pod } from '../pods/core/pod.ts';
import { ASK_JOB_AGAIN_MS } from '../pods/job-finish.ts';
import type { AppSettings } from '../request/core/settings.ts';
import type { Tunnel } from '../tunnels/tunnel.ts';
import { createDeferred } from '../values/deferred.ts';

/** How long the connections of a deleted pod may run on: the kubelet ends them about a second later. */
const GONE_GRACE_MS = 5_000;
/** When the next pod is not ready for this long, its logs are shown: they may say why. */
const SHOW_LOGS_AFTER_MS = 3_000;

export interface FollowOptions {
  readonly first: Pod;
  readonly settings: AppSettings;
  readonly tunnels: readonly Tunnel[];
  readonly logs: Logs | undefined;
  readonly tell: Tell;
  /** Whether a pod that the watch does not name any more exists; undefined when nobody can say. Never rejects. */
  readonly stillExists: (pod: Pod) => Promise<boolean | undefined>;
  /** Whether the Job that is the target is over, when `pod` was its last one. Never rejects. */
  readonly askJob?: ((pod: Pod) => Promise<Finish | undefined>) | undefined;
  /** The pod that was asked for by its name, or the Job, is over for good, and all logs are shown. */
  readonly onFinish: (finish: Finish) => void;
}

export class PodFollower {
  readonly #options: FollowOptions;
  #pod: Pod;
  #state: 'serving' | 'lost' = 'serving';
  #isStopped = false;
  #reported: ReportedContainers;
  #moved = createDeferred();
  #pods: readonly Pod[] = [];
  /** By `performance.now()`; undefined while the followed pod is ready. */
  #unreadySinceMs: number | undefined;
  /** Uids of pods that were followed before. */
  readonly #left = new Set<string>();
  #missing: MissingPods = new Map();
  /** All tunnels listen on the followed pod: what was left is not needed any more. */
  #hasArrived = true;
  #returnTimer: NodeJS.Timeout | undefined;
  /** By `performance.now()`: when there was first a pod that may be next. */
  #comingSinceMs: number | undefined;
  #logsTimer: NodeJS.Timeout | undefined;
  #unreadyTimer: NodeJS.Timeout | undefined;

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
    // The answer about a pod that is missing may come late.
    if (this.#isStopped) return;
    const { logs, tell, settings } = this.#options;
    const left = this.#pods.filter(({ uid }) => this.#left.has(uid));
    this.#pods = pods;
    this.#setAvailabilities();
    this.#askForMissing([this.#pod, ...left]);
    const now = pods.find((pod) => pod.uid === this.#pod.uid);
    if (now !== undefined) for (const event of containerEvents(now, this.#reported)) tell(event);
    this.#pod = now ?? this.#pod;
    const whereabouts = this.#missing.get(this.#pod.uid);
    const next = nextPod(this.#pod, pods, {
      unready: settings.unready,
      left: this.#left,
      unreadyForMs: this.#measureUnready(),
      runsOn: whereabouts === 'runs-on',
    });
    if (next.kind === 'wait' && whereabouts !== 'asked') this.#lose(next.reason);
    // It is back: its labels are as they were.
    if (next.kind !== 'wait' && next.kind !== 'move' && this.lost) this.#move(this.#pod);
    if (next.kind === 'move' && next.reason !== undefined) tell({ kind: 'note', message: next.reason });
    if (next.kind === 'move') this.#move(next.pod);
    const candidate = next.kind === 'wait' ? next.candidate : next.kind === 'prepare' ? next.pod : undefined;
    if (candidate !== undefined) this.#prepare(candidate);
    this.#retire();
    if (settings.allPods) logs?.followAll(pods);
    logs?.update(pods, this.#missing);
  }

  #askForMissing(followed: readonly Pod[]): void {
    const { missing, toAsk } = lookForMissing(this.#missing, followed, this.#pods);
    this.#missing = missing;
    for (const pod of toAsk) {
      void this.#options.stillExists(pod).then((exists) => {
        if (this.#missing.get(pod.uid) !== 'asked') return;
        this.#missing = new Map(this.#missing).set(pod.uid, exists ? 'runs-on' : 'gone');
        this.refresh(this.#pods);
      });
    }
  }

  /** No new connections go to pods that were left, or that the watch does not name. Open ones live as long as the pod. */
  #retire(): void {
    const { tunnels } = this.#options;
    const isLeft = ({ uid, terminating }: Pod) =>
      this.#hasArrived && this.#left.has(uid) && uid !== this.#pod.uid && !terminating;
    const used = new Set(this.#pods.filter((pod) => !isLeft(pod)).map(({ uid }) => uid));
    const alive = new Set([...this.#pods.map(({ uid }) => uid), ...maybeAlive(this.#missing)]);
    for (const tunnel of tunnels) {
      tunnel.retireAllBut(used, Number.POSITIVE_INFINITY);
      tunnel.retireAllBut(alive, GONE_GRACE_MS);
    }
  }

  /** Of the followed pod, and no more of one that might have been it; those of pods that were followed go on. */
  showLogs(): void {
    const { logs, settings } = this.#options;
    logs?.follow(this.#pod);
    if (!settings.allPods) logs?.leaveAllBut(new Set([this.#pod.uid, ...this.#left]));
  }

  stop(): void {
    this.#isStopped = true;
    this.#clearTimers();
  }

  #clearTimers(): void {
    for (const timer of [this.#returnTimer, this.#logsTimer, this.#unreadyTimer]) clearTimeout(timer);
    this.#returnTimer = undefined;
    this.#logsTimer = undefined;
    this.#unreadyTimer = undefined;
    this.#unreadySinceMs = undefined;
    this.#comingSinceMs = undefined;
  }

  /** For how long the followed pod has not been ready. Nothing may happen when that has become too long, so a timer looks. */
  #measureUnready(): number {
    if (this.#pod.ready) {
      clearTimeout(this.#unreadyTimer);
      this.#unreadyTimer = undefined;
      this.#unreadySinceMs = undefined;
      return 0;
    }
    const nowMs = performance.now();
    this.#unreadySinceMs ??= nowMs;
    this.#unreadyTimer ??= setTimeout(() => this.refresh(this.#pods), UNREADY_MS + 1);
    return nowMs - this.#unreadySinceMs;
  }

  #setAvailabilities(): void {
    for (const pod of this.#pods) for (const tunnel of this.#options.tunnels) tunnel.see(pod);
  }

  #prepare(pod: Pod): void {
    if (pod.phase === 'Running') for (const tunnel of this.#options.tunnels) tunnel.prepare(pod);
    this.#comingSinceMs ??= performance.now();
    const logsInMs = this.#comingSinceMs + SHOW_LOGS_AFTER_MS - performance.now();
    if (logsInMs <= 0) this.#options.logs?.follow(pod);
    else this.#logsTimer ??= setTimeout(() => this.refresh(this.#pods), logsInMs + 1);
  }

  #lose(reason: string): void {
    const { settings, tell, askJob } = this.#options;
    const isOne = settings.target.kind === 'pod';
    // Of a pod that was asked for by its name, or a Job's, there may be no next one.
    const holdMs = isOne || askJob !== undefined ? undefined : settings.holdMs;
    if (this.#state === 'serving') tell({ kind: 'pod-lost', pod: this.#pod.name, reason, holdMs });
    this.#state = 'lost';
    if (isOne) this.#awaitReturn();
    else if (askJob !== undefined) this.#returnTimer ??= setTimeout(() => void this.#askJob(askJob), 0);
  }

  #awaitReturn(): void {
    const loss = namedPodLoss(this.#pod, this.#pods);
    if (loss === undefined || this.#returnTimer !== undefined) return;
    const finish = finishOfPod(this.#pod) ?? { kind: 'failed', error: loss.error };
    this.#returnTimer = setTimeout(() => this.#finish(finish), loss.mayReturn ? this.#options.settings.timeoutMs : 0);
  }

  async #askJob(ask: NonNullable<FollowOptions['askJob']>): Promise<void> {
    const pod = this.#pod;
    const finish = await ask(pod);
    if (this.#isStopped || this.#state !== 'lost' || this.#pod.uid !== pod.uid) return;
    if (finish !== undefined) this.#finish(finish);
    else this.#returnTimer = setTimeout(() => void this.#askJob(ask), ASK_JOB_AGAIN_MS);
  }

  #finish(finish: Finish): void {
    void Promise.resolve(this.#options.logs?.drained()).then(() => this.#options.onFinish(finish));
  }

  #move(to: Pod): void {
    const { tunnels, logs, tell, settings } = this.#options;
    this.#clearTimers();
    const from = this.#pod;
    this.#left.add(from.uid);
    this.#pod = to;
    this.#state = 'serving';
    this.#reported = reportedOf(to);
    if (to.name === from.name) tell({ kind: 'pod-restored', pod: to.name });
    else tell({ kind: 'pod-replaced', from: from.name, to: to.name });
    if (logs !== undefined && !settings.allPods && logGoesOn(from, to, this.#pods)) {
      tell({ kind: 'note', message: `the log of pod ${from.name} goes on beside it, until that pod ends` });
    }
    for (const tunnel of tunnels) tunnel.serve(to);
    this.showLogs();
    this.#setAvailabilities();
    this.#hasArrived = false;
    void Promise.all(tunnels.map((tunnel) => tunnel.ready(to))).then(() => {
      if (this.#pod.uid !== to.uid) return;
      this.#hasArrived = true;
      this.#retire();
    });
    this.#reportPorts(from);
    this.#moved.resolve();
    this.#moved = createDeferred();
  }

  /** The local ports stay as they are, but a new revision may have other ports behind them, and further ones. */
  #reportPorts(from: Pod): void {
    const { settings, tunnels, tell } = this.#options;
    if (!settings.tunnels) return;
    const plans = tunnels.map(({ plan, localPort }) => ({ ...plan, localPort }));
    for (const message of portChanges(from, this.#pod, plans, settings.containers)) tell({ kind: 'note', message });
  }
}
