// Which local ports an app had: a random one is taken again as long as it is free, so that bookmarks and configurations of
// clients stay true. Several may be known for one remote port: those of sessions that ran at the same time.
import { type Decoder, integer, integerIn, list, object, optional, string } from '../../values/decode.ts';

/** Ports that need privileges are never random ones. */
const localPort = integerIn(1024, 65_535, 'a local port');

const knownPort = object((field) => ({
  /** Undefined where kubectl does not say. */
  context: field('context', optional(string)),
  namespace: field('namespace', optional(string)),
  app: field('app', string),
  container: field('container', string),
  remotePort: field('remotePort', integer),
  localPort: field('localPort', localPort),
  /** Milliseconds since the epoch; true to a day. */
  usedMs: field('usedMs', integer),
}));

export type KnownPort = Readonly<ReturnType<typeof knownPort>>;

/** @throws {UserError} */
export const decodeKnownPorts: Decoder<readonly KnownPort[]> = list(knownPort);

/** What a local port is known for. */
export type PortKey = Omit<KnownPort, 'localPort' | 'usedMs'>;

const DAY_MS = 24 * 3600 * 1000;
const KEEP_MS = 90 * DAY_MS;
/** As many sessions of one app can have the same ports again at the same time. */
const MOST_FOR_ONE = 8;
const MOST = 2_000;

/** The local ports to try, in this order. Mappings of the same run have taken theirs by then. */
export function portsFor(known: readonly KnownPort[], key: PortKey, nowMs: number): readonly number[] {
  return known.filter((one) => isFor(one, key) && isRecent(one, nowMs)).map((one) => one.localPort);
}

/** With the ports that are used now, without those of long ago; the same list if nothing has changed for a day. */
export function withUsed(
  known: readonly KnownPort[],
  used: readonly Omit<KnownPort, 'usedMs'>[],
  nowMs: number,
): readonly KnownPort[] {
  let ports = known;
  for (const port of used) {
    const index = ports.findIndex((one) => isFor(one, port) && one.localPort === port.localPort);
    const before = ports[index];
    if (before === undefined) ports = [...ports, { ...port, usedMs: nowMs }];
    else if (Math.abs(nowMs - before.usedMs) >= DAY_MS) ports = ports.with(index, { ...before, usedMs: nowMs });
    ports = withoutOldestFor(port, ports);
  }
  if (ports === known) return known;
  const recent = ports.filter((one) => isRecent(one, nowMs));
  return recent.length <= MOST ? recent : recent.toSorted((a, b) => b.usedMs - a.usedMs).slice(0, MOST);
}

function withoutOldestFor(key: PortKey, ports: readonly KnownPort[]): readonly KnownPort[] {
  const own = ports.filter((one) => isFor(one, key));
  if (own.length <= MOST_FOR_ONE) return ports;
  const oldestMs = Math.min(...own.map((one) => one.usedMs));
  // Of several that are as old, the one that was taken last goes.
  const oldest = own.findLast((one) => one.usedMs === oldestMs);
  return ports.filter((one) => one !== oldest);
}

function isFor(port: PortKey, key: PortKey): boolean {
  const names = ['context', 'namespace', 'app', 'container', 'remotePort'] as const;
  return names.every((name) => port[name] === key[name]);
}

/** A clock that was wrong does no harm. */
function isRecent({ usedMs }: KnownPort, nowMs: number): boolean {
  return Math.abs(nowMs - usedMs) < KEEP_MS;
}
