// What a log stream does after a read: what it knows then, what it tells, and how long it waits before the next one.
import type { LogFailure } from './log-failure.ts';
import { type Instances, type LogPosition, type LogRead, NOTHING_READ } from './next-read.ts';
import { readBackoff } from './read-backoff.ts';
import type { SilenceLimits } from './silence.ts';

/** How a `kubectl logs` ended. */
export interface ReadResult {
  /** It is not the log of the instance that was shown; nothing of it was shown. */
  readonly otherLog: boolean;
  readonly failure: LogFailure | undefined;
  /** Exit status 0. */
  readonly clean: boolean;
  /** Whether the kubelet had opened the log, as far as can be told. */
  readonly opened: boolean;
  readonly livedMs: number;
}

export interface EndedRead extends ReadResult {
  readonly read: LogRead;
  /** The container's instances when the read began. */
  readonly before: Instances;
  /** A line of this instance had been shown before. */
  readonly resumed: boolean;
  /** The read brought the line shown last again. */
  readonly confirmed: boolean;
  /** It brought anything at all. */
  readonly heard: boolean;
  /** Nothing of the instance was ever shown. */
  readonly nothingShown: boolean;
  readonly newLines: number;
  readonly unfinishedBytes: number;
  /** We ended it for its silence. */
  readonly idle: boolean;
}

export interface StreamState {
  readonly position: LogPosition;
  /** Reads in a row that did not work. */
  readonly failures: number;
  /** Silence after which a follow is replaced while its container lives. */
  readonly idleMs: number;
  /** The failure that was told last, until the log can be read again. */
  readonly toldFailure: string | undefined;
}

export interface AfterRead {
  readonly state: StreamState;
  /** The log has come to its end: a last line without a line feed is whole. */
  readonly lineEnds: boolean;
  /** An instance whose lines are missing. */
  readonly gapOf: string | undefined;
  /** What to tell the user. */
  readonly failure: string | undefined;
  readonly pauseMs: number;
}

/** After so many failures in a row one that will not pass by itself is told. */
const TOLD_AFTER = 2;
/** The pauses are long by then. */
const MANY_FAILURES = 5;

/** @param random 0..1, spreads the pauses */
export function afterRead(state: StreamState, end: EndedRead, limits: SilenceLimits, random: number): AfterRead {
  const { read, heard, idle } = end;
  const outcome = outcomeOf(end);
  const position = nextPosition(state.position, end, outcome);
  const settled = position.finished && !state.position.finished;
  const learned = { lineEnds: settled && !end.before.alive, gapOf: misnamedInstance(state.position, position, end) };
  const idleMs = nextIdleMs(state.idleMs, end, limits);
  if (idle) return { ...learned, state: { ...state, position, idleMs }, failure: undefined, pauseMs: 0 };

  const progress = end.newLines > 0 || settled;
  const cleanEnd = read.follow && outcome === 'done';
  const silent = end.nothingShown && !heard;
  const { failures, pauseMs } = readBackoff(state.failures, { ...end, progress, cleanEnd, silent }, random);
  const told = heard ? undefined : state.toldFailure;
  const lasting = end.failure?.kind === 'lasting' && failures >= TOLD_AFTER ? end.failure.message : undefined;
  return {
    ...learned,
    state: { position, failures, idleMs, toldFailure: lasting ?? told },
    failure: lasting === told ? undefined : lasting,
    pauseMs: !read.follow && outcome === 'done' ? 0 : pauseMs,
  };
}

/** Undefined when the pod's news is no reason to read now. Any news of a pod means that the API server answers. */
export function afterPodNews(state: StreamState, changed: boolean): StreamState | undefined {
  if (!changed && state.failures < MANY_FAILURES) return undefined;
  return { ...state, failures: Math.min(state.failures, 1) };
}

/** `other-log`: the line shown last is not in it. `no-log`: the node does not have it any more. `failed`: try again. */
type Outcome = 'done' | 'other-log' | 'no-log' | 'failed';

function outcomeOf({ otherLog, failure, clean, newLines, confirmed }: EndedRead): Outcome {
  if (otherLog) return 'other-log';
  const gone = failure?.kind === 'container-gone';
  if ((gone || failure?.kind === 'no-log') && newLines === 0 && !confirmed) return 'no-log';
  return (gone || failure === undefined) && clean ? 'done' : 'failed';
}

/** The instance whose lines were thought to be shown, when they prove to be the next one's. */
function misnamedInstance(before: LogPosition, now: LogPosition, { confirmed }: EndedRead): string | undefined {
  return confirmed && !before.finished && before.instance !== now.instance ? before.instance : undefined;
}

function nextIdleMs(idleMs: number, { newLines, idle }: EndedRead, limits: SilenceLimits): number {
  if (newLines > 0) return limits.idleMs;
  return idle ? Math.min(idleMs * 2, limits.maxIdleMs) : idleMs;
}

const NOWHERE = { present: true, previous: true };

function nextPosition(position: LogPosition, end: EndedRead, outcome: Outcome): LogPosition {
  const { read, confirmed, resumed } = end;
  if (read.mode !== 'resume') return positionAfterFresh(position, end, outcome);
  switch (outcome) {
    case 'failed':
      return { ...position, cut: true };
    case 'no-log':
      return resumed ? lacks(position, read) : { ...position, lacking: NOWHERE };
    case 'other-log':
      return { ...lacks(position, read), cut: true };
    case 'done': {
      if (resumed && !confirmed) return read.follow ? position : { ...lacks(position, read), cut: true };
      const lacking = confirmed ? NOTHING_READ.lacking : position.lacking;
      // `--previous` has it although the pod still calls it the latest one.
      const replaced = read.previous && confirmed && read.instance === end.before.latest;
      const instance = confirmed ? read.instance : position.instance;
      return positionAtEnd({ ...position, instance, lacking, replaced, cut: false }, end);
    }
  }
}

function positionAfterFresh(position: LogPosition, end: EndedRead, outcome: Outcome): LogPosition {
  const { read } = end;
  const started: LogPosition = { ...NOTHING_READ, instance: read.instance };
  switch (outcome) {
    case 'failed':
      return end.heard ? { ...started, cut: true } : position;
    case 'no-log':
      // A container that could not even be started has no log.
      return read.previous ? { ...started, lacking: NOWHERE } : { ...started, finished: !read.follow };
    case 'other-log':
    case 'done':
      return positionAtEnd(started, end);
  }
}

function lacks(position: LogPosition, { previous }: LogRead): LogPosition {
  return { ...position, lacking: { ...position.lacking, [previous ? 'previous' : 'present']: true } };
}

/** An ended instance is read until a read brings nothing new: one that was cut looks like one that was complete. */
function positionAtEnd(position: LogPosition, { read, newLines, unfinishedBytes }: EndedRead): LogPosition {
  if (read.follow) return position;
  const finished = newLines === 0 && (unfinishedBytes < 0 || unfinishedBytes === position.unfinishedBytes);
  return { ...position, finished, unfinishedBytes };
}
