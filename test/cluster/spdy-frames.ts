// SPDY/3.1 frames on a byte stream. Data is handed on as it arrives, in slices of what was received, so that a large
// frame is neither copied nor held; control frames are small and are collected first.
import { Buffer } from 'node:buffer';

export const CONTROL = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
} as const;
export const FLAG_FIN = 1;

const HEAD_BYTES = 8;
const CONTROL_BIT = 0x8000_0000;
const VERSION = 3;

export interface FrameHandler {
  /** A piece of a data frame; `fin` comes with its last piece, which may be empty. */
  data(streamId: number, piece: Buffer, fin: boolean): void;
  control(type: number, flags: number, payload: Buffer): void;
}

export class FrameParser {
  readonly #handler: FrameHandler;
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #headFill = 0;
  #left = 0;
  #control: Buffer[] | undefined;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#headFill < HEAD_BYTES) {
        const taken = chunk.copy(this.#head, this.#headFill, at, at + HEAD_BYTES - this.#headFill);
        this.#headFill += taken;
        at += taken;
        if (this.#headFill < HEAD_BYTES) return;
        this.#left = this.#head.readUIntBE(5, 3);
        this.#control = (this.#head.readUInt8(0) & 0x80) !== 0 ? [] : undefined;
        if (this.#left === 0) this.#piece(chunk.subarray(at, at));
        continue;
      }
      const piece = chunk.subarray(at, at + this.#left);
      at += piece.length;
      this.#left -= piece.length;
      this.#piece(piece);
    }
  }

  #piece(piece: Buffer): void {
    const last = this.#left === 0;
    const flags = this.#head.readUInt8(4);
    if (last) this.#headFill = 0;
    if (this.#control === undefined) {
      this.#handler.data(this.#head.readUInt32BE(0), piece, last && (flags & FLAG_FIN) !== 0);
      return;
    }
    this.#control.push(piece);
    if (last) this.#handler.control(this.#head.readUInt16BE(2), flags, Buffer.concat(this.#control));
  }
}

/** The head of a data frame; the payload follows it as it is. */
export function dataHead(streamId: number, length: number, fin: boolean): Buffer {
  return head(streamId, length, fin ? FLAG_FIN : 0);
}

export function controlFrame(type: number, flags: number, payload: Buffer): Buffer {
  return Buffer.concat([head(CONTROL_BIT + VERSION * 0x1_0000 + type, payload.length, flags), payload]);
}

/** Payload of the frames that consist of 32-bit numbers. */
export function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value, index * 4);
  });
  return bytes;
}

function head(first: number, length: number, flags: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES);
  bytes.writeUInt32BE(first, 0);
  bytes.writeUInt8(flags, 4);
  bytes.writeUIntBE(length, 5, 3);
  return bytes;
}
