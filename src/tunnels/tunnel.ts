// One local port for the whole session: clients wait here until a forward can take them, and go to the newest pod's
// forward as soon as that listens.
import type { Socket } from 'node:net';
import type { TunnelEvent } from '../output/core/events.ts';
import { availabilityOf } from '../pods/core/availability.ts';
import type { Endpoint, TunnelPlan } from '../pods/core/plan.ts';
import type { Pod } from '../pods/core/pod.ts';
import { Client } from './client.ts';
import { firstAdmission } from './core/admission.ts';
import type { TunnelLimits } from './limits.ts';
import { type Listener, openListener } from './listener.ts';
import type { Passage, PodForward, PodForwardOptions } from './pod-forward.ts';
import { PodForwards } from './pod-forwards.ts';
import type { ReasonedVerdict } from './private-port.ts';
import { WaitingRoom } from './waiting-room.ts';

export interface TunnelOptions extends Pick<PodForwardOptions, 'kubectl' | 'starting' | 'watch' | 'onHung'> {
  readonly plan: TunnelPlan;
  /** Undefined for a pod that lacks the port: its connections wait for one that has it. */
  readonly endpointIn: (pod: Pod) => Endpoint | undefined;
  readonly addresses: readonly string[];
  /** Local ports to try where any will do. */
  readonly preferred: readonly number[];
  /** How long a connection may wait to be served; 0 refuses it at once. */
  readonly holdMs: number;
  readonly limits: TunnelLimits;
  /** False: not worth telling now, when something larger was told. A failure is told again then while it lasts. */
  readonly tell: (event: TunnelEvent) => boolean;
}

/** So many refusals in a row are worth telling. */
const TELL_AFTER = 3;
/**
 * An attempt that was under way when the wait was over, and proves to have reached nothing, gets one more: kubectl's own
 * time-out is as long as the default of --hold. A new kubectl listens within a second.
 */
const LAST_TRY_MS = 5_000;

/** @throws {UserError} when the local port cannot be had */
export async function openTunnel(options: TunnelOptions): Promise<Tunnel> {
  const tunnel = new Tunnel(options);
  const { plan, addresses, preferred } = options;
  tunnel.listener = await openListener(plan.localPort, addresses, (socket) => tunnel.accept(socket), preferred);
  return tunnel;
}

export class Tunnel {
  readonly plan: TunnelPlan;
  /** Undefined until the port is open. */
  listener: Listener | undefined;
  readonly #options: TunnelOptions;
  readonly #forwards: PodForwards;
  readonly #clients = new Map<Client, Socket>();
  readonly #waiting = new WaitingRoom((client) => this.#expire(client));
  /** Those that had their last try. */
  readonly #late = new WeakSet<Client>();
  #toldFailure = false;
  #toldExpiry = false;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TunnelOptions) {
    this.#options = options;
    this.plan = options.plan;
    this.#forwards = new PodForwards({
      ...options,
      onChange: () => this.#dispatch(),
      onFailing: (reason) => this.#fail(reason, true),
    });
  }

  get localPort(): number {
    return this.listener?.port ?? this.plan.localPort;
  }

  /** Resolves when a forward to this pod listens, or there is nothing to wait for. */
  async ready(pod: Pod): Promise<void> {
    await this.prepare(pod)?.ready;
  }

  /** Starts a forward to the pod; new connections still go where they went. */
  prepare(pod: Pod): PodForward | undefined {
    const endpoint = this.#options.endpointIn(pod);
    return endpoint && this.#forwards.to({ uid: pod.uid, name: pod.name, remotePort: endpoint.remotePort });
  }

  /** From now on new connections go to this pod, as soon as its forward listens. */
  serve(pod: Pod): void {
    this.#forwards.setTarget(pod.uid);
    const container = pod.containers.find(({ name }) => name === this.#options.endpointIn(pod)?.container);
    this.prepare(pod)?.expect(firstAdmission(container, Date.now()));
    this.#dispatch();
  }

  /** Takes in how the container behind the port stands. */
  see(pod: Pod): void {
    const { availability, containerId } = availabilityOf(pod, this.#options.endpointIn(pod)?.container);
    const forward = this.#forwards.get(pod.uid);
    if (forward?.hasOutlived(containerId) === true) {
      forward.abandon();
      this.#forwards.renew(forward);
    }
    this.#forwards.get(pod.uid)?.setAvailability(availability, containerId);
    this.#dispatch();
  }

  /** What stands behind it may have died without a sign: new connections go to new kubectls. */
  renew(): void {
    for (const forward of this.#forwards.all) this.#forwards.renew(forward);
  }

  /** Something has changed for the better: what waits is tried again at once. */
  retryNow(): void {
    for (const forward of this.#forwards.all) forward.retryNow();
    this.#dispatch();
  }

  /** No more connections to other pods than these; a forward ends with its last open one, or after `graceMs`: infinite for a pod that lives. */
  retireAllBut(uids: ReadonlySet<string>, graceMs: number): void {
    this.#forwards.retireAllBut(uids, graceMs);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.listener?.close();
    for (const socket of this.#clients.values()) socket.destroy();
    await this.#forwards.stop();
  }

  accept(socket: Socket): void {
    const { limits, holdMs } = this.#options;
    const { isIn, isNews } = limits.connections.enter();
    if (isNews) this.#options.tell({ kind: 'crowded', most: limits.connections.most });
    if (!isIn) {
      socket.destroy();
      return;
    }
    const client = new Client(socket, limits.replay, () => {
      this.#clients.delete(client);
      this.#waiting.remove(client);
      limits.connections.leave();
    });
    this.#clients.set(client, socket);
    const forward = this.#waiting.isEmpty ? this.#forwards.route(client.arrivedMs, client.arrivedMs) : undefined;
    const goesNow = holdMs === 0 || (forward?.mayGoAtMs(client) ?? 0) <= client.arrivedMs;
    if (forward !== undefined && goesNow) void this.#join(client, forward);
    else if (holdMs > 0) this.#wait(client);
    else client.fail();
  }

  /** Lets all go that may go now, and comes back for the next one. */
  #dispatch(): void {
    if (this.#isClosed || this.#waiting.isEmpty) return;
    const nowMs = performance.now();
    const nextMs = this.#waiting.clients.map((client) => this.#tryNow(client, nowMs));
    clearTimeout(this.#timer);
    const soonestMs = Math.min(...nextMs);
    if (soonestMs !== Number.POSITIVE_INFINITY) {
      this.#timer = setTimeout(() => this.#dispatch(), Math.max(1, Math.ceil(soonestMs - nowMs)));
    }
  }

  /** When to look at the client again, unless something happens first. */
  #tryNow(client: Client, nowMs: number): number {
    const forward = this.#forwards.route(client.arrivedMs, nowMs);
    const atMs = forward?.mayGoAtMs(client) ?? Number.POSITIVE_INFINITY;
    if (forward === undefined || atMs > nowMs) {
      return Math.min(atMs, this.#forwards.nextRouteMs(client.arrivedMs, nowMs));
    }
    this.#waiting.remove(client);
    if (client.hasGivenUp()) client.finish();
    else void this.#join(client, forward);
    return Number.POSITIVE_INFINITY;
  }

  async #join(client: Client, forward: PodForward): Promise<void> {
    const passage = forward.begin(client);
    if (passage === undefined) {
      this.#wait(client);
      return;
    }
    const end = await client.attempt({
      port: passage.port,
      inTrouble: passage.inTrouble,
      onFirstByte: passage.spoke,
      onAnswered: () => {
        passage.answered();
        this.#restore();
      },
    });
    if (end.kind === 'left') passage.left();
    else if (!client.isAnswered) this.#settle(client, forward, passage, await passage.verdict(end.sent));
    else if (end.clean) client.finish();
    else client.fail();
    passage.over();
  }

  /** The forward has closed it without an answer. */
  #settle(client: Client, forward: PodForward, passage: Passage, verdict: ReasonedVerdict): void {
    if (verdict.kind === 'closed') client.finish();
    else if (verdict.kind === 'unknown' || !client.isReplayable) client.fail();
    else {
      passage.refused();
      const { refusals, availability } = forward;
      const isNews = refusals >= TELL_AFTER && availability === 'open' && this.#forwards.isTarget(forward);
      if (isNews) this.#fail(verdict.reason, false);
      this.#wait(client);
    }
  }

  #wait(client: Client): void {
    const { holdMs } = this.#options;
    let leftMs = client.arrivedMs + holdMs - performance.now();
    if (leftMs <= 0 && holdMs > 0 && !this.#late.has(client)) {
      this.#late.add(client);
      leftMs = LAST_TRY_MS;
    }
    if (this.#isClosed || client.isOver) {
      client.finish();
      return;
    }
    if (leftMs <= 0) {
      this.#expire(client);
      return;
    }
    this.#waiting.add(client, leftMs);
    this.#dispatch();
  }

  #expire(client: Client): void {
    // Whoever has given up does not miss an answer.
    if (!client.hasGivenUp() && !this.#toldExpiry) {
      this.#toldExpiry = true;
      this.#options.tell({ kind: 'expired' });
    }
    client.finish();
  }

  #fail(reason: string, atStart: boolean): void {
    this.#toldFailure ||= !this.#isClosed && this.#options.tell({ kind: 'failed', reason, atStart });
  }

  #restore(): void {
    this.#toldExpiry = false;
    if (!this.#toldFailure) return;
    this.#toldFailure = false;
    this.#options.tell({ kind: 'restored' });
  }
}
