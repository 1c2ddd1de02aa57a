// One local port on all of its addresses, owned for the program's whole life: whatever happens behind it, a client can
// always connect.
import { createServer, type Server, type Socket } from 'node:net';
import { ownerOf } from '../detached/live.ts';
import { UserError } from '../values/errors.ts';

export interface Listener {
  readonly port: number;
  close(): void;
}

export interface Place {
  readonly host: string;
  /** It may be missing: `localhost` is 127.0.0.1 and, on a machine that has IPv6, ::1. */
  readonly optional: boolean;
}

/** Each host once, however it is spelt; all hosts of a family stand for each of them. */
export function placesOf(addresses: readonly string[]): readonly Place[] {
  const named = addresses.map((address) => (address === 'localhost' ? '127.0.0.1' : canonical(address)));
  const places = new Map(named.map((host) => [host, { host, optional: false }]));
  if (addresses.includes('localhost') && !places.has('::1')) places.set('::1', { host: '::1', optional: true });
  return [...places.values()].filter(({ host }) => host === allOf(host) || !places.has(allOf(host)));
}

/** One spelling of an IPv6 address. */
function canonical(address: string): string {
  return address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

const NO_SUCH_FAMILY = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT']);
const RANDOM_PORT_TRIES = 50;

function listen(host: string, port: number, onConnection: (client: Socket) => void): Promise<Server> {
  // Half-open: a client that ends its side still waits for the answer.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, onConnection);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1024, ipv6Only: host.includes(':'), exclusive: true }, () => {
      server.off('error', reject);
      // accept() can fail for want of descriptors; the next one may work.
      server.on('error', () => {});
      resolve(server);
    });
  });
}

function reasonOf(error: NodeJS.ErrnoException, port: number): string {
  if (error.code === 'EADDRINUSE') return 'already in use';
  if (error.code === 'EACCES') return `permission denied${port < 1024 ? ' (ports below 1024 need privileges)' : ''}`;
  if (error.code === 'EADDRNOTAVAIL') return 'this machine does not have that address';
  if (error.code === 'EINVAL') return 'nothing can listen on that address without naming an interface';
  return error.code ?? error.message;
}

function hintFor(error: NodeJS.ErrnoException, port: number): string {
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'EINVAL')
    return 'name another address of this machine with --address';
  return `choose another one with -p LOCAL:REMOTE${port === 0 ? '' : ', or any free one with -p :REMOTE'}`;
}

/**
 * Listens on `port` (0: a random port, the same on all addresses) of each address.
 * @param preferred ports to try instead of a random one
 * @throws {UserError} when one of the addresses cannot be had; then none is kept.
 */
export async function openListener(
  port: number,
  addresses: readonly string[],
  onConnection: (client: Socket) => void,
  preferred: readonly number[] = [],
): Promise<Listener> {
  const places = placesOf(addresses);
  for (const candidate of port === 0 ? preferred : []) {
    const attempt = await listenOnAll(candidate, places, onConnection);
    if (attempt.kind === 'listening') return attempt.listener;
  }
  for (let tries = 1; ; tries += 1) {
    const attempt = await listenOnAll(port, places, onConnection);
    if (attempt.kind === 'listening') return attempt.listener;
    // A port that was free on the first address may be busy on the second one: draw another.
    const isBadLuck = port === 0 && attempt.port !== 0 && attempt.error.code === 'EADDRINUSE';
    if (!isBadLuck || tries >= RANDOM_PORT_TRIES) throw await unavailable(port, attempt);
  }
}

interface Failed {
  readonly kind: 'failed';
  readonly error: NodeJS.ErrnoException;
  readonly host: string;
  /** 0 if none had been chosen yet. */
  readonly port: number;
}

async function listenOnAll(
  port: number,
  places: readonly Place[],
  onConnection: (client: Socket) => void,
): Promise<{ readonly kind: 'listening'; readonly listener: Listener } | Failed> {
  const servers: Server[] = [];
  const close = () => {
    for (const server of servers) server.close();
  };
  let chosen = port;
  for (const { host, optional } of places) {
    try {
      const server = await listen(host, chosen, onConnection);
      servers.push(server);
      const bound = server.address();
      if (bound !== null && typeof bound === 'object') chosen = bound.port;
    } catch (caught) {
      const error = caught as NodeJS.ErrnoException;
      if (optional && NO_SUCH_FAMILY.has(error.code ?? '')) continue;
      close();
      return { kind: 'failed', error, host, port: chosen };
    }
  }
  return { kind: 'listening', listener: { port: chosen, close } };
}

async function unavailable(port: number, { error, host }: Failed): Promise<UserError> {
  if (port === 0) {
    return new UserError(`no local port is available on ${bracketed(host)}: ${reasonOf(error, port)}`, {
      hint: hintFor(error, port),
    });
  }
  const what = `local port ${port} is not available`;
  const owner =
    error.code === 'EADDRINUSE' ? await ownerOf(port, (taken) => isAmong(host, placesOf(taken))) : undefined;
  if (owner === undefined) {
    return new UserError(`${what}: ${bracketed(host)}:${port}: ${reasonOf(error, port)}`, {
      hint: hintFor(error, port),
    });
  }
  return new UserError(`${what}: your own session ${owner.id} of ${owner.apps} has it`, {
    hint: `kubectl draft-connect list shows your sessions, env ${owner.id} the variables of this one, stop ${owner.id} ends it; --no-tunnels shows logs alone`,
  });
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Whether who listens at `places` is in the way at `host`. */
function isAmong(host: string, places: readonly Place[]): boolean {
  const all = allOf(host);
  return places.some(
    (place) => place.host === host || place.host === all || (host === all && allOf(place.host) === all),
  );
}

/** All hosts of the family. */
function allOf(host: string): string {
  return host.includes(':') ? '::' : '0.0.0.0';
}
