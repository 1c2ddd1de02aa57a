// One run of `kubectl port-forward` for one port of a pod, with several local ports: connections that are under way at
// the same time come in by different ones as far as possible, so that kubectl's word on a failed one tells which it was.
import { portForwardArgs } from '../kubectl/core/kubectl-args.ts';
import { kubectlMessage, parseForwardLine } from '../kubectl/core/kubectl-lines.ts';
import { readLines } from '../kubectl/read-lines.ts';
import { startKubectlFast } from '../kubectl/start-kubectl.ts';
import type { Child } from '../processes/child.ts';
import type { Run } from '../processes/supervisor.ts';
import type { KubectlSettings } from '../request/core/settings.ts';
import { createDeferred } from '../values/deferred.ts';
import { type Attempt, PrivatePort } from './private-port.ts';

/** An answer takes some milliseconds: more connections than these are seldom without one at the same moment. */
const LISTENERS = 8;

/** A kubectl that does not listen by then hangs, on a lost connection for example; the next one may not. */
const LISTEN_WITHIN_MS = 30_000;

/** The least time that all forwards have to begin to listen: --timeout is for the pod, and may be over when that is ready. */
export const SHORTEST_LISTEN_MS = 3_000;

/** How long kubectl waits for a stream to the kubelet before it gives a connection up. */
export const STREAM_MS = 30_000;

const LINE_LIMIT = { maxLength: 64 * 1024 };

export class PortForward implements Run {
  readonly #child: Child;
  readonly #ports = new Map<number, PrivatePort>();
  readonly #ready = createDeferred();
  readonly #listenTimer: NodeJS.Timeout;
  readonly #onHung: () => void;
  /** On the clock of `performance.now()`. */
  readonly startedMs = performance.now();
  #listens = false;
  #refusedClients = false;
  #stderr = '';
  /** Settles when kubectl has ended. */
  readonly ended: Promise<{ readonly causedByApp: boolean }>;

  /** @param onHung what goes through it leads nowhere any more; called for each connection that shows it */
  constructor(kubectl: KubectlSettings, pod: string, remotePort: number, onHung: () => void) {
    this.#onHung = onHung;
    this.#child = startKubectlFast(kubectl.program, portForwardArgs(kubectl, pod, remotePort, LISTENERS));
    this.#listenTimer = setTimeout(() => void this.stop(), LISTEN_WITHIN_MS);
    const read = [
      readLines(this.#child.stdout, (line) => this.#takeOutput(line), LINE_LIMIT),
      readLines(this.#child.stderr, (line) => this.#takeError(line), LINE_LIMIT),
    ];
    for (const output of [this.#child.stdout, this.#child.stderr]) output.once('end', () => this.#closing());
    this.ended = this.#end(read);
  }

  /** Resolves when it listens; stays pending when kubectl ends before. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get listens(): boolean {
    return this.#listens;
  }

  /** kubectl's last words. */
  get message(): string {
    return kubectlMessage(this.#stderr);
  }

  /** A connection to be made now; undefined when it does not listen. */
  begin(): Attempt | undefined {
    if (!this.#listens) return undefined;
    let best: PrivatePort | undefined;
    for (const port of this.#ports.values()) if (best === undefined || port.unanswered < best.unanswered) best = port;
    return best?.begin();
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }

  #takeOutput(line: string): void {
    const parsed = parseForwardLine(line);
    if (parsed.kind === 'handling') this.#ports.get(parsed.localPort)?.taken();
    if (parsed.kind !== 'listening') return;
    this.#ports.set(parsed.localPort, new PrivatePort(parsed.localPort));
    this.#listens = true;
    clearTimeout(this.#listenTimer);
    this.#ready.resolve();
  }

  #takeError(line: string): void {
    this.#stderr = `${this.#stderr}${line}\n`.slice(-8192);
    const parsed = parseForwardLine(line);
    if (parsed.kind !== 'connection-failed') return;
    this.#refusedClients = true;
    if (parsed.hung) this.#onHung();
    const named = parsed.localPort === undefined ? undefined : this.#ports.get(parsed.localPort);
    if (named !== undefined) named.failed(parsed.reached, parsed.reason, parsed.hung ? STREAM_MS : undefined);
    else for (const port of this.#ports.values()) port.failed('unknown', parsed.reason);
  }

  #closing(): void {
    this.#listens = false;
    for (const port of this.#ports.values()) port.closing();
  }

  async #end(read: readonly Promise<void>[]): Promise<{ causedByApp: boolean }> {
    const { startError } = await this.#child.ended;
    this.#closing();
    clearTimeout(this.#listenTimer);
    // What it had said last may still be on its way, and only counts as never said after that.
    await Promise.all(read);
    if (startError !== undefined) this.#stderr = `error: ${startError.message}`;
    for (const port of this.#ports.values()) port.ended(this.message, this.#child.stdout.readableEnded);
    return { causedByApp: this.#refusedClients };
  }
}
