// SPDY/3.1 header blocks: name/value pairs in one zlib stream per direction, primed with the draft's dictionary.
// Reading keeps the 32 KiB window by hand, because Node's streaming inflate would make frame parsing asynchronous;
// writing uses stored blocks only, which need no state.
import { Buffer } from 'node:buffer';
import { constants, inflateRawSync } from 'node:zlib';

const DICTIONARY_NAMES =
  'options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow ' +
  'authorization cache-control connection content-base content-encoding content-language content-length ' +
  'content-location content-md5 content-range content-type date etag expect expires from host if-match ' +
  'if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma ' +
  'proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade ' +
  'user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie ' +
  'keep-alive origin';

const DICTIONARY_TAIL =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505' +
  '203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden' +
  '404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable' +
  'Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT' +
  'chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,' +
  'publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.';

const DICTIONARY = Buffer.concat([
  ...DICTIONARY_NAMES.split(' ').map((name) => lengthPrefixed(name.replace('_', ' '))),
  Buffer.from(DICTIONARY_TAIL),
]);

/** The dictionary's Adler-32, which a zlib stream that needs a dictionary names in its header. */
const DICTIONARY_ID = 0xe3c6a7c2;
const WINDOW_BYTES = 32 * 1024;
const FLAG_DICTIONARY = 0x20;

function lengthPrefixed(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export class HeaderReader {
  #window = DICTIONARY;
  #started = false;

  /** Decodes the next block; blocks must come in the order in which they were received. */
  read(block: Buffer): Map<string, string> {
    let compressed = block;
    if (!this.#started) {
      compressed = block.subarray(((block[1] ?? 0) & FLAG_DICTIONARY) !== 0 ? 6 : 2);
      this.#started = true;
    }
    const plain = inflateRawSync(compressed, { dictionary: this.#window, finishFlush: constants.Z_SYNC_FLUSH });
    this.#window = Buffer.concat([this.#window, plain]).subarray(-WINDOW_BYTES);
    return parsePairs(plain);
  }
}

function parsePairs(plain: Buffer): Map<string, string> {
  const pairs = new Map<string, string>();
  let at = 4;
  const text = () => {
    const length = plain.readUInt32BE(at);
    const value = plain.toString('utf8', at + 4, at + 4 + length);
    at += 4 + length;
    return value;
  };
  for (let left = plain.readUInt32BE(0); left > 0; left--) pairs.set(text(), text());
  return pairs;
}

export class HeaderWriter {
  #started = false;

  write(pairs: ReadonlyMap<string, string>): Buffer {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(pairs.size);
    const plain = Buffer.concat([count, ...[...pairs].flat().map(lengthPrefixed)]);
    // The empty block is what makes Go's inflater hand out the one before it.
    const blocks = [storedBlock(plain), storedBlock(Buffer.alloc(0))];
    if (!this.#started) {
      const start = Buffer.from([0x78, 0xbb, 0, 0, 0, 0]);
      start.writeUInt32BE(DICTIONARY_ID, 2);
      blocks.unshift(start);
      this.#started = true;
    }
    return Buffer.concat(blocks);
  }
}

function storedBlock(bytes: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt16LE(bytes.length, 1);
  head.writeUInt16LE(bytes.length ^ 0xffff, 3);
  return Buffer.concat([head, bytes]);
}
