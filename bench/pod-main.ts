// The patterns' program in a real pod: what the embedded cluster gives a program, as far as this one needs it.
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { patternProgram } from '../test/cluster/pattern-program.ts';

const BACKLOG = 4096;
const listening = (server: Server, port: number) =>
  new Promise<void>((resolve) => server.listen(port, '0.0.0.0', BACKLOG, resolve));

void patternProgram({
  pod: '',
  container: '',
  instance: 0,
  ended: new AbortController().signal,
  log: (text) => void process.stdout.write(text),
  listen(port: number, onConnection: (socket: Socket) => void) {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      socket.on('error', () => socket.destroy());
      onConnection(socket);
    });
    return listening(server, port);
  },
  listenHttp: (port: number, onRequest: RequestListener) => listening(createHttpServer(onRequest), port),
  onTerminate: () => {},
  exit: (code) => process.exit(code),
});
process.on('SIGTERM', () => process.exit());
