// One run of `kubectl port-forward` for one port of a pod, with several local ports: connections that are under way at
// the same time come in by different ones as far as possible, so that kubectl's word on a failed one tells which it was.
import { portForwardArgs } from '../kubectl/core/kubectl-args.ts';
import { kubectlMessage, parseForwardLine } from '../kubectl/core/kubectl-lines.ts';
import { readLines } from '../kubectl/read-lines.ts';
import { startChild } from '../processes/child.ts';
import type { Run } from '../processes/supervisor.ts';
import type { KubectlSettings } from '../request/core/settings.ts';
import { type Attempt, createForwardPort, type ForwardPort } from './attempts.ts';

export interface Forward extends Run {
  /** Resolves when it listens; rejects never, stays pending when the child ended before. */
  readonly ready: Promise<void>;
  readonly listens: boolean;
  /** On the clock of `performance.now()`. */
  readonly startedMs: number;
  /** kubectl's last words, once it has ended. */
  readonly message: string;
  /** A connection to be made now; undefined when it does not listen. */
  beginAttempt(): Attempt | undefined;
}

/** An answer takes some milliseconds: more connections than these are seldom without one at the same moment. */
const LISTENERS = 8;

/** A kubectl that does not listen by then hangs, on a lost connection for example; the next one may not. */
const LISTEN_WITHIN_MS = 30_000;

/** What all forwards together have at least to listen: --timeout is for the pod, and may be over when that is ready. */
export const SHORTEST_LISTEN_MS = 3_000;

const LINE_LIMIT = { maxLength: 64 * 1024 };

export function startForward(kubectl: KubectlSettings, pod: string, remotePort: number): Forward {
  const startedMs = performance.now();
  const child = startChild(kubectl.program, portForwardArgs(kubectl, pod, remotePort, LISTENERS));
  const ports = new Map<number, ForwardPort>();
  let listens = false;
  let refusedClients = false;
  let stderr = '';
  let resolveWorked: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    resolveWorked = resolve;
  });

  const hung = setTimeout(() => void child.stop(), LISTEN_WITHIN_MS);

  const stdoutRead = readLines(
    child.stdout,
    (line) => {
      const parsed = parseForwardLine(line);
      if (parsed.kind === 'handling') ports.get(parsed.localPort)?.handled();
      if (parsed.kind !== 'listening') return;
      ports.set(parsed.localPort, createForwardPort(parsed.localPort));
      listens = true;
      clearTimeout(hung);
      resolveWorked();
    },
    LINE_LIMIT,
  );
  const stderrRead = readLines(
    child.stderr,
    (line) => {
      stderr = `${stderr}${line}\n`.slice(-8192);
      const parsed = parseForwardLine(line);
      if (parsed.kind !== 'connection-failed') return;
      refusedClients = true;
      if (parsed.hung) void child.stop();
      const named = parsed.localPort === undefined ? undefined : ports.get(parsed.localPort);
      if (named !== undefined) named.failed(parsed);
      else for (const port of ports.values()) port.failed({ ...parsed, reached: 'unknown' });
    },
    LINE_LIMIT,
  );
  const ended = child.ended.then(async (end) => {
    listens = false;
    clearTimeout(hung);
    // What it had said last may still be on its way, and only counts as never said after that.
    await Promise.all([stdoutRead, stderrRead]);
    if (end.startError !== undefined) stderr = `error: ${end.startError.message}`;
    for (const port of ports.values()) port.ended(kubectlMessage(stderr));
    return { causedByApp: refusedClients };
  });

  return {
    ready,
    ended,
    startedMs,
    get listens() {
      return listens;
    },
    get message() {
      return kubectlMessage(stderr);
    },
    beginAttempt() {
      if (!listens) return undefined;
      let best: ForwardPort | undefined;
      for (const port of ports.values()) if (best === undefined || port.unanswered < best.unanswered) best = port;
      return best?.begin();
    },
    stop: () => child.stop(),
  };
}
