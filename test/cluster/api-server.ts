// The HTTP side of the cluster: one loopback port that can be stopped and started again, faults first, then the endpoint.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { ApiError } from './api-error.ts';
import { socketLink } from './byte-link.ts';
import { discoveryDocument } from './discovery.ts';
import type { Faults } from './faults.ts';
import { sendJson } from './read-endpoint.ts';
import { type ApiRequest, parseRequest } from './requests.ts';
import { SpdySession } from './spdy-session.ts';
import { acceptKey, webSocketLink } from './web-socket-link.ts';

const WEB_SOCKET_PROTOCOL = 'SPDY/3.1+portforward.k8s.io';
const SPDY_PROTOCOL = 'portforward.k8s.io';

export interface ApiHandlers {
  /** Answers a request for objects or logs; may throw ApiError. */
  readonly object: (request: ApiRequest, response: ServerResponse, incoming: IncomingMessage) => void | Promise<void>;
  /** Throws ApiError when this pod cannot be forwarded to. */
  readonly checkForward: (request: ApiRequest) => void;
  readonly forward: (request: ApiRequest, session: SpdySession) => void;
}

export interface ApiServerOptions {
  readonly spdy: boolean;
  readonly webSocket: boolean;
  readonly gitVersion: string;
}

export class ApiServer {
  readonly #options: ApiServerOptions;
  readonly #handlers: ApiHandlers;
  readonly #faults: Faults;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  /** Every request since the start, for tests. */
  readonly requests: ApiRequest[] = [];

  constructor(options: ApiServerOptions, handlers: ApiHandlers, faults: Faults) {
    this.#options = options;
    this.#handlers = handlers;
    this.#faults = faults;
  }

  get port(): number {
    return this.#port;
  }

  /** Listens; always on the same port after the first time. */
  async start(): Promise<void> {
    const server = createServer({ keepAliveTimeout: 120_000, requestTimeout: 0, headersTimeout: 0 });
    server.on('connection', (socket: Socket) => {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (incoming, response) => void this.#answer(incoming, response));
    server.on('upgrade', (incoming, socket: Socket, head) => void this.#upgrade(incoming, socket, head));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Nothing listens any more when it returns; open connections are closed after `graceMs` (0: at once). */
  stop(graceMs = 0): void {
    this.#server?.close();
    this.#server = undefined;
    const open = [...this.#sockets];
    const cut = () => {
      for (const socket of open) socket.destroy();
    };
    if (graceMs === 0) cut();
    else setTimeout(cut, graceMs).unref();
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = parseRequest(incoming);
    this.requests.push(request);
    try {
      await this.#faults.apply(request);
      if (request.resource !== undefined) return await this.#handlers.object(request, response, incoming);
      if (request.path.endsWith('/portforward')) throw new ApiError(400, 'Upgrade request required');
      const document = discoveryDocument(request.path, this.#options.gitVersion);
      if (document === undefined) throw new ApiError(404, 'the server could not find the requested resource', {});
      sendJson(response, 200, document);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!response.headersSent) sendJson(response, error.status.code, error.status);
    }
  }

  async #upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const request = parseRequest(incoming);
    this.requests.push(request);
    socket.on('error', () => socket.destroy());
    if (head.length > 0) socket.unshift(head);
    try {
      await this.#faults.apply(request);
      if (request.subresource !== 'portforward') throw new ApiError(400, 'nothing to upgrade to here');
      this.#handlers.checkForward(request);
      if (incoming.headers.upgrade?.toLowerCase() === 'websocket') this.#webSocket(request, incoming, socket);
      else this.#spdy(request, incoming, socket);
      request.upgraded = true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      refuseUpgrade(socket, error);
    }
  }

  #spdy(request: ApiRequest, incoming: IncomingMessage, socket: Socket): void {
    const asked = incoming.headers['x-stream-protocol-version'];
    if (!this.#options.spdy || incoming.headers.upgrade !== 'SPDY/3.1') {
      throw new ApiError(400, 'unable to upgrade: no SPDY here');
    }
    if (asked !== SPDY_PROTOCOL) throw new ApiError(403, `unable to upgrade: unsupported protocol ${asked}`);
    acceptUpgrade(socket, ['Upgrade: SPDY/3.1', `X-Stream-Protocol-Version: ${SPDY_PROTOCOL}`]);
    this.#handlers.forward(request, new SpdySession(socketLink(socket)));
  }

  #webSocket(request: ApiRequest, incoming: IncomingMessage, socket: Socket): void {
    const asked = incoming.headers['sec-websocket-protocol'] ?? '';
    const key = incoming.headers['sec-websocket-key'] ?? '';
    if (!this.#options.webSocket || !asked.split(/,\s*/).includes(WEB_SOCKET_PROTOCOL)) {
      throw new ApiError(400, `unable to upgrade: unsupported protocol ${asked}`);
    }
    acceptUpgrade(socket, [
      'Upgrade: websocket',
      `Sec-WebSocket-Accept: ${acceptKey(key)}`,
      `Sec-WebSocket-Protocol: ${WEB_SOCKET_PROTOCOL}`,
    ]);
    this.#handlers.forward(request, new SpdySession(webSocketLink(socket)));
  }
}

function acceptUpgrade(socket: Socket, headers: readonly string[]): void {
  socket.write(`${['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', ...headers].join('\r\n')}\r\n\r\n`);
}

function refuseUpgrade(socket: Socket, error: ApiError): void {
  const body = JSON.stringify(error.status);
  socket.end(
    `HTTP/1.1 ${error.status.code} ${error.status.reason}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
