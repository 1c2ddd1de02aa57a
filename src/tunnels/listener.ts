// One local port on all of its addresses, owned for the program's whole life: whatever happens behind it, a client can
// always connect.
import { createServer, type Server, type Socket } from 'node:net';
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
  const covering = ({ host }: Place) => (host.includes(':') ? '::' : '0.0.0.0');
  return [...places.values()].filter((place) => place.host === covering(place) || !places.has(covering(place)));
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
  return `choose another one with -p LOCAL:REMOTE${port === 0 ? '' : ', or a random one with -p :REMOTE'}`;
}

/**
 * Listens on `port` (0: a random port, the same on all addresses) of each address.
 * @throws {UserError} when one of them cannot be had; then none is kept.
 */
export async function openListener(
  port: number,
  addresses: readonly string[],
  onConnection: (client: Socket) => void,
): Promise<Listener> {
  const places = placesOf(addresses);
  for (let tries = 1; ; tries += 1) {
    const servers: Server[] = [];
    let chosen = port;
    try {
      for (const { host, optional } of places) {
        try {
          const server = await listen(host, chosen, onConnection);
          servers.push(server);
          const bound = server.address();
          if (bound !== null && typeof bound === 'object') chosen = bound.port;
        } catch (error) {
          const code = (error as NodeJS.ErrnoException).code ?? '';
          if (!(optional && NO_SUCH_FAMILY.has(code))) throw Object.assign(error as Error, { host });
        }
      }
      return {
        port: chosen,
        close() {
          for (const server of servers) server.close();
        },
      };
    } catch (caught) {
      for (const server of servers) server.close();
      const error = caught as NodeJS.ErrnoException & { host: string };
      // A port that was free on the first address may be busy on the second one: draw another.
      if (port === 0 && chosen !== 0 && error.code === 'EADDRINUSE' && tries < RANDOM_PORT_TRIES) continue;
      const where = error.host.includes(':') ? `[${error.host}]` : error.host;
      const what =
        port === 0 ? `no local port is available on ${where}` : `local port ${port} is not available: ${where}:${port}`;
      throw new UserError(`${what}: ${reasonOf(error, port)}`, {
        hint: hintFor(error, port),
      });
    }
  }
}
