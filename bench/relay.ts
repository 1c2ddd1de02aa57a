// What any relay in Node costs: it accepts, connects to a `kubectl port-forward` of its own and copies, and nothing else.
import { type Forward, startForward } from './forwards.ts';
import type { Place } from './place.ts';
import { end, sees, start } from './processes.ts';

const PROGRAM = `
const { connect, createServer } = require('node:net');
const how = { allowHalfOpen: true, noDelay: true };
const port = Number(process.argv[1]);
const server = createServer(how, (client) => {
  const up = connect({ ...how, port, host: '127.0.0.1' });
  client.on('close', () => up.destroy()).on('error', () => {}).pipe(up);
  up.on('close', () => client.destroySoon()).on('error', () => {}).pipe(client);
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => console.log(server.address().port));
`;

export async function startRelay(place: Place, pod: string, remotePort: number): Promise<Forward> {
  const forward = await startForward(place, pod, remotePort);
  const child = start([process.execPath, '-e', PROGRAM, String(forward.port)]);
  const [port] = await sees(child, 'stdout', /^\d+/m);
  const stop = async () => void (await Promise.all([end(child), forward.stop()]));
  return { child: forward.child, port: Number(port), stop };
}
