// All apps of a session go through the phases of their start together: none opens a port before all have a pod, and all
// fixed local ports are taken before any random one. They share what there is only once: the limits, the place, the API.
import { createFixPlace } from '../kubectl/current-context.ts';
import { tooOldKubectl } from '../kubectl/kubectl-version.ts';
import { PluginLogin } from '../kubectl/plugin-login.ts';
import type { Tell } from '../output/core/events.ts';
import { askFirst, createPodLister } from '../pods/ask-together.ts';
import { type AwaitedPod, type LocateDeps, locate, SHORTEST_QUERY_MS } from '../pods/await-pod.ts';
import type { Plan, TunnelPlan } from '../pods/core/plan.ts';
import { watchForGaps } from '../processes/heartbeat.ts';
import { createStartLimiter } from '../processes/start-limiter.ts';
import { requireDistinctLocals } from '../request/core/mapping.ts';
import type { AppSettings, Settings } from '../request/core/settings.ts';
import { createTunnelLimits } from '../tunnels/limits.ts';
import type { Tunnel } from '../tunnels/tunnel.ts';
import { UserError } from '../values/errors.ts';
import { awaitEnds } from './common-end.ts';
import { shareOut } from './core/share-out.ts';
import { tellApps } from './core/tell-apps.ts';
import { createEnding, forMany } from './ending.ts';
import { rememberTunnels, withFormerPorts } from './local-ports.ts';
import type { Session, SessionDeps, StartedApp } from './started-session.ts';
import { type Followed, LOGS_AFTER_MS, StartingSession } from './starting-session.ts';

/** kubectl children that may start at the same time: enough to fill the cores, few enough not to starve one another. */
const STARTS_AT_ONCE = 12;
/**
 * The watch of each app starts after the tunnels, or it would share the cores with them (a third of the time until they
 * answer: bench connected); when they take long, the pods are watched meanwhile.
 */
const WATCH_AFTER_MS = 500;
/** Other apps may wait long for their pods; what was found before this is looked for again. */
const FRESH_MS = 3_000;

export interface FoundApp {
  readonly settings: AppSettings;
  readonly starting: StartingSession;
  readonly awaited: AwaitedPod;
  /** By `performance.now()`. */
  readonly foundMs: number;
}

export interface PlannedApp extends FoundApp {
  readonly plan: Plan;
}

export interface FollowedApp extends PlannedApp {
  readonly tunnels: readonly Tunnel[];
  readonly followed: Followed;
}

export class SessionGroup {
  readonly #settings: Settings;
  readonly #deps: SessionDeps;
  readonly #several: boolean;
  readonly #tellOf: (app: string) => Tell;
  readonly #startLimiter = createStartLimiter(STARTS_AT_ONCE);
  readonly #ending = createEnding();
  readonly #signal: AbortSignal;
  readonly #login: PluginLogin;
  #started: readonly StartedApp[] = [];

  constructor(settings: Settings, deps: SessionDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#several = settings.apps.length > 1;
    this.#tellOf = this.#several ? tellApps(deps.tell) : () => deps.tell;
    this.#signal = forMany(AbortSignal.any([deps.signal, this.#ending.signal]));
    this.#login = new PluginLogin({
      signal: this.#signal,
      timeoutMs: Math.max(SHORTEST_QUERY_MS, settings.apps[0].timeoutMs),
      terminal: settings.command === undefined,
      onRefused: (reason) => deps.tell({ kind: 'api-lost', reason }),
      onRestored: () => deps.tell({ kind: 'api-restored' }),
    });
  }

  readonly stop = (): Promise<void> => this.#ending.stop();

  readonly #renew = (): void => {
    for (const app of this.#started) app.renew();
  };

  /**
   * Resolves when each app has a pod that can be used, and its share of -p and -c.
   * @throws {UserError} also when these cannot be shared out
   */
  async find(): Promise<readonly FoundApp[]> {
    const { apps } = this.#settings;
    const signal = this.#signal;
    const timeoutMs = Math.max(SHORTEST_QUERY_MS, apps[0].timeoutMs);
    const fixPlace = createFixPlace({ signal, early: this.#deps.early?.place, login: this.#login });
    const firstOf = askFirst(apps, { early: this.#deps.early?.first, signal, timeoutMs });
    const list = this.#several ? createPodLister() : undefined;
    const found = await Promise.all(
      apps.map((app) => this.#named(app.app, this.#findOne(app, { signal, fixPlace, first: firstOf(app), list }))),
    );
    return this.#share(this.#several ? await this.#findAgain(found) : found);
  }

  async #findOne(settings: AppSettings, deps: LocateDeps): Promise<FoundApp> {
    const located = await locate(settings, deps);
    this.#signal.throwIfAborted();
    const starting = new StartingSession(located, {
      tell: this.#tellOf(settings.app),
      makeSink: settings.logs ? this.#deps.makeSink(settings) : undefined,
      signal: this.#signal,
      startLimiter: this.#startLimiter,
      sharedContainers: this.#settings.shared.containers,
      checksFirst: this.#checksFirst,
      watchAfterMs: WATCH_AFTER_MS * this.#settings.apps.length,
      onHung: this.#renew,
    });
    this.#ending.onStop(() => starting.stop());
    return { settings: located.settings, starting, awaited: await starting.findPod(), foundMs: performance.now() };
  }

  async #findAgain(found: readonly FoundApp[]): Promise<readonly FoundApp[]> {
    const nowMs = performance.now();
    const isFresh = ({ foundMs }: FoundApp) => nowMs - foundMs <= FRESH_MS;
    if (found.every(isFresh)) return found;
    const again = await Promise.all(
      found.map(async (app) => {
        if (isFresh(app)) return app;
        const awaited = await this.#named(app.settings.app, app.starting.findAgain());
        return { ...app, awaited, foundMs: performance.now() };
      }),
    );
    return this.#findAgain(again);
  }

  #share(found: readonly FoundApp[]): readonly FoundApp[] {
    const candidates = found.map(({ settings, awaited: { chosen: pod, servicePorts } }) => {
      return { ...settings, pod, servicePorts };
    });
    const { options, notes } = shareOut(candidates, this.#settings.shared);
    for (const message of notes) this.#deps.tell({ kind: 'note', message });
    return found.map((app, index) => ({ ...app, settings: app.starting.share(options[index] ?? app.settings) }));
  }

  /**
   * Shows the logs of what is over already.
   * @throws {UserError} when more than that was wanted
   */
  showEnds(found: readonly FoundApp[]): readonly StartedApp[] {
    return found.flatMap(({ settings: { app }, starting, awaited }) => {
      const { finish } = awaited;
      return finish === undefined ? [] : this.#withName(app, () => starting.showEnd(awaited, finish));
    });
  }

  /** @throws {UserError} when there is nothing to connect to for COMMAND or the shell */
  plan(found: readonly FoundApp[]): readonly PlannedApp[] {
    const planned = found.map((app) => {
      const { settings, starting, awaited } = app;
      return { ...app, plan: this.#withName(settings.app, () => starting.plan(awaited)) };
    });
    const tunnels = planned.flatMap(({ plan }) => plan.tunnels);
    requireDistinctLocals(tunnels.map(({ localPort: local }) => ({ local })));
    if (planned.length > 0 && tunnels.length === 0 && this.#checksFirst) {
      throw new UserError('there is no port to connect to', { hint: 'name one with -p LOCAL:REMOTE' });
    }
    return planned;
  }

  /** Takes all local ports, then lets the kubectls start. */
  async openTunnels(planned: readonly PlannedApp[]): Promise<readonly FollowedApp[]> {
    const tunnelCount = planned.reduce((sum, { plan }) => sum + plan.tunnels.length, 0);
    const podCount = ({ settings, awaited }: PlannedApp) => (settings.allPods ? awaited.pods.length : 1);
    const logCount = planned.reduce((sum, app) => sum + app.plan.logs.length * podCount(app), 0);
    const limits = createTunnelLimits(tunnelCount, logCount);
    const tunnels = new Map<TunnelPlan, Tunnel>();
    // A random port must not be the one that another tunnel is to have.
    for (const isRandom of [false, true]) {
      for (const { settings, starting, awaited, plan } of planned) {
        const plans = plan.tunnels.filter(({ localPort }) => (localPort === 0) === isRandom);
        const opening = starting.openTunnels(withFormerPorts(plans, settings), awaited.chosen.name, limits);
        for (const tunnel of await this.#named(settings.app, opening)) tunnels.set(tunnel.plan, tunnel);
      }
    }
    return planned.map((app) => {
      const own = app.plan.tunnels.flatMap((plan) => tunnels.get(plan) ?? []);
      return { ...app, tunnels: own, followed: app.starting.follow(app.awaited, own) };
    });
  }

  /** All tunnels of all apps work, and kubectl is new enough if that cannot wait. */
  async untilReady(apps: readonly FollowedApp[]): Promise<void> {
    const checked = this.#checksFirst ? this.#checkKubectl(this.#settings.apps[0].timeoutMs) : undefined;
    const ready = apps.map(({ settings: { app }, starting, followed, tunnels }) =>
      this.#named(app, starting.untilReady(followed, tunnels)),
    );
    await Promise.all(ready);
    const failed = Promise.all(apps.map(({ settings: { app }, starting }) => this.#named(app, starting.failed)));
    const [problem] = await Promise.race([failed, Promise.all([checked])]);
    if (problem !== undefined) throw problem;
  }

  /** Tells the tunnels and starts what they did not wait for. */
  open(apps: readonly FollowedApp[], over: readonly StartedApp[]): Session {
    const opened = apps.map(({ starting, followed, tunnels }) => starting.open(followed, tunnels));
    for (const { settings, tunnels } of apps) rememberTunnels(settings, tunnels, this.#ending);
    const started = [...opened, ...over];
    const { broken, completed } = awaitEnds(started, { tellOf: this.#tellOf, nameApp: this.#nameApp });
    this.#started = started;
    this.#ending.onStop(watchForGaps(this.#renew));
    const check = () => void this.#checkKubectl().then((found) => found && broken.reject(found));
    if (!this.#checksFirst && opened.length > 0) this.#ending.later(LOGS_AFTER_MS, check);
    return {
      apps: started,
      broken: broken.promise,
      completed: completed.promise,
      lendTerminal: (lend) => this.#login.lendTerminal(lend),
      stop: this.stop,
    };
  }

  /** A failure says whose it was. */
  #named<T>(app: string, part: Promise<T>): Promise<T> {
    return part.catch((error: unknown) => {
      throw this.#naming(app, error);
    });
  }

  #withName<T>(app: string, part: () => T): T {
    try {
      return part();
    } catch (error) {
      throw this.#naming(app, error);
    }
  }

  #naming(app: string, error: unknown): unknown {
    if (!this.#several || !(error instanceof UserError)) return error;
    const { message, hint, exitCode } = error;
    return new UserError(this.#nameApp(app, message), { hint, exitCode });
  }

  readonly #nameApp = (app: string, message: string): string => (this.#several ? `${app}: ${message}` : message);

  /** A command cannot be undone, and a shell keeps what it was told; on the screen another line can follow. */
  get #checksFirst(): boolean {
    return this.#settings.command !== undefined || this.#settings.export;
  }

  #checkKubectl(timeoutMs?: number): Promise<UserError | undefined> {
    return tooOldKubectl(this.#settings.apps[0].kubectl, this.#signal, timeoutMs);
  }
}
