// What stands behind one tunnel: a forward for each pod, and which of them a client goes to.
import { HANDOVER_MS, route } from './core/route.ts';
import { PodForward, type PodForwardOptions, type PodRef } from './pod-forward.ts';
import { STREAM_MS } from './port-forward.ts';

/** By then kubectl has said of each connection that it could not pass on that it was one. */
const HUNG_GRACE_MS = STREAM_MS + 2_000;

export interface PodForwardsOptions extends Omit<PodForwardOptions, 'pod' | 'onFailing'> {
  readonly holdMs: number;
  /** kubectl port-forward to the pod that is followed does not come up, several times in a row. */
  readonly onFailing: (reason: string) => void;
}

export class PodForwards {
  readonly #options: PodForwardsOptions;
  readonly #byUid = new Map<string, PodForward>();
  readonly #retiring = new Set<PodForward>();
  #target: string | undefined;
  #handedOverMs = Number.NEGATIVE_INFINITY;

  constructor(options: PodForwardsOptions) {
    this.#options = options;
  }

  get all(): readonly PodForward[] {
    return [...this.#byUid.values()];
  }

  get(uid: string): PodForward | undefined {
    return this.#byUid.get(uid);
  }

  isTarget(forward: PodForward): boolean {
    return this.get(this.#target ?? '') === forward;
  }

  /** Starts one if there is none. */
  to(pod: PodRef): PodForward {
    const known = this.#byUid.get(pod.uid);
    if (known !== undefined) return known;
    const onFailing = (reason: string) => {
      if (pod.uid === this.#target) this.#options.onFailing(reason);
    };
    const onHung = () => {
      if (this.get(pod.uid) === forward) this.#options.onHung();
      if (this.get(pod.uid) === forward) this.renew(forward);
      void forward.retire(HUNG_GRACE_MS);
    };
    const forward = new PodForward({ ...this.#options, pod, onFailing, onHung });
    this.#byUid.set(pod.uid, forward);
    return forward;
  }

  setTarget(uid: string): void {
    if (this.#target !== undefined && this.#target !== uid) this.#handedOverMs = performance.now();
    this.#target = uid;
  }

  /** Where a client that has waited since `arrivedMs` goes now. */
  route(arrivedMs: number, nowMs: number): PodForward | undefined {
    const candidates = this.all.map((forward) => {
      const { availability, listening } = forward;
      return { forward, availability, listening, isTarget: this.isTarget(forward) };
    });
    const { holdMs } = this.#options;
    const sinceHandoverMs = nowMs - this.#handedOverMs;
    return route(candidates, { waitedMs: nowMs - arrivedMs, holdMs, sinceHandoverMs })?.forward;
  }

  /** When time alone may open another way: after the handover, or after half of the hold time. */
  nextRouteMs(arrivedMs: number, nowMs: number): number {
    const ways = [this.#handedOverMs + HANDOVER_MS, arrivedMs + this.#options.holdMs / 2];
    return Math.min(...ways.filter((atMs) => atMs > nowMs));
  }

  /** Puts another kubectl in its place; what goes through the present one goes on. */
  renew(forward: PodForward): void {
    this.#byUid.delete(forward.pod.uid);
    this.#retire(forward, Number.POSITIVE_INFINITY);
    this.to(forward.pod);
  }

  /** A forward to another pod than these ends with its last open connection, or after `graceMs`: infinite for a pod that lives. */
  retireAllBut(uids: ReadonlySet<string>, graceMs: number): void {
    for (const forward of [...this.all, ...this.#retiring]) {
      if (uids.has(forward.pod.uid)) continue;
      this.#byUid.delete(forward.pod.uid);
      this.#retire(forward, graceMs);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.all, ...this.#retiring].map((forward) => forward.stop()));
  }

  #retire(forward: PodForward, graceMs: number): void {
    this.#retiring.add(forward);
    void forward.retire(graceMs).then(() => this.#retiring.delete(forward));
  }
}
