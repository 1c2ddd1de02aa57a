// One container of a simulated pod over its instances: waiting → running → terminated → (back-off) → running …

import { kubeTime } from './clock.ts';
import { ContainerLog } from './container-log.ts';
import { randomId } from './names.ts';
import { type Program, RunningProcess } from './program.ts';

export interface PortSpec {
  readonly containerPort: number;
  readonly name?: string;
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
}

export interface ContainerSpec {
  readonly name: string;
  readonly ports?: readonly PortSpec[];
  readonly program?: Program;
  /** `sidecar`: an init container with `restartPolicy: Always`; `init`: one that has to end first. */
  readonly role?: 'main' | 'sidecar' | 'init';
  /** From when the program is up (its promise is fulfilled) until the container is ready. Default 0. */
  readonly readyAfterMs?: number;
  /** Only told to those who ask for the pod; what makes it ready is `readyAfterMs`. */
  readonly readinessProbe?: object;
  /** Never starts: stays waiting with this reason, e.g. `ImagePullBackOff`. */
  readonly waiting?: { readonly reason: string; readonly message?: string };
  /** Pauses before the restarts, the last one for all further ones. */
  readonly restartDelaysMs?: readonly number[];
}

export type State =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message?: string | undefined }
  | { readonly kind: 'running'; readonly startedAt: string }
  | {
      readonly kind: 'terminated';
      readonly exitCode: number;
      readonly reason: string;
      readonly startedAt: string;
      readonly finishedAt: string;
      readonly containerId: string;
    };

export interface Instance {
  readonly id: string;
  readonly log: ContainerLog;
  readonly startedAt: string;
  readonly process: RunningProcess;
}

export interface CrashOrder {
  readonly exitCode?: number;
  /** Default: the container's own `restartDelaysMs`. */
  readonly restartAfterMs?: number;
  /** Shows `CrashLoopBackOff` meanwhile, as kubelet does from the second failure on. */
  readonly crashLoop?: boolean;
}

/** What a container needs of its pod. */
export interface ContainerHost {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly ports: Map<number, number>;
  readonly restarts: boolean;
  readonly terminating: boolean;
  changed(): void;
}

const RESTART_DELAYS_MS = [200, 1000, 2000, 5000];
/** kubelet's back-off as its message tells it. */
const TOLD_BACK_OFF = ['10s', '20s', '40s', '1m20s', '2m40s', '5m0s'];

export class SimContainer {
  readonly spec: ContainerSpec;
  readonly #host: ContainerHost;
  state: State;
  lastState: State | undefined;
  ready = false;
  restartCount = 0;
  current: Instance | undefined;
  previous: Instance | undefined;
  #timers: NodeJS.Timeout[] = [];
  #order: CrashOrder = {};

  constructor(spec: ContainerSpec, host: ContainerHost) {
    this.spec = spec;
    this.#host = host;
    this.state = { kind: 'waiting', reason: 'ContainerCreating', ...spec.waiting };
  }

  /** Resolves when it has ended; an init container's way to let the next one start. */
  async whenEnded(): Promise<void> {
    const signal = this.current?.process.ended;
    if (signal?.aborted === false) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  }

  get hasFailed(): boolean {
    return this.state.kind === 'terminated' && this.state.exitCode !== 0;
  }

  /** Starts the first or the next instance, unless it is to wait for ever. */
  start(): void {
    if (this.spec.waiting !== undefined) return;
    this.previous = this.current;
    const log = new ContainerLog();
    const { name, namespace: _namespace, ports } = this.#host;
    const process = new RunningProcess({
      pod: name,
      container: this.spec.name,
      instance: this.restartCount,
      log,
      ports,
      onExit: (code) => this.#ended(code),
    });
    const startedAt = kubeTime();
    this.current = { id: `containerd://${randomId()}`, log, startedAt, process };
    this.state = { kind: 'running', startedAt };
    this.#host.changed();
    void this.#run(process);
  }

  setReady(ready: boolean): void {
    if (this.state.kind !== 'running' || this.ready === ready) return;
    this.ready = ready;
    this.#host.changed();
  }

  crash(order: CrashOrder = {}): void {
    this.#order = order;
    this.current?.process.exit(order.exitCode ?? 1);
  }

  terminate(): void {
    this.current?.process.terminate();
  }

  /** Ends for good. */
  kill(exitCode: number): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.current?.process.end();
    if (this.state.kind === 'running') this.#terminated(exitCode);
    this.ready = false;
  }

  async #run(process: RunningProcess): Promise<void> {
    try {
      await this.spec.program?.(process);
      if (this.spec.role === 'init') process.exit(0);
      const readyAfterMs = this.spec.readyAfterMs ?? 0;
      const ready = () => {
        if (this.current?.process === process) this.setReady(true);
      };
      if (readyAfterMs === 0) ready();
      else this.#later(readyAfterMs, ready);
    } catch (error) {
      process.log(`${String(error)}\n`);
      process.exit(2);
    }
  }

  #ended(exitCode: number): void {
    const order = this.#order;
    this.#order = {};
    this.ready = false;
    this.#terminated(exitCode);
    this.#host.changed();
    if (!this.#host.restarts || this.#host.terminating || this.spec.role === 'init') return;
    const delays = this.spec.restartDelaysMs ?? RESTART_DELAYS_MS;
    const delayMs = order.restartAfterMs ?? delays[Math.min(this.restartCount, delays.length - 1)] ?? 0;
    if (order.crashLoop ?? this.restartCount > 0) this.#later(Math.min(20, delayMs), () => this.#backOff());
    this.#later(delayMs, () => {
      this.lastState = this.#lastTermination;
      this.restartCount++;
      this.start();
    });
  }

  #lastTermination: State | undefined;

  #terminated(exitCode: number): void {
    const finishedAt = kubeTime();
    const { id: containerId = '', startedAt = finishedAt } = this.current ?? {};
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    this.state = { kind: 'terminated', exitCode, reason, startedAt, finishedAt, containerId };
    this.#lastTermination = this.state;
  }

  #backOff(): void {
    const { name, namespace, uid } = this.#host;
    const told = TOLD_BACK_OFF[Math.min(Math.max(this.restartCount - 1, 0), TOLD_BACK_OFF.length - 1)];
    const message = `back-off ${told} restarting failed container=${this.spec.name} pod=${name}_${namespace}(${uid})`;
    this.lastState = this.#lastTermination;
    this.state = { kind: 'waiting', reason: 'CrashLoopBackOff', message };
    this.#host.changed();
  }

  #later(ms: number, act: () => void): void {
    this.#timers.push(setTimeout(() => void (this.#host.terminating || act()), ms).unref());
  }
}
