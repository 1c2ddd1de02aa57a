// Which read of a container's log comes next. Exit codes of `kubectl logs` say little, so it is decided by the instances
// the pod tells of and by whether a read brought the line shown last again:
//
//   no instance ── wait            the shown instance lives ──▶ follow it
//   it has ended ──▶ read it until a read brings nothing new ──▶ finished ──▶ the next instance, from its first line
//   a read lacks the line shown last ──▶ look in the other log (--previous or present) ──▶ in neither: gap, go on

import type { Container } from '../../pods/core/pod.ts';
import type { ReplayMode } from './repeat-filter.ts';

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
  readonly mode: ReplayMode;
  /** Lines are missing before what this read brings. */
  readonly gap: boolean;
}

export type LogStep = { readonly kind: 'wait' } | LogRead;

export interface LogCourse {
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

export const LOG_START: LogCourse = { instance: undefined, ...unread };

const wait: LogStep = { kind: 'wait' };

export function nextStep(course: LogCourse, now: Instances): LogStep {
  const { instance, lacking } = course;
  const { latest } = now;
  if (latest === undefined) return wait;
  const present = (mode: ReplayMode, gap: boolean, follow = now.alive): LogRead => {
    return { kind: 'read', instance: latest, previous: false, follow, mode, gap };
  };
  if (instance === undefined) return present('fresh', false);
  const previous = (of: string, mode: ReplayMode, gap: boolean): LogRead => {
    return { kind: 'read', instance: of, previous: true, follow: false, mode, gap };
  };
  if (instance === latest) {
    if (course.finished) return now.alive && !course.replaced ? present('resume', false) : wait;
    if (!lacking.present && !course.replaced) return present('resume', false);
    if (!lacking.previous) return previous(instance, 'resume', false);
    // A log that had come to its end and is nowhere now went with its pod.
    return present('accept', course.cut);
  }
  if (!course.finished) {
    if (now.previous === instance && !lacking.previous) return previous(instance, 'resume', false);
    // The pod's status may have been old when the log was opened, and the lines shown those of a later instance.
    if (!lacking.present) return present('resume', false, false);
  }
  const gap = !course.finished;
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
export function afterRead(course: LogCourse, now: Instances, end: LogReadEnd): LogCourse {
  const { read, outcome, confirmed } = end;
  if (read.mode !== 'resume') return afterFresh(course, end);
  switch (outcome) {
    case 'failed':
      return { ...course, cut: true };
    case 'no-log':
      if (!end.resumed) return { ...course, lacking: nowhere };
      return lacks(course, read);
    case 'other-log':
      return { ...lacks(course, read), cut: true };
    case 'done': {
      if (end.resumed && !confirmed) return read.follow ? course : { ...lacks(course, read), cut: true };
      const lacking = confirmed ? unread.lacking : course.lacking;
      // `--previous` has it although the pod still calls it the latest one.
      const replaced = read.previous && confirmed && read.instance === now.latest;
      const instance = confirmed ? read.instance : course.instance;
      return afterPart({ ...course, instance, lacking, replaced, cut: false }, end);
    }
  }
}

function afterFresh(course: LogCourse, end: LogReadEnd): LogCourse {
  const { read, outcome } = end;
  const started: LogCourse = { instance: read.instance, ...unread };
  switch (outcome) {
    case 'failed':
      return end.heard ? { ...started, cut: true } : course;
    case 'no-log':
      // A container that could not even be started has no log.
      return read.previous ? { ...started, lacking: nowhere } : { ...started, finished: !read.follow };
    case 'other-log':
    case 'done':
      return afterPart(started, end);
  }
}

const nowhere = { present: true, previous: true };

function lacks(course: LogCourse, { previous }: LogRead): LogCourse {
  const lacking = previous ? { ...course.lacking, previous } : { ...course.lacking, present: true };
  return { ...course, lacking };
}

/** An ended instance is read until a read brings nothing new: one that was cut looks like one that was complete. */
function afterPart(course: LogCourse, end: LogReadEnd): LogCourse {
  if (end.read.follow) return course;
  const { unfinishedBytes } = end;
  const finished = end.newLines === 0 && (unfinishedBytes < 0 || unfinishedBytes === course.unfinishedBytes);
  return { ...course, finished, unfinishedBytes };
}
