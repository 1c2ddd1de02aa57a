// A container with its kubelet and `kubectl logs`, as far as a log stream can tell: for tests that need every order of
// events, which no real one gives on demand.
import { PassThrough } from 'node:stream';
import type { ContainerStatus } from '../../src/pods/core/container.ts';
import type { Pod } from '../../src/pods/core/pod.ts';
import type { Child, startChild } from '../../src/processes/child.ts';
import type { ChildEnd } from '../../src/processes/started-child.ts';

interface Line {
  readonly nanos: bigint;
  readonly text: Buffer;
}
interface Instance {
  readonly id: string;
  /** What the kubelet reads: since the last rotation. */
  file: Line[];
  alive: boolean;
  /** The node still has it. */
  kept: boolean;
}
interface Follow {
  readonly instance: Instance;
  readonly since: bigint;
  readonly stdout: PassThrough;
  end(exitCode: number, message?: string): void;
}

const START = BigInt(Date.UTC(2026, 0, 2, 3, 4, 5)) * 1_000_000n;

export class LogKubelet {
  readonly calls: string[][] = [];
  /** What every call fails with, while it is set. */
  failure: { message: string; exitCode: number } | undefined;
  /** Like kubelets before 1.23. */
  blindAfterRotation = false;
  #nanos = START + 900_000_000n;
  readonly #instances: Instance[] = [];
  #follows: Follow[] = [];

  get latest(): Instance {
    return this.#instances.at(-1) as Instance;
  }

  get following(): number {
    return this.#follows.length;
  }

  startInstance(): void {
    for (const instance of this.#instances.slice(0, -1)) instance.kept = false;
    this.#instances.push({ id: `containerd://${this.#instances.length}`, file: [], alive: true, kept: true });
  }

  passTime(ms: number): void {
    this.#nanos += BigInt(Math.round(ms * 1e6));
  }

  /** `shownBytes`: how much of it the present follows get. */
  write(text: string | Buffer, shownBytes?: number): void {
    const line: Line = { nanos: this.#nanos, text: Buffer.from(text) };
    this.latest.file.push(line);
    for (const follow of this.#follows) {
      if (follow.instance === this.latest && line.nanos >= follow.since)
        follow.stdout.write(bytes(line).subarray(0, shownBytes));
    }
  }

  rotate(): void {
    this.latest.file = [];
    if (this.blindAfterRotation) this.#follows = this.#follows.filter(({ instance }) => instance !== this.latest);
  }

  /** The streams end, as with a lost kubelet (exit 0) or API server. */
  cut(exitCode: number, message = ''): void {
    for (const follow of this.#follows.splice(0)) follow.end(exitCode, message);
  }

  /** The node removes the container, and kubelet finds it missing at the end of its log. */
  removeInstance(): void {
    Object.assign(this.latest, { alive: false, kept: false });
    const word = 'rpc error: code = NotFound desc = an error occurred when try to find container "1": not found';
    for (const { stdout } of this.#follows) stdout.write(word);
    this.cut(0);
  }

  endInstance(): void {
    this.latest.alive = false;
    this.cut(0);
  }

  pod(): Pod {
    const latest = this.#instances.at(-1);
    const before = this.#instances.at(-2);
    const ended = (id: string) => ({ kind: 'terminated', exitCode: 1, reason: 'Error', containerId: id }) as const;
    const status: ContainerStatus | undefined = latest && {
      state: latest.alive ? { kind: 'running' } : ended(latest.id),
      lastTermination: before && ended(before.id),
      restartCount: this.#instances.length - 1,
      containerId: latest.id,
      ready: latest.alive,
    };
    const waiting: ContainerStatus = {
      state: { kind: 'waiting', reason: 'ContainerCreating', message: undefined },
      lastTermination: undefined,
      restartCount: 0,
      containerId: undefined,
      ready: false,
    };
    return {
      name: 'example',
      namespace: 'default',
      uid: '1',
      labels: {},
      annotations: {},
      createdMs: 0,
      owner: undefined,
      terminating: false,
      phase: 'Running',
      ready: true,
      reason: undefined,
      message: undefined,
      containers: [{ name: 'go', role: 'main', ports: [], status: status ?? waiting }],
    };
  }

  readonly start: typeof startChild = (_program, args) => {
    this.calls.push([...args]);
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    const flag = (name: string) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
    let resolve: (end: ChildEnd) => void = () => {};
    const ended = new Promise<ChildEnd>((done) => {
      resolve = done;
    });
    let over = false;
    const end = (exitCode: number | undefined, message = '') => {
      if (over) return;
      over = true;
      this.#follows = this.#follows.filter((follow) => follow.stdout !== stdout);
      stderr.end(message === '' ? '' : `${message}\n`);
      stdout.end();
      const signal = exitCode === undefined ? 'SIGTERM' : undefined;
      stdout.on('end', () => resolve({ exitCode, signal, startError: undefined }));
    };
    const child: Child = {
      stdout,
      stderr,
      ended,
      async stop() {
        end(undefined);
        await ended;
      },
    };
    setImmediate(() => {
      if (this.failure) return end(this.failure.exitCode, this.failure.message);
      const instance = args.includes('--previous') ? this.#instances.at(-2) : this.latest;
      if (instance === undefined)
        return end(1, 'Error from server (BadRequest): previous terminated container "go" in pod "example" not found');
      if (!instance.kept) {
        stdout.write(`unable to retrieve container logs for ${instance.id}`);
        return end(0);
      }
      const sinceTime = flag('since-time') ?? '';
      const since = sinceTime === '' ? 0n : BigInt(Date.parse(sinceTime)) * 1_000_000n;
      const tail = Number(flag('tail') ?? -1);
      const lines = instance.file.filter(({ nanos }) => nanos >= since);
      for (const line of tail < 0 ? lines : lines.slice(-tail || lines.length)) {
        if (!over) stdout.write(bytes(line));
      }
      // The reader may have stopped it in the middle.
      if (over) return;
      if (!args.includes('--follow') || !instance.alive) return end(0);
      this.#follows.push({ instance, since, stdout, end });
    });
    return child;
  };
}

function bytes({ nanos, text }: Line): Buffer {
  const time = new Date(Number(nanos / 1_000_000n)).toISOString().slice(0, 20);
  const fraction = String(nanos % 1_000_000_000n).padStart(9, '0');
  return Buffer.concat([Buffer.from(`${time}${fraction}Z `), text, Buffer.from('\n')]);
}
