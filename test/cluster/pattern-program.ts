// What the patterns of ordinary use need of an application: one port that behaves as it is told to, and a control port
// beside it that tells what reached it. It runs in the embedded cluster, and in a real pod (bench/pod-main.ts).
import type { Socket } from 'node:net';
import type { Process, Program } from './program.ts';

export const PATTERN_PORT = 7000;
/** Not declared by the pod, so that no tunnel leads here. */
export const PATTERN_CONTROL_PORT = 7001;

/**
 * `web` answers HTTP: `/?delayMs=N`, `/down?bytes=N`, a POST counts once its head is there. `sink` only reads. `together`
 * answers once 10 are connected. `one-worker` serves one connection until its end, then the next. `hang-up` closes when a
 * request has come, without a byte. `cut` closes 30 ms after the connection.
 */
export const PATTERN_MODES = ['web', 'sink', 'together', 'one-worker', 'hang-up', 'cut'] as const;
export type PatternMode = (typeof PATTERN_MODES)[number];

/** Since the mode was set last; connections made before do not count. */
export interface PatternStats {
  readonly open: number;
  readonly mostOpen: number;
  /** Of `sink`: when each connection's first bytes came, in milliseconds of the system's clock. */
  readonly arrivedMs: readonly number[];
  /** Their paths. */
  readonly posts: readonly string[];
}

interface Counts {
  open: number;
  mostOpen: number;
  readonly arrivedMs: number[];
  readonly posts: string[];
  /** `together` and `one-worker`: who waits. */
  readonly waiting: Socket[];
  busy: boolean;
}

const TOGETHER = 10;
const CUT_AFTER_MS = 30;
const PIECE = Buffer.alloc(64 * 1024, 'kubectl draft-connect 0123456789\n');

const fresh = (): Counts => ({ open: 0, mostOpen: 0, arrivedMs: [], posts: [], waiting: [], busy: false });
const answer = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const nowMs = () => performance.timeOrigin + performance.now();

const SERVE: Readonly<Record<PatternMode, (socket: Socket, counts: Counts) => void>> = {
  web: serveWeb,
  sink(socket, { arrivedMs }) {
    socket.once('data', () => arrivedMs.push(nowMs()));
    socket.on('end', () => socket.end()).resume();
  },
  together(socket, { waiting }) {
    socket.on('end', () => socket.end()).resume();
    waiting.push(socket);
    if (waiting.length < TOGETHER) return;
    for (const each of waiting.splice(0)) each.write(answer('all are here\n'));
  },
  'one-worker'(socket, counts) {
    counts.waiting.push(socket);
    workOnNext(counts);
  },
  'hang-up': (socket) => void socket.once('data', () => socket.end()),
  cut: (socket) => void setTimeout(() => socket.end(), CUT_AFTER_MS),
};

export const patternProgram: Program = async (process: Process) => {
  let mode: PatternMode = 'web';
  let counts = fresh();
  await process.listenHttp(PATTERN_CONTROL_PORT, (request, response) => {
    const wanted = PATTERN_MODES.find((each) => request.url === `/${each}`);
    if (wanted !== undefined) {
      mode = wanted;
      counts = fresh();
    }
    const { open, mostOpen, arrivedMs, posts } = counts;
    response.end(JSON.stringify({ open, mostOpen, arrivedMs, posts } satisfies PatternStats));
  });
  await process.listen(PATTERN_PORT, (socket) => {
    const own = counts;
    own.open += 1;
    own.mostOpen = Math.max(own.mostOpen, own.open);
    socket.on('close', () => {
      own.open -= 1;
    });
    SERVE[mode](socket, own);
  });
};

function workOnNext(counts: Counts): void {
  if (counts.busy) return;
  const socket = counts.waiting.shift();
  if (socket === undefined) return;
  counts.busy = true;
  serveWeb(socket, counts);
  const over = () => {
    counts.busy = false;
    workOnNext(counts);
  };
  if (socket.destroyed) over();
  else socket.once('close', over);
}

/** HTTP without a library: a client that has ended its side still gets its answer. */
function serveWeb(socket: Socket, counts: Counts): void {
  let text = '';
  let ended = false;
  let unanswered = 0;
  const answered = () => {
    unanswered -= 1;
    if (ended && unanswered === 0) socket.end();
  };
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    for (let at = text.indexOf('\r\n\r\n'); at >= 0; at = text.indexOf('\r\n\r\n')) {
      const [, method, target = '/'] = /^(\w+) (\S+)/.exec(text) ?? [];
      text = text.slice(at + 4);
      unanswered += 1;
      if (method === 'POST') counts.posts.push(target);
      answerTo(socket, new URL(target, 'http://pod'), answered);
    }
  });
  socket.on('end', () => {
    ended = true;
    if (unanswered === 0) socket.end();
  });
}

function answerTo(socket: Socket, { pathname, searchParams }: URL, answered: () => void): void {
  const bytes = Number(searchParams.get('bytes') ?? 0);
  const delayMs = Number(searchParams.get('delayMs') ?? 0);
  if (pathname === '/down') sendBytes(socket, bytes, answered);
  else if (delayMs > 0) setTimeout(() => socket.write(answer('at last\n'), answered), delayMs);
  else socket.write(answer('hello\n'), answered);
}

function sendBytes(socket: Socket, bytes: number, sent: () => void): void {
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`);
  let left = bytes;
  const more = () => {
    while (left > 0) {
      const piece = PIECE.subarray(0, Math.min(left, PIECE.length));
      left -= piece.length;
      if (socket.write(piece)) continue;
      socket.once('drain', more);
      return;
    }
    sent();
  };
  more();
}
