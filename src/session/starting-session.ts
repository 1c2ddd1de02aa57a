// The phases of a session's start, each of which returns what the next one needs.

import { tooOldKubectl } from '../kubectl/kubectl-version.ts';
import { createLogs, type Logs } from '../logs/logs.ts';
import { type OpenTunnel, type Tell, unwatchable } from '../output/core/events.ts';
import { type AwaitedPod, awaitPod, type Located } from '../pods/await-pod.ts';
import type { Finish } from '../pods/core/finish.ts';
import { endpointIn, type Plan, planSession, type TunnelPlan } from '../pods/core/plan.ts';
import type { Pod } from '../pods/core/pod.ts';
import { stillExists } from '../pods/find-pods.ts';
import { askJobFinish } from '../pods/job-finish.ts';
import { type PodWatch, watchPods } from '../pods/watch-pods.ts';
import { watchForGaps } from '../processes/heartbeat.ts';
import { createStartLimiter } from '../processes/start-limiter.ts';
import type { AppSettings } from '../request/core/settings.ts';
import { createTunnelLimits } from '../tunnels/limits.ts';
import { SHORTEST_LISTEN_MS } from '../tunnels/port-forward.ts';
import { openTunnel, type Tunnel, type TunnelEvent } from '../tunnels/tunnel.ts';
import { createDeferred } from '../values/deferred.ts';
import { UserError } from '../values/errors.ts';
import { cannotForward, neverListened } from './core/forward-failure.ts';
import { aborted, createEnding } from './ending.ts';
import { PodFollower } from './follow-pod.ts';
import type { Session, SessionDeps } from './session.ts';
import { showEnd } from './show-end.ts';

/** kubectl children that may start at the same time: enough to fill the cores, few enough not to starve one another. */
const STARTS_AT_ONCE = 12;
/**
 * What the tunnels do not wait for starts after them, or they would share the cores with it (a third of the time until
 * they answer: bench connected); when they take long, the pod is watched meanwhile.
 */
const WATCH_AFTER_MS = 500;
const LOGS_AFTER_MS = 30;
/** What serves nobody need not be known longer than kubelets take to end a pod's connections. */
const EXISTS_MS = 5_000;
/** Children get 0.4 s to end by themselves, then they are killed. */
const STOP_DEADLINE_MS = 900;

interface Followed {
  readonly follower: PodFollower;
  /** May be called again, then to no effect. */
  readonly startWatch: () => void;
}

/** The phases of a start, in their order, and what they share. */
export class StartingSession {
  readonly #located: Located;
  readonly #settings: AppSettings;
  readonly #deps: SessionDeps;
  readonly #ending = createEnding(STOP_DEADLINE_MS);
  readonly #broken = createDeferred<never>();
  readonly #completed = createDeferred<string>();
  readonly #startLimiter = createStartLimiter(STARTS_AT_ONCE);
  readonly #logs: Logs | undefined;
  #phase: 'starting' | 'listening' | 'open' = 'starting';
  #apiLost = false;
  #follower: PodFollower | undefined;
  #watch: PodWatch | undefined;

  constructor(located: Located, deps: SessionDeps) {
    const { settings } = located;
    const { tell, makeSink } = deps;
    this.#located = located;
    this.#settings = settings;
    this.#deps = deps;
    this.#broken.promise.catch(() => {});
    const logs = makeSink && createLogs(settings, { makeSink, tell, signal: this.#ending.signal });
    this.#ending.onStop(() => logs?.stop());
    this.#logs = logs;
  }

  stop(): Promise<void> {
    return this.#ending.stop();
  }

  findPod(): Promise<AwaitedPod> {
    const { tell, signal } = this.#deps;
    return awaitPod(this.#located, {
      tell,
      signal,
      onPods: (candidate, pods) => {
        this.#logs?.follow(candidate);
        this.#logs?.update(pods);
      },
    });
  }

  /** @throws {UserError} when more than the log was wanted */
  showEnd(awaited: AwaitedPod, finish: Finish): Session {
    const shown = showEnd(awaited, finish, { ...this.#deps, place: this.#settings.kubectl, logs: this.#logs });
    void shown.then(() => this.#finish(finish));
    return this.#session([], () => awaited.chosen);
  }

  #finish(finish: Finish): void {
    if (finish.kind === 'failed') this.#broken.reject(finish.error);
    else this.#completed.resolve(finish.message);
  }

  planTunnels({ chosen, others, servicePorts }: AwaitedPod): Plan {
    const plan = planSession(chosen, { ...this.#settings, servicePorts });
    const { context, namespace } = this.#settings.kubectl;
    const containers = chosen.containers.map(({ name }) => name);
    this.#deps.tell({ kind: 'pod-selected', pod: chosen.name, others, containers, context, namespace });
    for (const message of plan.notes) this.#deps.tell({ kind: 'note', message });
    if (plan.tunnels.length === 0 && this.#deps.checksFirst) {
      throw new UserError('there is no port to connect to', { hint: 'name one with -p LOCAL:REMOTE' });
    }
    return plan;
  }

  /** Takes all local ports; resolves with the tunnels in the plan's order. */
  async openTunnels(plan: Plan, pod: string): Promise<readonly Tunnel[]> {
    const { addresses, kubectl, holdMs, containers } = this.#settings;
    const limits = createTunnelLimits(plan.tunnels.length, plan.logs.length);
    const tunnels: Tunnel[] = [];
    // A random port must not be the one that another tunnel is to have.
    const fixedFirst = plan.tunnels.toSorted((a, b) => Number(a.localPort === 0) - Number(b.localPort === 0));
    for (const tunnelPlan of fixedFirst) {
      const tunnel = await openTunnel({
        plan: tunnelPlan,
        endpointIn: (of) => endpointIn(of, tunnelPlan, containers),
        addresses,
        kubectl,
        holdMs,
        limits,
        startLimiter: this.#startLimiter,
        watch: () => this.#watch,
        tell: (event) => this.#takeTunnelEvent(event, tunnelPlan, pod),
      });
      this.#ending.onStop(() => tunnel.close());
      tunnels.push(tunnel);
    }
    return tunnels.sort((a, b) => plan.tunnels.indexOf(a.plan) - plan.tunnels.indexOf(b.plan));
  }

  follow({ chosen, pods, query, job }: AwaitedPod, tunnels: readonly Tunnel[]): Followed {
    const { tell } = this.#deps;
    for (const tunnel of tunnels) tunnel.serve(chosen);
    const asking = { timeoutMs: EXISTS_MS, signal: this.#ending.signal };
    const follower = new PodFollower({
      first: chosen,
      initial: pods,
      settings: this.#settings,
      tunnels,
      logs: this.#logs,
      tell,
      stillExists: (pod) => stillExists(this.#settings.kubectl, pod, asking).catch(() => undefined),
      askJob: job === undefined ? undefined : (pod) => askJobFinish(this.#settings.kubectl, job, pod, asking.signal),
      onFinish: (finish) => this.#finish(finish),
    });
    this.#follower = follower;
    this.#ending.onStop(() => follower.stop());
    const startWatch = () => {
      if (this.#watch !== undefined) return;
      const watch = watchPods({
        kubectl: this.#settings.kubectl,
        query,
        initial: pods,
        signal: this.#ending.signal,
        onChange: (now) => follower.refresh(now),
        onLost: (reason) => this.#setApiLost(true, { kind: 'api-lost', reason }),
        onForbidden: (reason) => tell(unwatchable(reason)),
        onRestored: () => {
          this.#setApiLost(false, { kind: 'api-restored' });
          for (const tunnel of tunnels) tunnel.retryNow();
        },
      });
      this.#watch = watch;
      this.#ending.onStop(() => watch.stop());
    };
    this.#ending.later(WATCH_AFTER_MS, startWatch);
    return { follower, startWatch };
  }

  /** All tunnels work, on whichever pod is followed by then, and kubectl is new enough if that cannot wait. */
  async untilReady(follower: PodFollower, tunnels: readonly Tunnel[]): Promise<void> {
    const { kubectl, timeoutMs } = this.#settings;
    const withinMs = Math.max(timeoutMs - (performance.now() - this.#located.startMs), SHORTEST_LISTEN_MS);
    this.#ending.later(withinMs, () => {
      const ports = tunnels.map(({ plan }) => plan.remotePort);
      if (this.#phase === 'starting') this.#broken.reject(neverListened(withinMs, follower.pod.name, ports));
    });
    const checked = this.#deps.checksFirst ? tooOldKubectl(kubectl, this.#ending.signal, timeoutMs) : undefined;
    const failed = Promise.race([this.#broken.promise, aborted(this.#deps.signal)]);
    for (let ready = false; !ready; ) {
      const all = Promise.all(tunnels.map((tunnel) => tunnel.ready(follower.pod))).then(() => true);
      ready = await Promise.race([all, follower.moved.then(() => false), failed]);
    }
    this.#phase = 'listening';
    const problem = await Promise.race([failed, checked]);
    if (problem !== undefined) throw problem;
  }

  /** Tells the tunnels and starts what they did not wait for. */
  open({ follower, startWatch }: Followed, tunnels: readonly Tunnel[]): Session {
    const { addresses, kubectl } = this.#settings;
    this.#phase = 'open';
    const shown = tunnels.map(({ plan: { container, remotePort, portName }, localPort }): OpenTunnel => {
      return { container, remotePort, portName, addresses, localPort, pod: follower.pod.name };
    });
    for (const tunnel of shown) this.#deps.tell({ kind: 'tunnel-opened', tunnel });
    this.#ending.onStop(
      watchForGaps(() => {
        for (const tunnel of tunnels) tunnel.renew();
        this.#watch?.renew();
        this.#logs?.readAnew();
      }),
    );
    this.#ending.later(tunnels.length === 0 ? 0 : LOGS_AFTER_MS, () => {
      startWatch();
      this.#logs?.follow(follower.pod);
      if (this.#deps.checksFirst) return;
      void tooOldKubectl(kubectl, this.#ending.signal).then((found) => found && this.#broken.reject(found));
    });
    return this.#session(shown, () => follower.pod);
  }

  #session(tunnels: readonly OpenTunnel[], pod: () => Pod): Session {
    const { context, namespace } = this.#settings.kubectl;
    return {
      tunnels,
      get pod() {
        return pod().name;
      },
      place: { context, namespace },
      broken: this.#broken.promise,
      completed: this.#completed.promise,
      stop: () => this.stop(),
    };
  }

  #setApiLost(lost: boolean, event: Parameters<Tell>[0]): void {
    this.#apiLost = lost;
    this.#startLimiter.slow(lost);
    this.#deps.tell(event);
  }

  /** False: not worth telling now, when something larger was told. */
  #takeTunnelEvent(event: TunnelEvent, plan: TunnelPlan, pod: string): boolean {
    const { tell } = this.#deps;
    const now = this.#follower && endpointIn(this.#follower.pod, plan, this.#settings.containers);
    const { container, remotePort } = now ?? plan;
    if (event.kind === 'restored') tell({ kind: 'forward-restored', container, remotePort });
    else if (event.kind === 'crowded') tell({ kind: 'crowded', most: event.most });
    else if (this.#phase !== 'open' && event.atStart) this.#broken.reject(cannotForward(event.reason, pod, remotePort));
    else if (this.#apiLost || this.#follower?.lost) return false;
    else tell({ kind: 'forward-failed', container, remotePort, reason: event.reason });
    return true;
  }
}
