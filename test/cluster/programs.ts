// Ready-made programs for containers: the reference example's two, and those that tests and benches need.
import type { ServerResponse } from 'node:http';
import type { Program } from './program.ts';

const GREETING = "Hello World, I'm Golang!\n";

/** What a web program has been asked, over all its instances. */
export interface WebCounter {
  requests: number;
}

/** `go`: greets, logs `TIME METHOD URL`, ends with /exit?code=N, sends and takes bytes with /down?bytes=N and /up. */
export function goProgram(port: number, counter: WebCounter = { requests: 0 }): Program {
  return async (process) => {
    await process.listenHttp(port, (request, response) => {
      counter.requests++;
      const url = new URL(request.url ?? '/', 'http://pod');
      const number = (name: string, otherwise: number) => Number(url.searchParams.get(name) ?? otherwise);
      if (url.pathname === '/exit') {
        const code = number('code', 1);
        process.log(`exiting with status ${code}\n`);
        process.exit(code);
        return;
      }
      process.log(`${new Date().toISOString()} ${request.method} ${request.url}\n`);
      if (url.pathname === '/down') {
        sendBytes(number('bytes', 0), response);
      } else if (url.pathname === '/up') {
        let received = 0;
        request.on('data', (chunk: Buffer) => {
          received += chunk.length;
        });
        request.on('end', () => response.end(`${received}\n`));
      } else if (url.searchParams.has('delayMs')) {
        setTimeout(() => response.end(GREETING), number('delayMs', 0));
      } else {
        response.end(GREETING);
      }
    });
    process.log(`listening on :${port}\n`);
  };
}

const PATTERN = Buffer.alloc(256 * 1024, 'kubectl draft-connect 0123456789\n');

function sendBytes(total: number, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Length': total, 'Content-Type': 'application/octet-stream' });
  let left = total;
  const more = () => {
    while (left > 0) {
      const piece = PATTERN.subarray(0, Math.min(left, PATTERN.length));
      left -= piece.length;
      if (!response.write(piece)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
}

/** `multi-port`: a website per port, with nginx's access log. */
export function sitesProgram(ports: readonly number[], counter: WebCounter = { requests: 0 }): Program {
  return async (process) => {
    for (const port of ports) {
      await process.listenHttp(port, (request, response) => {
        counter.requests++;
        const body = `<h1>site on port ${port}</h1>\n`;
        response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': body.length });
        response.end(body);
        const agent = request.headers['user-agent'] ?? '-';
        const when = new Date().toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1/$2/$3:$4 +0000');
        process.log(
          `127.0.0.1 - - [${when}] "${request.method} ${request.url} HTTP/1.1" 200 ${body.length} "-" "${agent}"\n`,
        );
      });
    }
  };
}

/** Sends back what it gets, and ends its side when the client has. */
export function echoProgram(port: number): Program {
  return (process) => process.listen(port, (socket) => void socket.pipe(socket));
}

/** Logs `tick N` every `everyMs`, from 1 in each instance. */
export function tickProgram(everyMs: number): Program {
  return (process) => {
    let tick = 0;
    const timer = setInterval(() => process.log(`tick ${++tick}\n`), everyMs);
    process.ended.addEventListener('abort', () => clearInterval(timer));
  };
}
