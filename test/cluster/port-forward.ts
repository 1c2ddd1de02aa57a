// One kubectl port-forward: pairs the client's error and data streams and joins each pair with a TCP connection into the
// pod, with the words and the end-of-connection habits of kubelet and containerd.
import { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import type { SpdySession, SpdyStream } from './spdy-session.ts';

/** Where a port of the pod leads: to a port of 127.0.0.1, nowhere (nothing listens), or there is no such pod any more. */
export type PortTarget =
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'refused' }
  | { readonly kind: 'gone' };

export interface ForwardPod {
  readonly sandboxId: string;
  resolvePort(port: number): PortTarget;
}

/** After one direction has ended, the other one gets this long (containerd). */
const OTHER_SIDE_MS = 1000;
/** What one stream may have queued for a slow server before the whole session waits. */
const QUEUED_BYTES = 4 * 1024 * 1024;

export interface ForwardOptions {
  /** How much later than the server's close the client hears of it. */
  readonly closeDelayMs: number;
  readonly onEnd: () => void;
}

export function servePortForward(session: SpdySession, pod: ForwardPod, options: ForwardOptions): void {
  const errorStreams = new Map<string, SpdyStream>();
  const connections = new Set<Socket>();
  session.onClose = () => {
    for (const connection of connections) connection.destroy();
    options.onEnd();
  };
  session.onStream = (stream) => {
    const request = stream.headers.get('requestid') ?? '';
    if (stream.headers.get('streamtype') === 'error') {
      errorStreams.set(request, stream);
      return;
    }
    const errors = errorStreams.get(request);
    errorStreams.delete(request);
    const port = Number(stream.headers.get('port'));
    const finish = (message: string | undefined) => {
      if (message !== undefined && errors !== undefined) {
        errors.write(Buffer.from(`error forwarding port ${port} to pod ${pod.sandboxId}, uid : ${message}`));
      }
      stream.end();
      errors?.end();
    };
    const target = pod.resolvePort(port);
    if (target.kind === 'gone') finish(`failed to find sandbox "${pod.sandboxId}" in store: not found`);
    else if (target.kind === 'refused') finish(failedForward(refusal(pod, port)));
    else
      join(session, stream, target.port, connections, options.closeDelayMs, (error) =>
        finish(describe(error, pod, port)),
      );
  };
}

function refusal(pod: ForwardPod, port: number): string {
  return (
    `failed to connect to localhost:${port} inside namespace "${pod.sandboxId}", IPv4: dial tcp4 127.0.0.1:${port}: ` +
    'connect: connection refused IPv6 dial tcp6: address localhost: no suitable address found '
  );
}

function failedForward(reason: string): string {
  return `failed to execute portforward in network namespace "/var/run/netns/cni-0": ${reason}`;
}

function describe(error: NodeJS.ErrnoException | undefined, pod: ForwardPod, port: number): string | undefined {
  if (error === undefined) return undefined;
  if (error.code === 'ECONNREFUSED') return failedForward(refusal(pod, port));
  const verb = error.code === 'ECONNRESET' ? 'read: connection reset by peer' : `write: ${error.message}`;
  return failedForward(`read tcp4 127.0.0.1:40000->127.0.0.1:${port}: ${verb}`);
}

function join(
  session: SpdySession,
  stream: SpdyStream,
  realPort: number,
  connections: Set<Socket>,
  closeDelayMs: number,
  finish: (error: NodeJS.ErrnoException | undefined) => void,
): void {
  const socket = connect({ host: '127.0.0.1', port: realPort, noDelay: true, allowHalfOpen: true });
  connections.add(socket);
  let done = false;
  let lingering: NodeJS.Timeout | undefined;
  const end = (error?: NodeJS.ErrnoException) => {
    if (done) return;
    done = true;
    clearTimeout(lingering);
    session.letGo(socket);
    finish(error);
    socket.destroy();
  };
  const linger = (ms: number, error?: NodeJS.ErrnoException) => {
    if (ms === 0) end(error);
    else lingering ??= setTimeout(() => end(error), ms);
  };
  socket.on('error', (error: NodeJS.ErrnoException) => linger(closeDelayMs, error));
  socket.on('end', () => linger(closeDelayMs));
  socket.on('close', () => {
    connections.delete(socket);
    linger(closeDelayMs);
  });
  socket.on('data', (chunk: Buffer) => {
    if (stream.write(chunk)) return;
    socket.pause();
    session.onDrain(() => socket.resume());
  });
  socket.on('drain', () => session.letGo(socket));
  stream.onData = (piece) => {
    if (done) return;
    socket.write(piece);
    if (socket.writableLength > QUEUED_BYTES) session.hold(socket);
  };
  stream.onEnd = () => {
    if (done) return;
    socket.end();
    linger(OTHER_SIDE_MS);
  };
}
