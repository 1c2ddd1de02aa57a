// The timestamp kubelets put before a log line with --timestamps: RFC 3339, normally with nine digits and `Z`.
// Read from bytes without making a string, since it is read once for every line.

/** Longest form with its space: `2006-01-02T15:04:05.000000000+07:00 `. */
export const MAX_STAMP_BYTES = 36;

const shape = 'dddd-dd-ddTdd:dd:dd';
const [LF, SPACE, PLUS, MINUS, POINT, COLON, Z] = [10, 32, 43, 45, 46, 58, 90];
const isDigit = (byte: number) => byte >= 48 && byte <= 57;

/** Reads timestamps; `seconds` (since the epoch) and `nanos` are those of the last one read. */
export class StampReader {
  seconds = 0;
  nanos = 0;
  /** Length of the last one's text, without the space that follows. */
  textBytes = 0;
  readonly #last = new Uint8Array(shape.length);
  #lastSeconds = 0;
  /** Of the one being read; `#offset` in seconds east of UTC. */
  #nanos = 0;
  #offset = 0;

  /**
   * Reads the timestamp and the space at `from`. Returns the bytes they take (a line feed that follows at once is not
   * counted), 0 when the bytes up to `to` may be the start of one, -1 when they are none.
   */
  read(bytes: Uint8Array, from: number, to: number): number {
    const base = this.#readSeconds(bytes, from, to);
    if (base !== 1) return base;
    this.#nanos = 0;
    this.#offset = 0;
    let at = this.#readFraction(bytes, from + shape.length, to);
    if (at > 0) at = this.#readZone(bytes, at, to);
    if (at <= 0) return at;
    if (at === to) return 0;
    const delimiter = bytes[at];
    if (delimiter !== SPACE && delimiter !== LF) return -1;
    this.seconds = this.#lastSeconds - this.#offset;
    this.nanos = this.#nanos;
    this.textBytes = at - from;
    return delimiter === SPACE ? at - from + 1 : at - from;
  }

  /** Returns where the zone begins; 0 and -1 as `read`. */
  #readFraction(bytes: Uint8Array, from: number, to: number): number {
    if (from < to && bytes[from] !== POINT) return from;
    const digits = from + 1;
    let at = digits;
    let nanos = 0;
    while (at < to && isDigit(bytes[at] as number)) nanos = nanos * 10 + (bytes[at++] as number) - 48;
    if (at - digits > 9) return -1;
    if (at >= to) return 0;
    if (at === digits) return -1;
    for (let scale = at - digits; scale < 9; scale++) nanos *= 10;
    this.#nanos = nanos;
    return at;
  }

  /** Returns where the zone ends; 0 and -1 as `read`. */
  #readZone(bytes: Uint8Array, from: number, to: number): number {
    const zone = bytes[from];
    const at = from + 1;
    if (zone === Z) return at;
    if (zone !== PLUS && zone !== MINUS) return -1;
    for (let i = 0; i < 5; i++) {
      if (at + i === to) return 0;
      const byte = bytes[at + i] as number;
      if (i === 2 ? byte !== COLON : !isDigit(byte)) return -1;
    }
    const offset = number(bytes, at, 2) * 3600 + number(bytes, at + 3, 2) * 60;
    this.#offset = zone === PLUS ? offset : -offset;
    return at + 5;
  }

  /** 1 when the date and time are whole; most lines share them with the line before. */
  #readSeconds(bytes: Uint8Array, from: number, to: number): number {
    const last = this.#last;
    const end = Math.min(shape.length, to - from);
    let same = 0;
    while (same < end && bytes[from + same] === last[same]) same++;
    if (same === shape.length) return 1;
    for (let i = 0; i < end; i++) {
      const byte = bytes[from + i] as number;
      const wanted = shape.charCodeAt(i);
      if (wanted === 100 ? !isDigit(byte) : byte !== wanted) return -1;
    }
    if (end < shape.length) return 0;
    const day = Date.UTC(number(bytes, from, 4), number(bytes, from + 5, 2) - 1, number(bytes, from + 8, 2)) / 1000;
    this.#lastSeconds =
      day + number(bytes, from + 11, 2) * 3600 + number(bytes, from + 14, 2) * 60 + number(bytes, from + 17, 2);
    for (let i = 0; i < shape.length; i++) last[i] = bytes[from + i] as number;
    return 1;
  }
}

/** For `--since-time`, which kubectl sends in whole seconds and kubelets take as inclusive. */
export function renderSinceTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

function number(bytes: Uint8Array, from: number, digits: number): number {
  let value = 0;
  for (let i = from; i < from + digits; i++) value = value * 10 + (bytes[i] as number) - 48;
  return value;
}
