// One client's connection, joined to the private port of a `kubectl port-forward`. It keeps what the client has said
// until the application answers, so that a connection that never reached the application can be tried again.
import { connect, type Socket } from 'node:net';

/**
 * How a try to reach the application ended.
 * - `finished`: the connection is over, or the client is gone.
 * - `unanswered`: the forward closed without one byte from the application; `sent` bytes of the client had been handed to
 *   it, undefined if it did not even accept. The client is still there: try again, or `fail()`, or `finish()`.
 */
export type AttemptEnd =
  | { readonly kind: 'finished' }
  | { readonly kind: 'unanswered'; readonly sent: number | undefined };

export interface Splice {
  /** Joins the client to `127.0.0.1:port`; `onAnswered` is called at the application's first byte. */
  attempt(port: number, onAnswered: () => void): Promise<AttemptEnd>;
  /** Ends a try that has no answer yet, as if the forward had closed it. */
  abandon(): void;
  /** Whether all that the client has said so far could be said again. */
  readonly replayable: boolean;
  readonly gone: boolean;
  /** Called once, when the client has gone while nothing was joined to it. */
  onGone(callback: () => void): void;
  /** Ends the client's connection abruptly, so that it does not take what it got for a whole answer. */
  fail(): void;
  /** Ends the client's connection in an orderly way. */
  finish(): void;
}

/** Bytes of a client kept for another try; a client that says more before the first answer is paused for a moment. */
export const REPLAY_LIMIT = 1024 * 1024;
/** A refusal in the pod comes within some 20 ms; after this long without one, what exceeds the limit is no longer kept. */
const REPLAY_PAUSE_MS = 100;
/**
 * kubectl loses what a server says after a client's FIN, so the FIN is held back until the server has been quiet for
 * this long; for the shorter time if the server had spoken last before the FIN, since then no answer is awaited.
 */
const FIN_AWAITING_MS = 10_000;
const FIN_ANSWERED_MS = 1_000;
/** Enough for most answers; a connection that fills it gets a larger one, which still fits the processor's cache. */
const FIRST_READ_BYTES = 16 * 1024;
const MAX_READ_BYTES = 128 * 1024;
/** First buffers of connections that are over: garbage outside V8's heap would be collected late. */
const spareBuffers: Buffer[] = [];
const MAX_SPARE_BUFFERS = 64;
/** How long a client may take to close its side after the server closed. */
const LINGER_MS = 10_000;

export function createSplice(client: Socket): Splice {
  let up: Socket | undefined;
  let replay: Buffer[] | undefined = [];
  let replayBytes = 0;
  let sent = 0;
  let accepted = false;
  let answered = false;
  let clientEnded = false;
  let clientSpokeLast = true;
  let gone = false;
  let goneCallback: (() => void) | undefined;
  let finTimer: NodeJS.Timeout | undefined;
  let finWaitMs = 0;
  let attemptStartMs = 0;
  let answeredCallback = () => {};
  let settle: ((end: AttemptEnd) => void) | undefined;

  function send(chunk: Buffer): void {
    if (up === undefined) return;
    sent += chunk.length;
    if (!up.write(chunk)) client.pause();
  }

  function overLimit(): void {
    if (up !== undefined && performance.now() - attemptStartMs >= REPLAY_PAUSE_MS) {
      replay = undefined;
      return;
    }
    client.pause();
    if (up !== undefined) {
      const paused = up;
      setTimeout(() => {
        if (up === paused && replay !== undefined && replayBytes > REPLAY_LIMIT) {
          replay = undefined;
          if (!paused.writableNeedDrain) client.resume();
        }
      }, REPLAY_PAUSE_MS);
    }
  }

  client.on('data', (chunk: Buffer) => {
    clientSpokeLast = true;
    if (replay !== undefined) {
      replay.push(chunk);
      replayBytes += chunk.length;
    }
    send(chunk);
    if (replay !== undefined && replayBytes > REPLAY_LIMIT) overLimit();
  });
  client.on('end', () => {
    clientEnded = true;
    finWaitMs = clientSpokeLast ? FIN_AWAITING_MS : FIN_ANSWERED_MS;
    armFin();
  });
  client.on('error', () => {});
  client.on('close', () => {
    gone = true;
    clearTimeout(finTimer);
    up?.destroy();
    settle?.({ kind: 'finished' });
    goneCallback?.();
  });

  function armFin(): void {
    if (up === undefined) return;
    clearTimeout(finTimer);
    const target = up;
    finTimer = setTimeout(() => target.end(), finWaitMs);
  }

  /** False while the client has not taken it all: until then the bytes must stay as they are. */
  function answer(target: Socket, bytes: Buffer): boolean {
    clientSpokeLast = false;
    if (!answered) {
      answered = true;
      replay = undefined;
      answeredCallback();
      if (!target.writableNeedDrain) client.resume();
    }
    // Not "drain": that comes for more than the high-water mark only.
    client.write(bytes, taken);
    if (clientEnded) armFin();
    return client.writableLength === 0;
  }

  function taken(): void {
    if (client.writableLength === 0) up?.resume();
  }

  function finish(): void {
    if (gone) return;
    // Reads on to the client's own end: closing with unread input would reset what it has not read yet.
    client.end();
    client.resume();
    const linger = setTimeout(() => client.destroy(), LINGER_MS);
    client.once('close', () => clearTimeout(linger));
  }

  function upstreamOver(target: Socket, clean: boolean): void {
    if (up !== target) return;
    up = undefined;
    clearTimeout(finTimer);
    target.destroy();
    if (!answered) {
      settle?.({ kind: 'unanswered', sent: accepted ? sent : undefined });
      return;
    }
    if (clean) finish();
    else client.resetAndDestroy();
    settle?.({ kind: 'finished' });
  }

  return {
    get replayable() {
      return replay !== undefined;
    },
    get gone() {
      return gone;
    },
    onGone(callback) {
      goneCallback = callback;
    },
    attempt(port, onAnswered) {
      return new Promise((resolve) => {
        settle = (end) => {
          settle = undefined;
          resolve(end);
        };
        if (gone) {
          settle({ kind: 'finished' });
          return;
        }
        answeredCallback = onAnswered;
        sent = 0;
        attemptStartMs = performance.now();
        // Read into a buffer of the connection's own: a fifth less CPU than chunks from Node's streams (bench tunnel-*).
        let buffer = spareBuffers.pop() ?? Buffer.allocUnsafeSlow(FIRST_READ_BYTES);
        const target = connect({
          port,
          host: '127.0.0.1',
          allowHalfOpen: true,
          noDelay: true,
          onread: {
            buffer: () => buffer,
            callback(length) {
              const more = answer(target, buffer.subarray(0, length));
              if (length === buffer.length && length < MAX_READ_BYTES) buffer = Buffer.allocUnsafeSlow(MAX_READ_BYTES);
              return more;
            },
          },
        });
        up = target;
        accepted = false;
        target.once('connect', () => {
          accepted = true;
        });
        target.on('drain', () => client.resume());
        target.on('end', () => upstreamOver(target, true));
        target.on('error', () => {
          upstreamOver(target, false);
        });
        target.on('close', () => {
          upstreamOver(target, true);
          // Of what the client has not taken yet its socket still needs the bytes.
          const free = client.writableLength === 0 && buffer.length === FIRST_READ_BYTES;
          if (free && spareBuffers.length < MAX_SPARE_BUFFERS) spareBuffers.push(buffer);
        });
        for (const chunk of replay ?? []) send(chunk);
        if (clientEnded) armFin();
        if (replayBytes <= REPLAY_LIMIT && !target.writableNeedDrain) client.resume();
        else overLimit();
      });
    },
    abandon() {
      if (!answered) up?.destroy();
    },
    fail() {
      if (!gone) client.resetAndDestroy();
    },
    finish,
  };
}
