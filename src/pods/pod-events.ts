// One run of `kubectl get pods --watch`: its events, and why it ended.

import { type PodQuery, watchPodsArgs } from '../kubectl/core/kubectl-args.ts';
import { kubectlMessage, saysWhyItFailed } from '../kubectl/core/kubectl-lines.ts';
import { readLines } from '../kubectl/read-lines.ts';
import { startKubectl } from '../kubectl/start-kubectl.ts';
import type { KubectlSettings } from '../request/core/settings.ts';
import { UserError } from '../values/errors.ts';
import { decodeWatchEvent, type WatchEvent } from './core/pod.ts';

export interface PodEventsEnd {
  /** In kubectl's or our words; empty when it ended in order. */
  readonly reason: string;
  /** It could not go on by itself. */
  readonly failed: boolean;
}

/** A pod with a long status may be a megabyte of JSON. */
const MAX_EVENT_BYTES = 32 * 1024 * 1024;
/** So many lines in a row that are not events of pods end the watch. */
const MAX_UNREADABLE = 100;
const NOT_JSON = new UserError('kubectl get printed something that is not JSON');

export function readPodEvents(kubectl: KubectlSettings, query: PodQuery, onEvent: (event: WatchEvent) => void) {
  const child = startKubectl(kubectl.program, watchPodsArgs(kubectl, query));
  let stderr = '';
  let unreadable = 0;
  let complaint: string | undefined;

  function take(line: string): void {
    if (complaint !== undefined) return;
    const event = readEvent(line);
    if (!(event instanceof UserError)) {
      unreadable = 0;
      onEvent(event);
      return;
    }
    // A single odd line does no harm: the next event, or a list, says what holds.
    unreadable += 1;
    if (unreadable < MAX_UNREADABLE) return;
    complaint = event.message;
    child.stdout.destroy();
    void child.stop();
  }

  void readLines(child.stdout, take, { maxLength: MAX_EVENT_BYTES });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-8192);
  });
  return {
    ended: child.ended.then(({ exitCode }): PodEventsEnd => {
      if (complaint !== undefined) return { reason: complaint, failed: true };
      // A watch that ended in order had nothing to say, whatever kubectl's log and its plugins wrote.
      if (exitCode === 0) return { reason: '', failed: false };
      return { reason: kubectlMessage(stderr), failed: saysWhyItFailed(stderr) };
    }),
    stop: () => child.stop(),
  };
}

/** An error for a line that is not an event of a pod. */
function readEvent(line: string): WatchEvent | UserError {
  // JSON.parse takes long to refuse a long line.
  if (!line.startsWith('{')) return NOT_JSON;
  try {
    return decodeWatchEvent(JSON.parse(line));
  } catch (error) {
    return error instanceof UserError ? error : NOT_JSON;
  }
}
