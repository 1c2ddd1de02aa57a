// What runs in a container: a function that logs, listens on container ports (real TCP ports of 127.0.0.1) and may exit.
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { ContainerLog } from './container-log.ts';

export interface Process {
  readonly pod: string;
  readonly container: string;
  /** 0 for the first instance, then 1, 2, … */
  readonly instance: number;
  /** Aborted when the process has ended. */
  readonly ended: AbortSignal;
  /** Writes to the container's standard output. */
  log(data: string | Uint8Array, timeNs?: bigint): void;
  /** Resolves when clients are accepted; connections allow half-open use. */
  listen(containerPort: number, onConnection: (socket: Socket) => void): Promise<void>;
  listenHttp(containerPort: number, onRequest: RequestListener): Promise<void>;
  /** On SIGTERM; without it the process just goes on until it is ended. */
  onTerminate(react: () => void): void;
  exit(code?: number): void;
}

/** Its promise is fulfilled when it is up, e.g. listens; then the container may be ready. It may go on after that. */
export type Program = (process: Process) => void | Promise<void>;

export interface ProcessOptions {
  readonly pod: string;
  readonly container: string;
  readonly instance: number;
  readonly log: ContainerLog;
  /** Container port → port of 127.0.0.1; the pod's containers share it. */
  readonly ports: Map<number, number>;
  readonly onExit: (code: number) => void;
}

/** A running program. */
export class RunningProcess implements Process {
  readonly pod: string;
  readonly container: string;
  readonly instance: number;
  readonly #options: ProcessOptions;
  readonly #end = new AbortController();
  readonly #servers = new Map<number, Server>();
  readonly #sockets = new Set<Socket>();
  #react = () => {};

  constructor(options: ProcessOptions) {
    this.#options = options;
    this.pod = options.pod;
    this.container = options.container;
    this.instance = options.instance;
  }

  get ended(): AbortSignal {
    return this.#end.signal;
  }

  log(data: string | Uint8Array, timeNs?: bigint): void {
    this.#options.log.write(data, timeNs);
  }

  listen(containerPort: number, onConnection: (socket: Socket) => void): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      socket.on('error', () => socket.destroy());
      onConnection(socket);
    });
    return this.#open(containerPort, server);
  }

  listenHttp(containerPort: number, onRequest: RequestListener): Promise<void> {
    const server = createHttpServer({ keepAliveTimeout: 75_000, requestTimeout: 0, noDelay: true }, onRequest);
    return this.#open(containerPort, server);
  }

  onTerminate(react: () => void): void {
    this.#react = react;
  }

  exit(code = 0): void {
    if (this.ended.aborted) return;
    this.end();
    this.#options.onExit(code);
  }

  terminate(): void {
    this.#react();
  }

  /** The process is gone: its ports, its connections and its output. */
  end(): void {
    if (this.ended.aborted) return;
    this.#end.abort();
    for (const [containerPort, server] of this.#servers) {
      this.#options.ports.delete(containerPort);
      server.close();
    }
    for (const socket of this.#sockets) socket.destroy();
    this.#options.log.close();
  }

  async #open(containerPort: number, server: Server): Promise<void> {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', 4096, resolve);
    });
    if (this.ended.aborted) {
      server.close();
      return;
    }
    this.#servers.set(containerPort, server);
    this.#options.ports.set(containerPort, (server.address() as AddressInfo).port);
  }
}
