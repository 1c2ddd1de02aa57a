// A tunnel as programs read it: in a `tunnel` event, and from `--detach -o json` and `list -o json`.
import type { OpenTunnel } from './events.ts';

export function tunnelAsJson(tunnel: OpenTunnel): Readonly<Record<string, unknown>> {
  const { app, container, remotePort, portName, addresses, localPort, pod } = tunnel;
  return { container, port: remotePort, portName, address: addresses[0], addresses, localPort, pod, app };
}
