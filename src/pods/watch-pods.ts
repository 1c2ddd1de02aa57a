// The pods of a target as they are now, kept up to date by `kubectl get --watch` across everything that ends a watch.

import { ask } from '../kubectl/ask.ts';
import { listPodsArgs, type PodQuery, watchPodsArgs } from '../kubectl/core/kubectl-args.ts';
import { classifyFailure } from '../kubectl/core/kubectl-errors.ts';
import { kubectlMessage, saysWhyItFailed } from '../kubectl/core/kubectl-lines.ts';
import { readLines } from '../kubectl/read-lines.ts';
import { startChild } from '../processes/child.ts';
import { type Run, supervise } from '../processes/supervisor.ts';
import type { KubectlSettings } from '../request/core/settings.ts';
import { UserError } from '../values/errors.ts';
import { decodePodList, decodeWatchEvent, type Pod, type WatchEvent } from './core/pod.ts';

export interface PodWatch {
  /** How the pods stand is not known for certain since this time of `performance.now()`; infinity while it is. */
  readonly blindSinceMs: number;
  /** Somebody waits for that: a pause between watches ends now. */
  retryNow(): void;
  stop(): Promise<void>;
}

export interface PodWatchOptions {
  readonly kubectl: KubectlSettings;
  readonly query: PodQuery;
  readonly initial: readonly Pod[];
  readonly onChange: (pods: readonly Pod[]) => void;
  /** The API server does not answer; told once, until `onRestored`. */
  readonly onLost: (reason: string) => void;
  readonly onRestored: () => void;
  /** Listing is allowed and watching is not; told once. From then on the pods are listed every few seconds. */
  readonly onForbidden: (reason: string) => void;
  readonly signal: AbortSignal;
}

/** A pod with a long status may be a megabyte of JSON. */
const MAX_EVENT_BYTES = 32 * 1024 * 1024;
/** Lines in a row that are no events of pods, after which it is no use to listen any longer. */
const MAX_UNREADABLE = 100;
/** A watch prints what exists at once; what it has not named after this long is looked up in a list. */
const SETTLE_MS = 1_000;
const LIST_TIMEOUT_MS = 20_000;
const LIST_AGAIN_MS = 2_000;
/** Watches that end in a row, without any word in between, after which the API server counts as lost. */
const LOST_AFTER = 2;

export function watchPods(options: PodWatchOptions): PodWatch {
  const { kubectl, query, signal } = options;
  const pods = new Map(options.initial.map((pod) => [pod.uid, pod]));
  let failures = 0;
  let lost = false;
  let forbidden = false;
  let blindSinceMs = Number.POSITIVE_INFINITY;

  /** `all`: every pod that was known has been named again, or was listed. */
  function report(all: boolean): void {
    if (all) blindSinceMs = Number.POSITIVE_INFINITY;
    options.onChange([...pods.values()]);
  }

  function alive(): void {
    failures = 0;
    if (!lost) return;
    lost = false;
    options.onRestored();
  }

  function failed(reason: string): void {
    failures += 1;
    if (lost || failures < LOST_AFTER) return;
    lost = true;
    options.onLost(reason);
  }

  function start(): Run {
    const child = startChild(kubectl.program, watchPodsArgs(kubectl, query));
    const unseen = new Set(pods.keys());
    const seen = new Set<string>();
    let stderr = '';
    let over = false;
    let stopped = false;
    let unreadable = 0;
    let complaint: string | undefined;
    let spoke: () => void = () => {};
    const ready = new Promise<void>((resolve) => {
      spoke = resolve;
    });
    const heard = () => {
      spoke();
      alive();
    };

    function take(line: string): void {
      if (unreadable === MAX_UNREADABLE) return;
      const event = readEvent(line);
      if (event instanceof UserError) {
        // The list below, or the next event, says what holds.
        unreadable += 1;
        if (unreadable < MAX_UNREADABLE) return;
        complaint = event.message;
        child.stdout.destroy();
        void child.stop();
        return;
      }
      unreadable = 0;
      heard();
      unseen.delete(event.pod.uid);
      seen.add(event.pod.uid);
      if (event.kind === 'deleted') pods.delete(event.pod.uid);
      else pods.set(event.pod.uid, event.pod);
      report(unseen.size === 0);
    }

    /** A pod deleted while nobody watched is named by nothing but its absence. */
    async function settle(): Promise<void> {
      if (over || (unseen.size === 0 && !lost && failures === 0)) return;
      if (!(await list()) && !over) timer = setTimeout(settle, LIST_AGAIN_MS);
    }

    async function list(): Promise<boolean> {
      const question = ask(kubectl.program, listPodsArgs(kubectl, query), { timeoutMs: LIST_TIMEOUT_MS, signal });
      // Aborted: nobody wants to know any more.
      const answer = await question.catch(() => undefined);
      if (answer?.kind !== 'answered') return false;
      let listed: ReadonlyMap<string, Pod>;
      try {
        listed = new Map(decodePodList(answer.value).map((pod) => [pod.uid, pod]));
      } catch {
        // As with an odd event: the next list, or the watch, says what holds.
        return false;
      }
      if (!forbidden) heard();
      for (const uid of unseen) if (!listed.has(uid)) pods.delete(uid);
      // What the watch has named is newer than the list.
      for (const [uid, pod] of listed) if (!seen.has(uid)) pods.set(uid, pod);
      report(true);
      return true;
    }

    let timer = setTimeout(settle, SETTLE_MS);
    void readLines(child.stdout, take, { maxLength: MAX_EVENT_BYTES });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-8192);
    });
    const ended = child.ended.then(async ({ exitCode }) => {
      over = true;
      clearTimeout(timer);
      blindSinceMs = Math.min(blindSinceMs, performance.now());
      if (stopped || signal.aborted) return { causedByApp: false };
      // A watch that ended in order had nothing to say, whatever kubectl's log and its plugins wrote.
      const said = complaint ?? (exitCode === 0 ? '' : kubectlMessage(stderr));
      if (classifyFailure(said) === 'forbidden' && (await list())) {
        if (!forbidden) options.onForbidden(said);
        forbidden = true;
        return { causedByApp: false };
      }
      const failedItself = exitCode !== 0 && saysWhyItFailed(stderr);
      if (failedItself || complaint !== undefined) failures = Math.max(failures, LOST_AFTER - 1);
      failed(said || 'the watch of the pods ended');
      return { causedByApp: false };
    });
    return {
      ready,
      ended,
      stop() {
        stopped = true;
        return child.stop();
      },
    };
  }

  const supervisor = supervise(start);
  return {
    get blindSinceMs() {
      return blindSinceMs;
    },
    retryNow: () => supervisor.retryNow(),
    stop: () => supervisor.stop(),
  };
}

const NOT_JSON = new UserError('kubectl get printed something that is not JSON');

/** An error for what is no event of a pod that we can read. */
function readEvent(line: string): WatchEvent | UserError {
  // Many a line that is none costs little this way.
  if (!line.startsWith('{')) return NOT_JSON;
  try {
    return decodeWatchEvent(JSON.parse(line));
  } catch (error) {
    return error instanceof UserError ? error : NOT_JSON;
  }
}
