// Writes .tar.gz and .zip of a few files: the same files and time give the same bytes, on every machine with this Node.
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

export interface ArchivedFile {
  /** No folder, only ASCII, at most 100 characters. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly isExecutable: boolean;
}

const BLOCK = 512;
/** The gzip header's byte for the system it was made on. */
const SYSTEM_BYTE = 9;
const UNKNOWN_SYSTEM = 255;

/** POSIX.1-1988 (ustar). */
export function tarGz(files: readonly ArchivedFile[], time: Date): Buffer {
  const seconds = Math.floor(time.getTime() / 1000);
  const parts = files.flatMap((file) => {
    const padding = Buffer.alloc((BLOCK - (file.bytes.length % BLOCK)) % BLOCK);
    return [tarHeader(file, seconds), file.bytes, padding];
  });
  const packed = gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]), { level: 9 });
  packed[SYSTEM_BYTE] = UNKNOWN_SYSTEM;
  return packed;
}

function tarHeader({ name, bytes, isExecutable }: ArchivedFile, seconds: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0);
  header.write(octal(isExecutable ? 0o755 : 0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(bytes.length, 11), 124);
  header.write(octal(seconds, 11), 136);
  // The checksum is counted with blanks in its own place.
  header.write(' '.repeat(8), 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)} `, 148);
  return header;
}

/** 2.0: a compressed file. */
const ZIP_VERSION = 20;
const DEFLATED = 8;
/** Made on Unix, so that the mode counts. */
const MADE_BY = (3 << 8) | ZIP_VERSION;
const REGULAR_FILE = 0o100000;

/** PKWARE's APPNOTE, without zip64: what is in it has less than 4 GiB. */
export function zip(files: readonly ArchivedFile[], time: Date): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const data = deflateRawSync(file.bytes, { level: 9 });
    const common = zipFields(file, data.length, time);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(file.name), data]);
    const mode = REGULAR_FILE | (file.isExecutable ? 0o755 : 0o644);
    const entry = Buffer.alloc(46);
    entry.write('PK\x01\x02', 0);
    entry.writeUInt16LE(MADE_BY, 4);
    common.copy(entry, 6);
    entry.writeUInt32LE((mode << 16) >>> 0, 38);
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, Buffer.from(file.name));
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, central, end]);
}

/** What a file's own header and the directory's entry share: from the version needed to the length of the extra field. */
function zipFields({ name, bytes }: ArchivedFile, packedLength: number, time: Date): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(ZIP_VERSION, 0);
  fields.writeUInt16LE(DEFLATED, 4);
  fields.writeUInt16LE((time.getUTCHours() << 11) | (time.getUTCMinutes() << 5) | (time.getUTCSeconds() >> 1), 6);
  fields.writeUInt16LE(((time.getUTCFullYear() - 1980) << 9) | ((time.getUTCMonth() + 1) << 5) | time.getUTCDate(), 8);
  fields.writeUInt32LE(crc32(bytes), 10);
  fields.writeUInt32LE(packedLength, 14);
  fields.writeUInt32LE(bytes.length, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}
