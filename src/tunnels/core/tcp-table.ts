// The kernel's table of TCP sockets (proc(5), /proc/net/tcp and tcp6): whether a program still holds one end of a
// connection. A socket that its program has closed, or left behind when it ended, has no inode any more.

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** A client's last bytes arrive a moment before its socket is given up. */
const LOOKS_MS = [1, 20, 1_000];

/**
 * When to read the tables again. Reading takes 0.2 ms, with 20,000 sockets 60: half of the time at most, so that an end is
 * heard after three readings at the latest.
 * @param looks since the last question came
 */
export function nextLookMs(
  last: { readonly endedMs: number; readonly tookMs: number },
  looks: number,
  nowMs: number,
): number {
  return Math.max(last.endedMs + last.tookMs, nowMs + (LOOKS_MS[Math.min(looks, LOOKS_MS.length - 1)] ?? 0));
}

/** What the line of the socket `local` → `remote` may have in it. */
export function keysOf(local: Endpoint, remote: Endpoint, order: 'LE' | 'BE' = 'LE'): readonly string[] {
  return [false, true].map((mapped) => ` ${encode(local, mapped, order)} ${encode(remote, mapped, order)} `);
}

/** The inode of the socket with these keys: 0 when no program holds it, undefined when the text does not have its line. */
export function inodeIn(text: string, keys: readonly string[]): number | undefined {
  for (const key of keys) {
    const at = text.indexOf(key);
    // Behind both ends: state, queues, timer, retransmissions, owner, time-out, inode.
    if (at !== -1) return Number(text.slice(at + key.length, at + key.length + 120).split(/ +/)[6]);
  }
  return undefined;
}

/** @param mapped as an IPv6 socket that speaks IPv4 has it */
function encode({ address, port }: Endpoint, mapped: boolean, order: 'LE' | 'BE'): string {
  const words = address.includes(':') ? wordsOfIpv6(address) : wordsOfIpv4(address, mapped);
  const text = words.map((bytes) => hex(order === 'LE' ? bytes.toReversed() : bytes)).join('');
  return `${text}:${hex([port >> 8, port & 0xff])}`;
}

function wordsOfIpv4(address: string, mapped: boolean): number[][] {
  const word = address.split('.').map(Number);
  return mapped ? [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0xff, 0xff], word] : [word];
}

function wordsOfIpv6(address: string): number[][] {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
  const bytes = all.flatMap((group) => [group >> 8, group & 0xff]);
  return [0, 4, 8, 12].map((at) => bytes.slice(at, at + 4));
}

function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('');
}
