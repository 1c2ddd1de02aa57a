// Which read of a container's log comes next. Exit codes of `kubectl logs` say little, so it is decided by the instances
// the pod tells of and by whether a read brought the line shown last again:
//
//   no instance ── wait            the shown instance lives ──▶ follow it
//   it has ended ──▶ read it until a read brings nothing new ──▶ finished ──▶ the next instance, from its first line
//   a read lacks the line shown last ──▶ look in the other log (--previous or present) ──▶ in neither: gap, go on

import type { Container } from '../../pods/core/pod.ts';
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

const unread = {
  finished: false,
  replaced: false,
  lacking: { present: false, previous: false },
  cut: false,
  unfinishedBytes: -1,
} as const;

export const NOTHING_READ: LogPosition = { instance: undefined, ...unread };

const wait: NextRead = { kind: 'wait' };

export function nextRead(position: LogPosition, now: Instances): NextRead {
  const { instance, lacking } = position;
  const { latest } = now;
  if (latest === undefined) return wait;
  const present = (mode: ReadMode, gap: boolean, follow = now.alive): LogRead => {
    return { kind: 'read', instance: latest, previous: false, follow, mode, gap };
  };
  if (instance === undefined) return present('fresh', false);
  const previous = (of: string, mode: ReadMode, gap: boolean): LogRead => {
    return { kind: 'read', instance: of, previous: true, follow: false, mode, gap };
  };
  if (instance === latest) {
    if (position.finished) return now.alive && !position.replaced ? present('resume', false) : wait;
    if (!lacking.present && !position.replaced) return present('resume', false);
    if (!lacking.previous) return previous(instance, 'resume', false);
    // A log that had come to its end and is nowhere now went with its pod.
    return present('accept', position.cut);
  }
  if (!position.finished) {
    if (now.previous === instance && !lacking.previous) return previous(instance, 'resume', false);
    // The pod's status may have been old when the log was opened, and the lines shown those of a later instance.
    if (!lacking.present) return present('resume', false, false);
  }
  const gap = !position.finished;
  // The instances before `previous` are lost; whether there were any, the ids alone don't tell.
  if (now.previous !== undefined && now.previous !== instance) return previous(now.previous, 'fresh', gap);
  return present('fresh', gap);
}

export interface LogReadEnd {
  readonly read: LogRead;
  /** Whether a line of this instance had been shown before. */
  readonly resumed: boolean;
  /** The read brought the line shown last again. */
  readonly confirmed: boolean;
  /** It brought anything at all. */
  readonly heard: boolean;
  readonly newLines: number;
  readonly unfinishedBytes: number;
  /** `other-log`: the line shown last is not in it. `no-log`: the node does not have it any more. `failed`: try again. */
  readonly outcome: 'done' | 'other-log' | 'no-log' | 'failed';
}

/** What is known after a read that was begun with `now`. */
export function afterRead(position: LogPosition, now: Instances, end: LogReadEnd): LogPosition {
  const { read, outcome, confirmed } = end;
  if (read.mode !== 'resume') return afterFresh(position, end);
  switch (outcome) {
    case 'failed':
      return { ...position, cut: true };
    case 'no-log':
      if (!end.resumed) return { ...position, lacking: nowhere };
      return lacks(position, read);
    case 'other-log':
      return { ...lacks(position, read), cut: true };
    case 'done': {
      if (end.resumed && !confirmed) return read.follow ? position : { ...lacks(position, read), cut: true };
      const lacking = confirmed ? unread.lacking : position.lacking;
      // `--previous` has it although the pod still calls it the latest one.
      const replaced = read.previous && confirmed && read.instance === now.latest;
      const instance = confirmed ? read.instance : position.instance;
      return afterPart({ ...position, instance, lacking, replaced, cut: false }, end);
    }
  }
}

function afterFresh(position: LogPosition, end: LogReadEnd): LogPosition {
  const { read, outcome } = end;
  const started: LogPosition = { instance: read.instance, ...unread };
  switch (outcome) {
    case 'failed':
      return end.heard ? { ...started, cut: true } : position;
    case 'no-log':
      // A container that could not even be started has no log.
      return read.previous ? { ...started, lacking: nowhere } : { ...started, finished: !read.follow };
    case 'other-log':
    case 'done':
      return afterPart(started, end);
  }
}

const nowhere = { present: true, previous: true };

function lacks(position: LogPosition, { previous }: LogRead): LogPosition {
  const lacking = previous ? { ...position.lacking, previous } : { ...position.lacking, present: true };
  return { ...position, lacking };
}

/** An ended instance is read until a read brings nothing new: one that was cut looks like one that was complete. */
function afterPart(position: LogPosition, end: LogReadEnd): LogPosition {
  if (end.read.follow) return position;
  const { unfinishedBytes } = end;
  const finished = end.newLines === 0 && (unfinishedBytes < 0 || unfinishedBytes === position.unfinishedBytes);
  return { ...position, finished, unfinishedBytes };
}

/** `--tail` and `--since`, which count when a log is first opened. */
export interface FirstOptions {
  /** -1 is all. */
  readonly tail: number;
  readonly since: string | undefined;
}

/**
 * `openForMs`: how long ago the log was first opened; undefined if it never was. A log that was open and brought nothing
 * is asked for what came since then: by a duration, since the node's clock may differ from ours.
 */
export function openingOptions(
  first: FirstOptions | undefined,
  openForMs: number | undefined,
): { tail?: number; since?: string } {
  if (first === undefined || (first.tail < 0 && first.since === undefined)) return {};
  if (openForMs !== undefined) {
    const before = first.since === undefined ? 0 : parseDuration(first.since);
    return { since: `${Math.ceil((before + openForMs) / 1000)}s` };
  }
  return {
    ...(first.tail < 0 ? {} : { tail: first.tail }),
    ...(first.since === undefined ? {} : { since: first.since }),
  };
}
