// Whether a further connection may go to a pod's forward now. In ordinary times nothing waits. After a sign of trouble
// one goes first: kubectl loses all that are under way when the container has ended or refuses one of them.
//
//   open ──trouble, a refusal──▶ probing ──an answer, or 0.15 s without a refusal──▶ open
import type { Container } from '../../pods/core/container.ts';

export type Admission =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'probing';
      /** In a row. */
      readonly refusals: number;
      readonly notBeforeMs: number;
      /** Since when the forward has taken connections and not refused one. */
      readonly quietSinceMs: number | undefined;
      /** The connection that went first and has said something. */
      readonly first: object | undefined;
    };

/** A client as far as it matters here. `arrivedMs`: when it connected. */
export interface Arrival {
  readonly arrivedMs: number;
  readonly saidSomething: boolean;
}

/** kubectl tells of a refusal in the pod within 20 ms, on a busy machine within 0.15 s. */
export const QUIET_MS = 150;
/** What has said nothing for so long waits for the server to speak, or is kept in reserve as browsers do. */
const SILENT_AFTER_MS = 50;
/** A container without a readiness probe that has run for so long listens by now. */
const SETTLED_AFTER_MS = 10_000;
/** After a refusal; doubled with each further one, up to `mostMs`. kubectl 1.27 and later start anew after each. */
const RETRY_MS = { first: 50, most: 400 };

export const OPEN: Admission = { kind: 'open' };
/** After the end of a kubectl or of a container, and for a pod that nothing is known of. */
export const TROUBLE: Admission = {
  kind: 'probing',
  refusals: 0,
  notBeforeMs: 0,
  quietSinceMs: undefined,
  first: undefined,
};

/** @param nowMs the wall clock's, as the container's start is */
export function firstAdmission(container: Container | undefined, nowMs: number): Admission {
  const { ready, state } = container?.status ?? {};
  if (ready !== true || state?.kind !== 'running') return TROUBLE;
  const settled = state.startedMs !== undefined && nowMs - state.startedMs >= SETTLED_AFTER_MS;
  return container?.probed === true || settled ? OPEN : TROUBLE;
}

/**
 * When the client may go, unless something happens first: what is not later than now is now.
 * @param needsAnswer whether only an answer ends the trouble
 */
export function mayGoAtMs(
  admission: Admission,
  { arrivedMs, saidSomething }: Arrival,
  needsAnswer: boolean = false,
): number {
  if (admission.kind === 'open') return 0;
  const { notBeforeMs, first, quietSinceMs } = admission;
  if (quietSinceMs === undefined) return notBeforeMs;
  // It can lose nothing, and can always be tried again.
  if (!saidSomething) return Math.max(notBeforeMs, arrivedMs + SILENT_AFTER_MS);
  if (first === undefined) return notBeforeMs;
  return needsAnswer ? Number.POSITIVE_INFINITY : Math.max(notBeforeMs, quietSinceMs + QUIET_MS);
}

export function afterTime(admission: Admission, nowMs: number): Admission {
  if (admission.kind === 'open' || admission.quietSinceMs === undefined) return admission;
  return nowMs - admission.quietSinceMs >= QUIET_MS ? OPEN : admission;
}

/** A connection has gone to the forward, or said its first byte there. */
export function afterStart(admission: Admission, connection: object, said: boolean, nowMs: number): Admission {
  if (admission.kind === 'open') return admission;
  const { quietSinceMs = nowMs, first = said ? connection : undefined } = admission;
  return { ...admission, quietSinceMs, first };
}

/** A connection has ended without an answer and without a refusal. */
export function afterEnd(admission: Admission, connection: object): Admission {
  if (admission.kind === 'open' || admission.first !== connection) return admission;
  return { ...admission, first: undefined };
}

/** A kubectl or a container has ended: refusals before it still count. */
export function afterTrouble(admission: Admission): Admission {
  return admission.kind === 'open' ? TROUBLE : { ...admission, quietSinceMs: undefined, first: undefined };
}

/** Something has changed for the better. */
export function afterChange(admission: Admission): Admission {
  return admission.kind === 'open' ? admission : { ...admission, notBeforeMs: 0 };
}

export function afterRefusal(admission: Admission, nowMs: number): Admission {
  const refusals = refusalsOf(admission) + 1;
  const pauseMs = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** (refusals - 1));
  return { kind: 'probing', refusals, notBeforeMs: nowMs + pauseMs, quietSinceMs: undefined, first: undefined };
}

export function refusalsOf(admission: Admission): number {
  return admission.kind === 'open' ? 0 : admission.refusals;
}
