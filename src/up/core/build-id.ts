// The ID of a build: a ULID, which sorts by time (https://github.com/ulid/spec).

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 26;
const RANDOM_BITS = 80n;

/**
 * @param nowMs milliseconds since the epoch
 * @param random ten bytes
 * @param last the ID made before: the new one sorts after it, also within a millisecond or when the clock was set back
 */
export function makeBuildId(nowMs: number, random: Uint8Array, last?: string): string {
  const value = random.subarray(0, 10).reduce((sum, byte) => (sum << 8n) | BigInt(byte), BigInt(nowMs));
  if (last === undefined || !isBuildId(last)) return encode(value);
  const before = decode(last);
  return encode(before >> RANDOM_BITS >= BigInt(nowMs) ? before + 1n : value);
}

export function isBuildId(text: string): boolean {
  return /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(text);
}

function encode(value: bigint): string {
  let text = '';
  for (let rest = value; text.length < LENGTH; rest >>= 5n) text = ALPHABET.charAt(Number(rest & 31n)) + text;
  return text;
}

function decode(id: string): bigint {
  return [...id].reduce((sum, letter) => (sum << 5n) | BigInt(ALPHABET.indexOf(letter)), 0n);
}
