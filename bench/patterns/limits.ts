// What the program needs when there is much of everything: memory for what clients send, and descriptors.
import { setTimeout as delay } from 'node:timers/promises';
import { answeredMs, opened, UNANSWERED_MS } from '../clients.ts';
import { ours } from '../place.ts';
import { peakMiBOf, residentMiBOf } from '../processes.ts';
import { plainRow } from '../report.ts';
import type { Pattern } from './scene.ts';

const CONNECTIONS = 400;

export const manyBytes: Pattern = {
  name: 'many-bytes',
  embedded: true,
  async measure({ probed, short }) {
    const count = short ? 50 : CONNECTIONS;
    const program = await probed.openProgram();
    await probed.behave('sink');
    const text = 'x'.repeat(0.9 * 2 ** 20);
    const sockets = await Promise.all(Array.from({ length: count }, () => opened(program.port, text)));
    await delay(3_000);
    const values = [residentMiBOf(program.child.pid)];
    const peak = [peakMiBOf(program.child.pid)];
    for (const socket of sockets) socket.destroy();
    await program.stop();
    const what = `${count} write-only connections, 0.9 MiB each: memory`;
    return [
      plainRow(`${what} 3 s later`, 'MiB', { name: 'program', values }, { atMost: 150 }),
      plainRow(`${what} at most`, 'MiB', { name: 'program', values: peak }),
    ];
  },
};

export const descriptors: Pattern = {
  name: 'descriptors',
  embedded: true,
  async measure({ probed, place }) {
    const limited = ['bash', '-c', 'ulimit -n 256; exec "$0" "$@"', ...ours(place, probed.app, '--no-logs')];
    const program = await probed.openCommand(limited);
    await probed.behave('web');
    await answeredMs(program.port);
    const pod = await probed.pod();
    await place.order?.('refusePort', pod, probed.app.ports[0]);
    const waiting = await Promise.all(
      Array.from({ length: CONNECTIONS }, () => opened(program.port, 'GET / HTTP/1.1\r\nHost: bench\r\n\r\n')),
    );
    await delay(1_000);
    await place.order?.('cutStreams', { kind: 'watch', how: 'drop' });
    await delay(3_000);
    for (const socket of waiting) socket.destroy();
    // Their descriptors are free once the program has heard of their ends.
    await delay(500);
    await place.order?.('acceptPort', pod, probed.app.ports[0]);
    const survived = program.child.exitCode === null && (await answeredMs(program.port)) < UNANSWERED_MS;
    await program.stop();
    const what = `256 descriptors, ${CONNECTIONS} clients wait, a watch is cut: sessions lost`;
    return [plainRow(what, '', { name: 'program', values: [survived ? 0 : 1] }, { atMost: 0 })];
  },
};
