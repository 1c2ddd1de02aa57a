// `kubectl port-forward` by hand, the baseline of everything about tunnels.
import type { App, Place } from './place.ts';
import { end, type Started, sees, start } from './processes.ts';

export interface Forward {
  readonly child: Started;
  readonly port: number;
  stop(): Promise<void>;
}

/** One of them, listening. */
export async function startForward(place: Place, pod: string, remotePort: number): Promise<Forward> {
  const args = ['port-forward', '--address=127.0.0.1', `pod/${pod}`, `:${remotePort}`];
  const child = start([place.kubectl, ...args], place.env);
  const [, port] = await sees(child, 'stdout', /^Forwarding from 127\.0\.0\.1:(\d+)/m);
  return { child, port: Number(port), stop: () => end(child) };
}

export interface Connection {
  readonly child: Started;
  /** Local ports, in the order of the app's ports. */
  readonly ports: readonly number[];
  /** All that it costs itself, without its children. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Our program, with all tunnels of the app working. */
export async function connect(place: Place, app: App, command: readonly string[]): Promise<Connection> {
  const child = start(command, place.env);
  const [lines] = await sees(child, 'stdout', new RegExp(`(?:Connect to [^\\n]*\\n){${app.ports.length}}`));
  const ports = [...lines.matchAll(/^Connect to \S+ on \S*?:(\d+)/gm)].map(([, port]) => Number(port));
  return { child, ports, pid: child.pid, stop: () => end(child) };
}
