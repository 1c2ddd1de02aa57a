// Which tunnels a browser can open, and the links to them on terminals that know OSC 8.
import type { OpenTunnel } from './events.ts';

// Kubernetes' convention is `<protocol>[-<suffix>]`.
const HTTP_NAMES =
  /^(http|https|web|www|ui|console|dashboard|metrics|prometheus|admin|health|healthz|api|rest)\d*($|-)/;
const OTHER_NAMES =
  /^(grpc|tcp|udp|tls|amqp|kafka|mongo|mysql|postgres|pg|redis|sql|db|nats|mqtt|ssh|ftp|smtp|dns|ldap|debug|jdwp|peer|raft|gossip)/;
const HTTP_PORTS: ReadonlySet<number> = new Set([
  80, 443, 3000, 4200, 5000, 5173, 8000, 8008, 8080, 8081, 8443, 8888, 9090,
]);
const HTTPS_PORTS: ReadonlySet<number> = new Set([443, 8443]);

/** One URL for each of the tunnel's addresses; none where it is not likely to speak HTTP. */
export function urlsOf({ portName, remotePort, addresses, localPort }: OpenTunnel): readonly string[] {
  const name = portName ?? '';
  const named = HTTP_NAMES.test(name);
  if (!named && (OTHER_NAMES.test(name) || !HTTP_PORTS.has(remotePort))) return [];
  const scheme = /^https/.test(name) || (!/^http/.test(name) && HTTPS_PORTS.has(remotePort)) ? 'https' : 'http';
  return addresses.map((address) => `${scheme}://${hostOf(address)}:${localPort}`);
}

/** What listens on all addresses is not reached by them everywhere. */
function hostOf(address: string): string {
  if (address === '0.0.0.0' || address === '::') return 'localhost';
  return address.includes(':') ? `[${address}]` : address;
}

/** https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda */
export function renderLink(url: string, text: string): string {
  return `\x1b]8;;${url}\x1b\\${text}\x1b]8;;\x1b\\`;
}
