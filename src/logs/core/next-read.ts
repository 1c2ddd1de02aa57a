// Which read of a container's log comes next. Exit codes of `kubectl logs` say little, so it is decided by the instances
// the pod tells of and by whether a read brought the line shown last again:
//
//   no instance ── wait            the shown instance lives ──▶ follow it
//   it has ended ──▶ read it until a read brings nothing new ──▶ finished ──▶ the next instance, from its first line
//   a read lacks the line shown last ──▶ look in the other log (--previous or present) ──▶ in neither: gap, go on

import type { Container } from '../../pods/core/container.ts';
import type { Pod } from '../../pods/core/pod.ts';
import { parseDuration } from '../../values/duration.ts';
import type { ReadMode } from './repeat-filter.ts';

/** A container's instances as its pod's status tells them. */
export interface Instances {
  /** Container id of the latest one that was started; undefined before the first. */
  readonly latest: string | undefined;
  readonly alive: boolean;
  /** The one before it. */
  readonly previous: string | undefined;
}

export function instancesOf(container: Container | undefined): Instances {
  const status = container?.status;
  const ended = status?.state.kind === 'terminated' ? status.state.containerId : undefined;
  const before = status?.lastTermination?.containerId;
  const latest = status?.containerId ?? ended ?? before;
  return { latest, alive: status?.state.kind === 'running', previous: before === latest ? undefined : before };
}

export interface LogRead {
  readonly kind: 'read';
  readonly instance: string;
  readonly previous: boolean;
  readonly follow: boolean;
  readonly mode: ReadMode;
  /** Lines are missing before what this read brings. */
  readonly gap: boolean;
}

export type NextRead = { readonly kind: 'wait' } | LogRead;

/** How far a container's log was shown, and where its next line has been looked for. */
export interface LogPosition {
  /** Whose lines were shown last. */
  readonly instance: string | undefined;
  /** All of its lines were shown. */
  readonly finished: boolean;
  /** It is known to have been replaced although the pod may not say so yet. */
  readonly replaced: boolean;
  /** Logs that lack the line shown last. */
  readonly lacking: { readonly present: boolean; readonly previous: boolean };
  /** The last read did not end by itself: there was more to come. */
  readonly cut: boolean;
  /** Length of the unfinished line at the end of the last read of an ended instance; -1 is none. */
  readonly unfinishedBytes: number;
}

export const NOTHING_READ: LogPosition = {
  instance: undefined,
  finished: false,
  replaced: false,
  lacking: { present: false, previous: false },
  cut: false,
  unfinishedBytes: -1,
};

const WAIT: NextRead = { kind: 'wait' };

export function nextRead(position: LogPosition, now: Instances): NextRead {
  const { instance } = position;
  const { latest, alive } = now;
  if (latest === undefined) return WAIT;
  if (instance === undefined) return present(latest, 'fresh', { follow: alive });
  if (instance === latest) return nextOfLatest(position, latest, alive);
  return nextOfEarlier(position, instance, latest, now);
}

/** The instance shown last is the latest one the pod tells of. */
function nextOfLatest({ finished, replaced, lacking, cut }: LogPosition, latest: string, alive: boolean): NextRead {
  if (finished) return alive && !replaced ? present(latest, 'resume', { follow: true }) : WAIT;
  if (!lacking.present && !replaced) return present(latest, 'resume', { follow: alive });
  if (!lacking.previous) return previous(latest, 'resume');
  // A log that was read to its end and is in neither place now was deleted with its pod.
  return present(latest, 'accept', { follow: alive, gap: cut });
}

/** The pod tells of a later instance than the one shown last. */
function nextOfEarlier({ finished, lacking }: LogPosition, shown: string, latest: string, now: Instances): NextRead {
  if (!finished && !lacking.previous && now.previous === shown) return previous(shown, 'resume');
  // The pod's status may have been old when the log was opened, and the lines shown those of a later instance.
  if (!finished && !lacking.present) return present(latest, 'resume', { follow: false });
  const gap = !finished;
  // The instances before `previous` are lost. The ids alone do not tell whether there were any.
  if (now.previous !== undefined && now.previous !== shown) return previous(now.previous, 'fresh', gap);
  return present(latest, 'fresh', { follow: now.alive, gap });
}

/** So many failures in a row end what is read of a pod that has ended: its node may be gone for good. */
const GIVE_UP_AFTER = 5;

/** Nothing more will come of a pod that runs no more. */
export function isOver(next: NextRead, failures: number, { phase }: Pick<Pod, 'phase'>): boolean {
  return (phase === 'Succeeded' || phase === 'Failed') && (next.kind === 'wait' || failures >= GIVE_UP_AFTER);
}

function present(
  instance: string,
  mode: ReadMode,
  { follow, gap = false }: { follow: boolean; gap?: boolean },
): LogRead {
  return { kind: 'read', instance, previous: false, follow, mode, gap };
}

function previous(instance: string, mode: ReadMode, gap = false): LogRead {
  return { kind: 'read', instance, previous: true, follow: false, mode, gap };
}

/** `--tail` and `--since`, which count when a log is first opened. */
export interface FirstOptions {
  /** -1 is all. */
  readonly tail: number;
  readonly since: string | undefined;
}

/**
 * What to ask a kubelet for when nothing of a log has been shown.
 * @param openForMs how long ago the log was first opened; undefined if it never was. A log that was open and brought
 *   nothing is asked for what came since then: by a duration, since the node's clock may differ from ours.
 */
export function openingOptions(first: FirstOptions | undefined, openForMs: number | undefined): Partial<FirstOptions> {
  if (first === undefined || (first.tail < 0 && first.since === undefined)) return {};
  if (openForMs !== undefined) {
    const before = first.since === undefined ? 0 : parseDuration(first.since);
    return { since: `${Math.ceil((before + openForMs) / 1000)}s` };
  }
  return first;
}
