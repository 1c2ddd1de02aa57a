// The server's side of one SPDY/3.1 connection: streams the client opens, their data, ends and resets. Flow control is
// the connection's own (as in the library kubectl uses): a stream that cannot take more pauses the whole session.
import { Buffer } from 'node:buffer';
import type { ByteLink } from './byte-link.ts';
import { CONTROL, controlFrame, dataHead, FLAG_FIN, FrameParser, numbers } from './spdy-frames.ts';
import { HeaderReader, HeaderWriter } from './spdy-headers.ts';

export interface SpdyStream {
  readonly id: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Set by whoever serves the stream. */
  onData: (piece: Buffer) => void;
  /** The client has ended its side, or (with true) reset the stream. */
  onEnd: (reset: boolean) => void;
  /** False means: wait for the session's `onDrain`. */
  write(payload: Buffer): boolean;
  /** Ends our side. */
  end(): void;
}

export class SpdySession {
  readonly #link: ByteLink;
  readonly #streams = new Map<number, SpdyStream>();
  readonly #headerReader = new HeaderReader();
  readonly #headerWriter = new HeaderWriter();
  readonly #drained = new Set<() => void>();
  readonly #held = new Set<unknown>();
  #lastId = 0;
  #closed = false;
  /** Set by the owner: a new stream was opened and already replied to. */
  onStream: (stream: SpdyStream) => void = () => {};
  onClose: () => void = () => {};

  constructor(link: ByteLink) {
    this.#link = link;
    const parser = new FrameParser({
      data: (id, piece, fin) => this.#data(id, piece, fin),
      control: (type, flags, payload) => this.#control(type, flags, payload),
    });
    link.onData((chunk) => parser.push(chunk));
    link.onDrain(() => {
      const waiting = [...this.#drained];
      this.#drained.clear();
      for (const go of waiting) go();
    });
    link.onClose(() => {
      this.#closed = true;
      this.onClose();
    });
  }

  /** Calls `go` once, when the link takes more. */
  onDrain(go: () => void): void {
    this.#drained.add(go);
  }

  /** Reads nothing more from the client until every holder has let go. */
  hold(holder: unknown): void {
    if (this.#held.size === 0) this.#link.pause();
    this.#held.add(holder);
  }

  letGo(holder: unknown): void {
    if (this.#held.delete(holder) && this.#held.size === 0 && !this.#closed) this.#link.resume();
  }

  close(how: 'end' | 'reset'): void {
    if (this.#closed) return;
    if (how === 'end') this.#link.write(controlFrame(CONTROL.goAway, 0, numbers(this.#lastId, 0)));
    this.#link.close(how);
  }

  #data(id: number, piece: Buffer, fin: boolean): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    if (piece.length > 0) stream.onData(piece);
    if (fin) stream.onEnd(false);
  }

  #control(type: number, flags: number, payload: Buffer): void {
    if (type === CONTROL.synStream) this.#open(payload, (flags & FLAG_FIN) !== 0);
    else if (type === CONTROL.ping) this.#link.write(controlFrame(CONTROL.ping, 0, payload));
    else if (type === CONTROL.headers) this.#headerReader.read(payload.subarray(4));
    else if (type === CONTROL.goAway) this.#link.close('end');
    else if (type === CONTROL.rstStream) {
      const stream = this.#streams.get(payload.readUInt32BE(0));
      if (stream === undefined) return;
      this.#streams.delete(stream.id);
      stream.onEnd(true);
    }
  }

  #open(payload: Buffer, fin: boolean): void {
    const id = payload.readUInt32BE(0);
    this.#lastId = id;
    const headers = this.#headerReader.read(payload.subarray(10));
    let ended = false;
    const stream: SpdyStream = {
      id,
      headers,
      onData: () => {},
      onEnd: () => {},
      write: (bytes) => this.#closed || ended || this.#link.write(dataHead(id, bytes.length, false), bytes),
      end: () => {
        if (ended) return;
        ended = true;
        this.#streams.delete(id);
        if (!this.#closed) this.#link.write(dataHead(id, 0, true));
      },
    };
    this.#streams.set(id, stream);
    const reply = Buffer.concat([numbers(id), this.#headerWriter.write(new Map())]);
    this.#link.write(controlFrame(CONTROL.synReply, 0, reply));
    this.onStream(stream);
    if (fin) stream.onEnd(false);
  }
}
