// One local port for the program's whole life: clients' connections wait here until a forward can take them, and go to
// the newest pod's forward as soon as that works.
import type { Socket } from 'node:net';
import type { TunnelPlan } from '../pods/core/plan.ts';
import type { Verdict } from './attempts.ts';
import { createSplice, type Splice } from './client.ts';
import { openListener } from './listener.ts';
import { type Availability, type Backend, type BackendOptions, createBackend, type PodRef } from './pod-forward.ts';
import type { Forward } from './port-forward.ts';

export type TunnelEvent =
  /** `atStart`: kubectl port-forward itself does not come up; otherwise connections through it are refused. */
  { readonly kind: 'failed'; readonly reason: string; readonly atStart: boolean } | { readonly kind: 'restored' };

export interface Tunnel {
  readonly plan: TunnelPlan;
  readonly localPort: number;
  /** Resolves when a forward to this pod listens. */
  ready(pod: PodRef): Promise<void>;
  /** Starts a forward to the pod; new connections still go where they went. */
  prepare(pod: PodRef): void;
  /** From now on new connections go to this pod, as soon as its forward works. */
  serve(pod: PodRef): void;
  /** `container`: the id of the one that runs, if one does. */
  setAvailability(uid: string, availability: Availability, container: string | undefined): void;
  /** Something has changed for the better: what waits is tried again at once. */
  retryNow(): void;
  /** No more connections to other pods than these; a forward ends with its last open one, or after `graceMs`. */
  retireAllBut(uids: ReadonlySet<string>, graceMs: number): void;
  close(): Promise<void>;
}

interface Client {
  readonly splice: Splice;
  readonly sinceMs: number;
  timers: NodeJS.Timeout[];
}

/** Refusals in a row after which it is worth telling. */
const TELL_AFTER = 3;
/**
 * How long connections wait for the forward to a new pod although the pod before it still serves: it is about to end,
 * and kubelet ends some processes within 0.1 s. A forward takes 0.1 to 0.3 s to listen.
 */
const HANDOVER_MS = 400;

export interface TunnelOptions extends Pick<BackendOptions, 'kubectl' | 'startLimiter' | 'watch'> {
  readonly plan: TunnelPlan;
  readonly addresses: readonly string[];
  /** How long a connection may wait to be served; 0 refuses it at once. */
  readonly holdMs: number;
  /** False: not worth telling now, when something larger was told. A failure is told again then while it lasts. */
  readonly tell: (event: TunnelEvent) => boolean;
}

/** @throws {UserError} when the local port cannot be had */
export async function openTunnel(options: TunnelOptions): Promise<Tunnel> {
  const { plan, holdMs } = options;
  const backends = new Map<string, Backend>();
  const retiring = new Set<Backend>();
  const sockets = new Set<Socket>();
  const waiting: Client[] = [];
  let target: string | undefined;
  let handedOverMs = Number.NEGATIVE_INFINITY;
  let told = false;
  let closed = false;
  let retryTimer: NodeJS.Timeout | undefined;

  function backendOf(pod: PodRef): Backend {
    const known = backends.get(pod.uid);
    if (known !== undefined) return known;
    const backend = createBackend({
      ...options,
      pod,
      remotePort: plan.remotePort,
      onChange: dispatch,
      onFailing: (reason) => {
        if (pod.uid === target) fail(reason, true);
      },
    });
    backends.set(pod.uid, backend);
    return backend;
  }

  function retire(backend: Backend, graceMs?: number): void {
    retiring.add(backend);
    void backend.retire(graceMs).then(() => retiring.delete(backend));
  }

  function fail(reason: string, atStart: boolean): void {
    told ||= !closed && options.tell({ kind: 'failed', reason, atStart });
  }

  function restore(): void {
    if (!told) return;
    told = false;
    options.tell({ kind: 'restored' });
  }

  /** Where a connection that has waited for `waitedMs` may go now: the target first, then the pod before it. */
  function pick(waitedMs: number): Backend | undefined {
    const aim = target === undefined ? undefined : backends.get(target);
    if (aim?.availability === 'open') {
      if (aim.forward !== undefined) return aim;
      if (holdMs > 0 && performance.now() - handedOverMs < HANDOVER_MS) return undefined;
    }
    const usable = [...backends.values()].reverse().filter(({ forward }) => forward !== undefined);
    const open = usable.find(({ availability }) => availability === 'open');
    if (open !== undefined || waitedMs < holdMs / 2) return open;
    return usable.find(({ availability }) => availability === 'terminating');
  }

  function dispatch(): void {
    for (;;) {
      const client = waiting[0];
      if (client === undefined || closed) return;
      const nowMs = performance.now();
      const backend = pick(nowMs - client.sinceMs);
      if (backend?.forward === undefined) return;
      const nextMs = backend.nextMs(nowMs);
      if (nextMs > nowMs) {
        clearTimeout(retryTimer);
        if (nextMs !== Number.POSITIVE_INFINITY) retryTimer = setTimeout(dispatch, Math.ceil(nextMs - nowMs));
        return;
      }
      waiting.shift();
      void join(client, backend, backend.forward);
    }
  }

  async function join(client: Client, backend: Backend, forward: Forward): Promise<void> {
    for (const timer of client.timers) clearTimeout(timer);
    const attempt = forward.beginAttempt();
    if (attempt === undefined) {
      hold(client);
      return;
    }
    const entry = backend.enter(forward, () => client.splice.abandon());
    const end = await client.splice.attempt(attempt.port, () => {
      attempt.answered();
      entry.answered();
      if (waiting.length === 0) backend.drained();
      restore();
    });
    if (end.kind === 'finished') attempt.left();
    else judge(client, backend, forward, await attempt.verdict(end.sent));
    entry.over();
  }

  function judge(client: Client, backend: Backend, forward: Forward, verdict: Verdict): void {
    if (verdict.kind === 'closed') client.splice.finish();
    else if (verdict.kind === 'unknown' || !client.splice.replayable) client.splice.fail();
    else {
      backend.refused(forward);
      const isNews = backend.refusals >= TELL_AFTER && backend.availability === 'open' && backend.pod.uid === target;
      if (isNews) fail(verdict.reason, false);
      hold(client);
    }
  }

  /** Queues a client in the order of arrival until it can be joined, no longer than the hold time. */
  function hold(client: Client): void {
    const waitedMs = performance.now() - client.sinceMs;
    if (closed || client.splice.gone || waitedMs >= holdMs) {
      client.splice.finish();
      return;
    }
    const at = waiting.findIndex((other) => other.sinceMs > client.sinceMs);
    waiting.splice(at === -1 ? waiting.length : at, 0, client);
    client.timers = [setTimeout(() => giveUp(client), holdMs - waitedMs)];
    if (waitedMs < holdMs / 2) client.timers.push(setTimeout(dispatch, holdMs / 2 - waitedMs + 1));
    dispatch();
  }

  function giveUp(client: Client): void {
    leaveQueue(client);
    const backend = pick(0);
    // One that only waited for others to be answered first has nothing to lose.
    if (backend?.forward !== undefined && backend.refusals === 0) void join(client, backend, backend.forward);
    else client.splice.finish();
  }

  function leaveQueue(client: Client): void {
    for (const timer of client.timers) clearTimeout(timer);
    const at = waiting.indexOf(client);
    if (at !== -1) waiting.splice(at, 1);
  }

  function accept(socket: Socket): void {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const client: Client = { splice: createSplice(socket), sinceMs: performance.now(), timers: [] };
    client.splice.onGone(() => leaveQueue(client));
    const backend = waiting.length === 0 || holdMs === 0 ? pick(0) : undefined;
    if (backend?.forward !== undefined && (holdMs === 0 || backend.nextMs(client.sinceMs) <= client.sinceMs)) {
      void join(client, backend, backend.forward);
    } else if (holdMs === 0) client.splice.fail();
    else hold(client);
  }

  const listener = await openListener(plan.localPort, options.addresses, accept);

  return {
    plan,
    localPort: listener.port,
    ready: (pod) => backendOf(pod).ready,
    prepare: (pod) => void backendOf(pod),
    serve(pod) {
      if (target !== undefined && target !== pod.uid) {
        handedOverMs = performance.now();
        setTimeout(dispatch, HANDOVER_MS + 1).unref();
      }
      target = pod.uid;
      backendOf(pod);
      dispatch();
    },
    setAvailability(uid, availability, container) {
      const backend = backends.get(uid);
      if (backend?.outlived(container) === true) {
        backends.delete(uid);
        retire(backend);
        backendOf(backend.pod);
      }
      backends.get(uid)?.setAvailability(availability, container);
      dispatch();
    },
    retryNow() {
      for (const backend of backends.values()) backend.retryNow();
      dispatch();
    },
    retireAllBut(uids, graceMs) {
      for (const backend of [...backends.values(), ...retiring]) {
        if (uids.has(backend.pod.uid)) continue;
        backends.delete(backend.pod.uid);
        retire(backend, graceMs);
      }
    },
    async close() {
      closed = true;
      clearTimeout(retryTimer);
      listener.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all([...backends.values(), ...retiring].map((backend) => backend.stop()));
    },
  };
}
