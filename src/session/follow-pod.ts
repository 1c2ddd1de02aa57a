// Keeps tunnels and logs on the app's pod: on the one it has while that serves, then on what replaces it.

import type { Logs } from '../logs/logs.ts';
import type { Tell } from '../output/core/events.ts';
import { whyNotReady } from '../pods/core/choose-pod.ts';
import { containerNews, noteContainers } from '../pods/core/container-events.ts';
import { ends, lostForGood, succeed } from '../pods/core/next-pod.ts';
import { planSuccessor } from '../pods/core/plan.ts';
import type { Pod } from '../pods/core/pod.ts';
import type { Settings } from '../request/core/settings.ts';
import type { Availability } from '../tunnels/core/route.ts';
import type { Tunnel } from '../tunnels/tunnel.ts';
import type { UserError } from '../values/errors.ts';

export interface PodFollower {
  readonly pod: Pod;
  /** Resolves when another pod is followed. */
  readonly moved: Promise<void>;
  /** Takes in how the target's pods stand now. */
  refresh(pods: readonly Pod[]): void;
  /** Nothing serves at present: failing tunnels are no news of their own. */
  readonly lost: boolean;
  stop(): void;
}

/** How long connections that a vanished pod still has may run on: kubelet ends them about a second later. */
const GONE_GRACE_MS = 5_000;
/** A successor that is not ready for this long has its logs shown meanwhile: they may say why. */
const SHOW_LOGS_AFTER_MS = 3_000;

export function followPod(options: {
  first: Pod;
  settings: Settings;
  tunnels: readonly Tunnel[];
  logs: Logs | undefined;
  tell: Tell;
  /** The pod is gone for good, and it was that pod alone that was asked for. */
  onGoneForGood: (error: UserError) => void;
}): PodFollower {
  const { settings, tunnels, logs, tell } = options;
  let current = options.first;
  const left = new Set<string>();
  let told = noteContainers(current);
  let lost = false;
  let returnTimer: NodeJS.Timeout | undefined;
  let logsTimer: NodeJS.Timeout | undefined;
  let resolveMoved: () => void = () => {};
  let moved = new Promise<void>((resolve) => {
    resolveMoved = resolve;
  });

  /** How a pod's state bears on the tunnels to it. */
  function setAvailabilities(pod: Pod): void {
    for (const tunnel of tunnels) {
      const status = pod.containers.find((one) => one.name === tunnel.plan.container)?.status;
      const state = status?.state;
      const down = state !== undefined && state.kind !== 'running';
      const availability: Availability = down ? 'down' : pod.terminating ? 'terminating' : 'open';
      tunnel.setAvailability(pod.uid, availability, down ? undefined : status?.containerId);
    }
  }

  function lose(reason: string): void {
    if (lost) return;
    lost = true;
    tell({ kind: 'pod-lost', pod: current.name, reason });
  }

  /** The pods of a ReplicaSet or Job never come back under their names; those of a StatefulSet do. */
  function awaitReturn(gone: boolean): void {
    if (settings.target.kind !== 'pod' || returnTimer !== undefined) return;
    const finished = !gone && !current.terminating;
    if (!gone && !finished) return;
    const mayReturn = gone && (current.owner === undefined || current.owner.kind === 'StatefulSet');
    const error = lostForGood(finished ? whyNotReady(current) : `pod ${current.name} was deleted`);
    const giveUp = () => void (logs?.drained() ?? Promise.resolve()).then(() => options.onGoneForGood(error));
    returnTimer = setTimeout(giveUp, mayReturn ? settings.timeoutMs : 0);
  }

  function move(to: Pod, pods: readonly Pod[]): void {
    clearTimeout(returnTimer);
    clearTimeout(logsTimer);
    returnTimer = undefined;
    logsTimer = undefined;
    const from = current;
    left.add(from.uid);
    current = to;
    told = noteContainers(to);
    lost = false;
    if (to.name === from.name) tell({ kind: 'pod-restored', pod: to.name });
    else tell({ kind: 'pod-replaced', from: from.name, to: to.name });
    for (const tunnel of tunnels) tunnel.serve(to);
    logs?.follow(to);
    for (const pod of pods) setAvailabilities(pod);
    reportPorts(to);
    resolveMoved();
    moved = new Promise<void>((resolve) => {
      resolveMoved = resolve;
    });
  }

  /** The tunnels stay as they are, but a new revision may expose other ports. */
  function reportPorts(pod: Pod): void {
    const connected = new Set(tunnels.map((tunnel) => tunnel.plan.remotePort));
    const exposed = planSuccessor(pod, settings.containers).tunnels;
    const fresh = exposed.map(({ remotePort }) => remotePort).filter((port) => !connected.has(port));
    if (fresh.length === 0) return;
    tell({ kind: 'note', message: `pod ${pod.name} also exposes ${fresh.join(', ')}; connect again to get it` });
  }

  return {
    get pod() {
      return current;
    },
    get moved() {
      return moved;
    },
    get lost() {
      return lost;
    },
    refresh(pods) {
      for (const pod of pods) setAvailabilities(pod);
      const now = pods.find((pod) => pod.uid === current.uid);
      if (now !== undefined) for (const event of containerNews(now, told)) tell(event);
      const next = succeed(current, pods, { buildId: settings.buildId, left });
      if (now !== undefined) current = now;
      if ((now === undefined || ends(now)) && next.kind !== 'move') {
        lose(lossOf(now));
        awaitReturn(now === undefined);
      }
      if (next.kind === 'prepare') {
        const { pod } = next;
        for (const tunnel of tunnels) tunnel.prepare(pod);
        logsTimer ??= setTimeout(() => logs?.follow(pod), SHOW_LOGS_AFTER_MS);
      }
      if (next.kind === 'move') move(next.pod, pods);
      const there = new Set(pods.map((pod) => pod.uid));
      for (const tunnel of tunnels) tunnel.retireAllBut(there, GONE_GRACE_MS);
      logs?.update(pods);
    },
    stop() {
      clearTimeout(returnTimer);
      clearTimeout(logsTimer);
    },
  };
}

function lossOf(pod: Pod | undefined): string {
  if (pod === undefined) return 'was deleted';
  return pod.terminating ? 'is being deleted' : `has ended (${pod.phase})`;
}
