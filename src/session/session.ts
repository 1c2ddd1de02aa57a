// One connection from start to end: finds the pod, opens its tunnels and logs, keeps them on it, gives everything back.

import { queryError } from '../kubectl/core/kubectl-errors.ts';
import { tooOldKubectl } from '../kubectl/kubectl-version.ts';
import { createLogs, type MakeSink } from '../logs/logs.ts';
import { type OpenTunnel, type Tell, unwatchable } from '../output/core/events.ts';
import { type AwaitedPod, awaitPod } from '../pods/await-pod.ts';
import { type Plan, planConnection } from '../pods/core/plan.ts';
import { type PodWatch, watchPods } from '../pods/watch-pods.ts';
import type { EarlyChild } from '../processes/early-child.ts';
import { createStartLimiter } from '../processes/start-limiter.ts';
import type { Settings } from '../request/core/settings.ts';
import { createTunnelLimits } from '../tunnels/limits.ts';
import { warmUpListeners } from '../tunnels/listener.ts';
import { SHORTEST_LISTEN_MS } from '../tunnels/port-forward.ts';
import { openTunnel, type Tunnel } from '../tunnels/tunnel.ts';
import { UserError } from '../values/errors.ts';
import { followPod, type PodFollower } from './follow-pod.ts';
import { createScope } from './scope.ts';

export interface SessionDeps {
  /** The answer to `firstQuestionArgs`, if that was asked already. */
  readonly first?: EarlyChild | undefined;
  readonly tell: Tell;
  /** Where log lines go; undefined when no logs are wanted. */
  readonly makeSink: MakeSink | undefined;
  readonly signal: AbortSignal;
}

export interface Session {
  readonly tunnels: readonly OpenTunnel[];
  /** Name of the pod that is followed now. */
  readonly pod: string;
  /** Rejects with a UserError when what was connected is gone for good; otherwise stays pending. */
  readonly broken: Promise<never>;
  stop(): Promise<void>;
}

/** kubectl children that may start at the same time: enough to fill the cores, few enough not to starve one another. */
const STARTS_AT_ONCE = 12;
/**
 * What the tunnels do not wait for starts after them, or they would share the cores with it (a third of the time until
 * they answer: bench connected); when they take long, the pod is watched meanwhile.
 */
const WATCH_AFTER_MS = 500;
const LOGS_AFTER_MS = 30;
/** Children get 0.4 s to end by themselves, then they are killed. */
const STOP_DEADLINE_MS = 900;

/** Finds the pod and says what a connection would consist of, without opening anything. */
export async function previewSession(settings: Settings, deps: SessionDeps): Promise<{ pod: AwaitedPod; plan: Plan }> {
  const pod = await awaitPod(settings, { ...deps, onPods: () => {} });
  const problem = await tooOldKubectl(settings.kubectl, deps.signal);
  deps.signal.throwIfAborted();
  if (problem !== undefined) throw problem;
  return { pod, plan: planConnection(pod.chosen, settings) };
}

/**
 * Resolves once all tunnels work, having told each of them.
 * @throws {UserError} when the target, a port or a forward cannot be had; then nothing is left running
 */
export async function startSession(settings: Settings, deps: SessionDeps): Promise<Session> {
  const { kubectl } = settings;
  const { tell, signal } = deps;
  const startMs = performance.now();
  const scope = createScope({ deadlineMs: STOP_DEADLINE_MS });
  const stop = async () => void (await scope.close());
  let breakOff: (error: UserError) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    breakOff = reject;
  });
  broken.catch(() => {});
  const logs = deps.makeSink && createLogs(settings, { makeSink: deps.makeSink, tell, signal: scope.signal });
  const startLimiter = createStartLimiter(STARTS_AT_ONCE);
  const tunnels: Tunnel[] = [];
  let follower: PodFollower | undefined;
  let watch: PodWatch | undefined;
  let apiLost = false;
  let listening = false;
  let opened = false;
  // Children are independent of one another: all end at the same time.
  scope.defer('children', async () => {
    follower?.stop();
    await Promise.all([watch?.stop(), logs?.stop(), ...tunnels.map((tunnel) => tunnel.close())]);
  });

  function later(ms: number, start: () => void): void {
    const timer = setTimeout(start, ms);
    scope.signal.addEventListener('abort', () => clearTimeout(timer));
  }

  async function open(plan: Plan, pod: string): Promise<void> {
    // A random port must not be the one that another tunnel is to have.
    const limits = createTunnelLimits(plan.tunnels.length);
    const wantedFirst = plan.tunnels.toSorted((a, b) => Number(a.localPort === 0) - Number(b.localPort === 0));
    for (const tunnelPlan of wantedFirst) {
      const { container, remotePort } = tunnelPlan;
      const tunnel = await openTunnel({
        plan: tunnelPlan,
        addresses: settings.addresses,
        kubectl,
        holdMs: settings.holdMs,
        startLimiter,
        limits,
        watch: () => watch,
        tell(event) {
          if (event.kind === 'restored') tell({ kind: 'forward-restored', container, remotePort });
          else if (event.kind === 'crowded') tell({ kind: 'crowded', most: event.most });
          else if (!opened && event.atStart) breakOff(cannotForward(event.reason, pod, tunnels));
          else if (apiLost || follower?.lost) return false;
          else tell({ kind: 'forward-failed', container, remotePort, reason: event.reason });
          return true;
        },
      });
      tunnels.push(tunnel);
    }
    tunnels.sort((a, b) => plan.tunnels.indexOf(a.plan) - plan.tunnels.indexOf(b.plan));
  }

  /** All tunnels work, on whichever pod is followed by then. */
  async function ready(followed: PodFollower): Promise<void> {
    for (;;) {
      const all = Promise.all(tunnels.map((tunnel) => tunnel.ready(followed.pod))).then(() => true);
      const moved = followed.moved.then(() => false);
      if (await Promise.race([all, moved, broken, aborted(signal)])) return;
    }
  }

  // While kubectl answers there is nothing else to do.
  setImmediate(warmUpListeners);
  try {
    const { chosen, others, pods, query } = await awaitPod(settings, {
      tell,
      first: deps.first,
      signal,
      onPods(candidate, all) {
        logs?.follow(candidate);
        logs?.update(all);
      },
    });
    const plan = planConnection(chosen, settings);
    for (const message of plan.notes) tell({ kind: 'note', message });
    tell({ kind: 'pod-selected', pod: chosen.name, others });
    await open(plan, chosen.name);
    for (const tunnel of tunnels) tunnel.serve(chosen);
    const following = followPod({ first: chosen, settings, tunnels, logs, tell, onGoneForGood: breakOff });
    follower = following;
    const startWatch = () => {
      watch ??= watchPods({
        kubectl,
        query,
        initial: pods,
        signal: scope.signal,
        onChange: (now) => following.refresh(now),
        onLost(reason) {
          apiLost = true;
          startLimiter.slow(true);
          tell({ kind: 'api-lost', reason });
        },
        onForbidden: (reason) => tell(unwatchable(reason)),
        onRestored() {
          apiLost = false;
          startLimiter.slow(false);
          tell({ kind: 'api-restored' });
          for (const tunnel of tunnels) tunnel.retryNow();
        },
      });
    };
    later(WATCH_AFTER_MS, startWatch);
    const withinMs = Math.max(settings.timeoutMs - (performance.now() - startMs), SHORTEST_LISTEN_MS);
    later(withinMs, () => {
      if (!listening) breakOff(neverListened(following.pod.name, withinMs, tunnels));
    });
    // What a command has done, or a shell was told, cannot be taken back; lines on the screen can be put right later.
    const checksFirst = settings.command !== undefined || settings.export;
    const checked = checksFirst ? tooOldKubectl(kubectl, scope.signal, settings.timeoutMs) : undefined;
    await ready(following);
    listening = true;
    const problem = await Promise.race([broken, aborted(signal), checked]);
    if (problem !== undefined) throw problem;
    opened = true;
    const shown = tunnels.map(({ plan: { container, remotePort, portName }, localPort }): OpenTunnel => {
      return { container, remotePort, portName, addresses: settings.addresses, localPort, pod: following.pod.name };
    });
    for (const tunnel of shown) tell({ kind: 'tunnel-opened', tunnel });
    later(tunnels.length === 0 ? 0 : LOGS_AFTER_MS, () => {
      startWatch();
      logs?.follow(following.pod);
      if (!checksFirst) void tooOldKubectl(kubectl, scope.signal).then((found) => found && breakOff(found));
    });
    return {
      tunnels: shown,
      get pod() {
        return following.pod.name;
      },
      broken,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function neverListened(pod: string, withinMs: number, tunnels: readonly Tunnel[]): UserError {
  const message = `kubectl port-forward did not start to listen within ${Math.round(withinMs / 1000)} s`;
  return new UserError(message, { hint: forwardHint(pod, tunnels) });
}

/** `reason`: kubectl's own words, if any. */
function cannotForward(reason: string, pod: string, tunnels: readonly Tunnel[]): UserError {
  if (reason !== '') return queryError(reason);
  return new UserError('kubectl port-forward ended without listening and said nothing', {
    hint: forwardHint(pod, tunnels),
  });
}

function forwardHint(pod: string, tunnels: readonly Tunnel[]): string {
  const ports = tunnels.map(({ plan }) => `:${plan.remotePort}`).join(' ');
  return `see what it does with: kubectl port-forward pod/${pod} ${ports}`;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
