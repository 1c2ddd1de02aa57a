// The example's web server, as test/e2e wants it: greets on port 8080 and logs each request; /exit?code=N ends it;
// LOG_EVERY_MS=N makes it log a numbered line every N milliseconds, LOG_BURST=N first writes N numbered lines.
import { createServer } from 'node:http';

const number = (name) => Number(process.env[name] ?? 0);

for (let i = 1; i <= number('LOG_BURST'); i += 1) console.log(`burst ${String(i).padStart(9, '0')} `.padEnd(99, 'x'));

const everyMs = number('LOG_EVERY_MS');
let ticks = 0;
if (everyMs > 0) {
  setInterval(() => {
    ticks += 1;
    console.log(`tick ${ticks}`);
  }, everyMs);
}

createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://pod');
  if (url.pathname === '/exit') {
    const code = Number(url.searchParams.get('code') ?? 1);
    console.log(`exiting with status ${code}`);
    process.exit(code);
  }
  console.log(`${new Date().toISOString()} ${request.method} ${request.url}`);
  response.end("Hello World, I'm Golang!\n");
}).listen(8080, () => console.log('listening on :8080'));

process.on('SIGTERM', () => process.exit(0));
