// The phases of one app's start, each of which returns what the next one needs.

import { Logs } from '../logs/logs.ts';
import type { OpenTunnel, SessionEvent, TunnelEvent } from '../output/core/events.ts';
import { type AwaitedPod, awaitPod, type Located, locate } from '../pods/await-pod.ts';
import type { Finish } from '../pods/core/finish.ts';
import { endpointIn, type Plan, planSession, type TunnelPlan } from '../pods/core/plan.ts';
import type { Pod } from '../pods/core/pod.ts';
import { stillExists } from '../pods/find-pods.ts';
import { askJobFinish } from '../pods/job-finish.ts';
import { PodWatch } from '../pods/watch-pods.ts';
import type { PodOptions } from '../request/core/part-options.ts';
import type { AppSettings } from '../request/core/settings.ts';
import type { TunnelLimits } from '../tunnels/limits.ts';
import { SHORTEST_LISTEN_MS } from '../tunnels/port-forward.ts';
import { openTunnel, type Tunnel } from '../tunnels/tunnel.ts';
import { createDeferred } from '../values/deferred.ts';
import { neverListened } from './core/forward-failure.ts';
import { likelyContainers } from './core/share-out.ts';
import { tunnelNews } from './core/tunnel-news.ts';
import { aborted, createEnding } from './ending.ts';
import { PodFollower } from './follow-pod.ts';
import type { FormerTunnel } from './local-ports.ts';
import { showEnd } from './show-end.ts';
import type { StartDeps, StartedApp } from './started-session.ts';

/** What the tunnels do not wait for starts after them, or it would share the cores with them (bench connected). */
export const LOGS_AFTER_MS = 30;
/** What serves nobody need not be known longer than kubelets take to end a pod's connections. */
const EXISTS_MS = 5_000;

export type Followed = ReturnType<StartingSession['follow']>;

/** The phases of a start, in their order, and what they share. */
export class StartingSession {
  #located: Located;
  #settings: AppSettings;
  readonly #deps: StartDeps;
  readonly #ending = createEnding();
  readonly #broken = createDeferred<never>();
  readonly #completed = createDeferred<string>();
  #logs: Logs | undefined;
  #phase: 'starting' | 'listening' | 'open' = 'starting';
  #apiLost = false;
  #follower: PodFollower | undefined;
  #watch: PodWatch | undefined;

  constructor(located: Located, deps: StartDeps) {
    this.#located = located;
    this.#settings = located.settings;
    this.#deps = deps;
    this.#broken.promise.catch(() => {});
  }

  /** Rejects when it cannot come up any more. */
  get failed(): Promise<never> {
    return Promise.race([this.#broken.promise, aborted(this.#deps.signal)]);
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
        const { containers, allPods } = this.#settings;
        this.#openLogs(likelyContainers(candidate, containers, this.#deps.sharedContainers));
        this.#logs?.followAll(allPods ? pods : [candidate]);
        this.#logs?.update(pods);
      },
    });
  }

  /** @throws {UserError} when more than the log was wanted */
  showEnd(awaited: AwaitedPod, finish: Finish): StartedApp {
    const plan = () => void this.plan(awaited);
    const deps = { ...this.#deps, allPods: this.#settings.allPods, logs: this.#logs, plan };
    void showEnd(awaited, finish, deps).then(() => this.#finish(finish));
    return { ...this.#started([], [], () => awaited.chosen), isOver: true };
  }

  #finish(finish: Finish): void {
    if (finish.kind === 'failed') this.#broken.reject(finish.error);
    else this.#completed.resolve(finish.message);
  }

  /** The pod that was found may be gone meanwhile. */
  async findAgain(): Promise<AwaitedPod> {
    const { signal } = this.#deps;
    const { startMs } = this.#located;
    this.#located = { ...(await locate(this.#settings, { signal, fixPlace: async (kubectl) => kubectl })), startMs };
    return this.findPod();
  }

  #openLogs(containers: readonly string[]): void {
    const { makeSink, tell } = this.#deps;
    if (makeSink === undefined || this.#logs !== undefined) return;
    const deps = { initial: this.#located.found.pods, makeSink, tell, signal: this.#ending.signal };
    this.#logs = new Logs({ ...this.#settings, containers }, deps);
    this.#ending.onStop(() => this.#logs?.stop());
  }

  /** @param options as they are shared out among several apps */
  share(options: PodOptions): AppSettings {
    this.#settings = { ...this.#settings, ...options };
    this.#openLogs(options.containers);
    return this.#settings;
  }

  plan({ chosen, others, servicePorts }: AwaitedPod): Plan {
    const plan = planSession(chosen, { ...this.#settings, servicePorts });
    const { context, namespace } = this.#settings.kubectl;
    const { name: pod, containers } = chosen;
    this.#deps.tell({ kind: 'pod-selected', pod, others, containers, context, namespace });
    for (const message of plan.notes) this.#deps.tell({ kind: 'note', message });
    return plan;
  }

  /** Takes the local ports. */
  async openTunnels(plans: readonly FormerTunnel[], pod: string, limits: TunnelLimits): Promise<readonly Tunnel[]> {
    const { addresses, kubectl, holdMs, containers } = this.#settings;
    const tunnels: Tunnel[] = [];
    for (const { plan, preferred } of plans) {
      const tunnel = await openTunnel({
        plan,
        endpointIn: (of) => endpointIn(of, plan, containers),
        addresses,
        preferred,
        kubectl,
        holdMs,
        limits,
        starting: () => this.#deps.startLimiter.enter(kubectl.login?.pass()),
        watch: () => this.#watch,
        tell: (event) => this.#takeTunnelEvent(event, plan, pod),
      });
      this.#ending.onStop(() => tunnel.close());
      tunnels.push(tunnel);
    }
    return tunnels;
  }

  follow({ chosen, job, query, pods }: AwaitedPod, tunnels: readonly Tunnel[]) {
    const { kubectl } = this.#settings;
    const { signal } = this.#ending;
    const { tell } = this.#deps;
    for (const tunnel of tunnels) tunnel.serve(chosen);
    const follower = new PodFollower({
      first: chosen,
      settings: this.#settings,
      tunnels,
      logs: this.#logs,
      tell,
      stillExists: (pod) => stillExists(kubectl, pod, { timeoutMs: EXISTS_MS, signal }).catch(() => undefined),
      askJob: job === undefined ? undefined : (pod) => askJobFinish(kubectl, job, pod, signal),
      onFinish: (finish) => this.#finish(finish),
    });
    this.#follower = follower;
    this.#ending.onStop(() => follower.stop());
    /** May be called again, then to no effect. */
    const startWatch = () => {
      if (this.#watch !== undefined) return;
      const onChange = (now: readonly Pod[]) => follower.refresh(now);
      const hear = (event: SessionEvent) => this.#hearOfApi(event, tunnels);
      const watch = new PodWatch({ kubectl, query, initial: pods, onChange, tell: hear, signal });
      this.#watch = watch;
      this.#ending.onStop(() => watch.stop());
    };
    this.#ending.later(this.#deps.watchAfterMs, startWatch);
    return { follower, startWatch };
  }

  /** All tunnels work, on whichever pod is followed by then. */
  async untilReady({ follower }: Followed, tunnels: readonly Tunnel[]): Promise<void> {
    const { timeoutMs } = this.#settings;
    const withinMs = Math.max(timeoutMs - (performance.now() - this.#located.startMs), SHORTEST_LISTEN_MS);
    this.#ending.later(withinMs, () => {
      const ports = tunnels.map(({ plan }) => plan.remotePort);
      if (this.#phase === 'starting') this.#broken.reject(neverListened(withinMs, follower.pod.name, ports));
    });
    for (let ready = false; !ready; ) {
      const all = Promise.all(tunnels.map((tunnel) => tunnel.ready(follower.pod))).then(() => true);
      ready = await Promise.race([all, follower.moved.then(() => false), this.failed]);
    }
    this.#phase = 'listening';
  }

  /** Tells the tunnels and starts what they did not wait for. */
  open({ follower, startWatch }: Followed, tunnels: readonly Tunnel[]): StartedApp {
    const { app, addresses } = this.#settings;
    this.#phase = 'open';
    const shown = tunnels.map(({ plan: { container, remotePort, portName }, localPort }): OpenTunnel => {
      return { app, container, remotePort, portName, addresses, localPort, pod: follower.pod.name };
    });
    for (const tunnel of shown) this.#deps.tell({ kind: 'tunnel-opened', tunnel });
    this.#ending.later(tunnels.length === 0 ? 0 : LOGS_AFTER_MS, () => {
      startWatch();
      follower.showLogs();
    });
    return this.#started(shown, tunnels, () => follower.pod);
  }

  #started(shown: readonly OpenTunnel[], tunnels: readonly Tunnel[], pod: () => Pod): StartedApp {
    const { context, namespace } = this.#settings.kubectl;
    const ending = this.#ending.signal;
    return {
      app: this.#settings.app,
      get tunnels() {
        return ending.aborted ? [] : shown;
      },
      get pod() {
        return pod().name;
      },
      place: { context, namespace },
      isOver: false,
      broken: this.#broken.promise,
      completed: this.#completed.promise,
      renew: () => {
        for (const tunnel of tunnels) tunnel.renew();
        this.#watch?.renew();
        this.#logs?.readAnew();
      },
      stop: () => this.stop(),
    };
  }

  #hearOfApi(event: SessionEvent, tunnels: readonly Tunnel[]): void {
    if (event.kind === 'api-lost' || event.kind === 'api-restored') {
      this.#apiLost = event.kind === 'api-lost';
      this.#deps.startLimiter.slow(this.#apiLost);
    }
    this.#deps.tell(event);
    if (event.kind === 'api-restored') for (const tunnel of tunnels) tunnel.retryNow();
  }

  /** False: not worth telling now, when something larger was told. */
  #takeTunnelEvent(event: TunnelEvent, plan: TunnelPlan, pod: string): boolean {
    const { holdMs, containers } = this.#settings;
    const endpoint = (this.#follower && endpointIn(this.#follower.pod, plan, containers)) ?? plan;
    const apiLost = this.#apiLost;
    const podLost = this.#follower?.lost === true;
    const news = tunnelNews(event, endpoint, { pod, isOpen: this.#phase === 'open', apiLost, podLost, holdMs });
    if (news.kind === 'broken') this.#broken.reject(news.error);
    else if (news.kind === 'event') this.#deps.tell(news.event);
    return news.kind !== 'untold';
  }
}
