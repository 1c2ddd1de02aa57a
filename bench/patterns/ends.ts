// Ends: a server hears at once of the clients that have gone, and a client of the server that has closed.
import { setTimeout as delay } from 'node:timers/promises';
import { answeredMs, endOfUpload, missingBytes, opened, overOf } from '../clients.ts';
import { noWorseRow, plainRow, type Row } from '../report.ts';
import { inTurn, latencyRows, type Pattern, sideBySide, type Turns, wholeRow } from './scene.ts';

export const oneWorker: Pattern = {
  name: 'one-worker',
  async measure({ probed, short }) {
    const count = short ? 5 : 15;
    const play: Turns['play'] = async ({ port }) => {
      const startMs = performance.now();
      for (let at = 0; at < count; at += 1) await answeredMs(port);
      return [performance.now() - startMs];
    };
    const samples = await inTurn(probed, { mode: 'one-worker', rounds: short ? 1 : 3, play });
    return [wholeRow(`one worker, ${count} requests in turn`, samples)];
  },
};

export const passing: Pattern = {
  name: 'passing',
  async measure(scene) {
    const { short } = scene;
    const rows: Row[] = [];
    for (const [what, text] of [
      ['write and close', 'PING\n'],
      ['connect and close', ''],
    ] as const) {
      const play: Turns['play'] = async ({ port }, subject) => {
        const startMs = performance.now();
        for (let at = 0; at < (short ? 40 : 260); at += 1) {
          void opened(port, text).then((socket) => socket.destroy());
          await delay(startMs + (at + 1) * 50 - performance.now());
        }
        return [(await subject.stats()).mostOpen];
      };
      const { kubectl, program } = await sideBySide(scene, 'sink', play);
      rows.push(noWorseRow(`20 a second ${what}: open at most`, '', [program, kubectl], { by: 1, times: 1.1 }));
    }
    return rows;
  },
};

const POSTS = 4;
const PATIENCE_MS = 2_000;

async function post(port: number, path: string): Promise<void> {
  const socket = await opened(port, `POST ${path} HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\n\r\n`);
  await Promise.race([overOf(socket), delay(PATIENCE_MS)]);
  socket.destroy();
}

export const abandoned: Pattern = {
  name: 'abandoned',
  embedded: true,
  async measure({ probed, place, short }) {
    const downMs = short ? 4_000 : 12_000;
    const targets = { kubectl: await probed.openKubectl(), program: await probed.openProgram() };
    await Promise.all(Object.values(targets).map(({ port }) => answeredMs(port)));
    await probed.close();
    await place.order?.('crash', await probed.pod(), 'app', { restartAfterMs: downMs, crashLoop: true });
    const up = delay(downMs + 2_000);
    const posts = (['kubectl', 'program'] as const).flatMap((which) =>
      Array.from({ length: POSTS }, () => post(targets[which].port, `/${which}`)),
    );
    await Promise.all([up, ...posts]);
    const { posts: executed } = await probed.stats();
    await Promise.all([targets.kubectl.stop(), targets.program.stop()]);
    const of = (which: keyof typeof targets) => [executed.filter((path) => path === `/${which}`).length];
    const what = `container down, ${POSTS} POSTs that time out: executed later`;
    return [noWorseRow(what, '', [of('program'), of('kubectl')], { by: 0, times: 1 })];
  },
};

export const pausing: Pattern = {
  name: 'pausing',
  async measure(scene) {
    const { short } = scene;
    const bytes = (short ? 20 : 60) * 2 ** 20;
    const play: Turns['play'] = async ({ port }) => [
      (await missingBytes(port, `/down?bytes=${bytes}`, bytes, short ? 2_000 : 14_000)) / 2 ** 20,
    ];
    const { kubectl, program } = await sideBySide(scene, 'web', play);
    const what = `half-closed client, a pause in ${bytes / 2 ** 20} MiB: missing`;
    const row = plainRow(what, 'MiB', { name: 'program', values: program }, { atMost: 0 });
    return [{ ...row, baseline: { name: 'kubectl', values: kubectl } }];
  },
};

export const hangUp: Pattern = {
  name: 'hang-up',
  async measure({ probed, short }) {
    const play: Turns['play'] = async ({ port }) => {
      const values: number[] = [];
      for (let at = 0; at < 5; at += 1) {
        const startMs = performance.now();
        const socket = await opened(port, 'GET / HTTP/1.1\r\nHost: bench\r\n\r\n');
        await overOf(socket);
        socket.destroy();
        values.push(performance.now() - startMs);
      }
      return values;
    };
    const samples = await inTurn(probed, { mode: 'hang-up', rounds: short ? 1 : 6, play });
    return latencyRows('server closes without a byte: heard', samples);
  },
};

export const cutUpload: Pattern = {
  name: 'cut-upload',
  async measure({ probed, short }) {
    const play: Turns['play'] = async ({ port }) => [await endOfUpload(port, 50_000_000)];
    const samples = await inTurn(probed, { mode: 'cut', rounds: short ? 1 : 5, fresh: true, play });
    return [wholeRow('server closes in a 50 MB upload: closed', samples)];
  },
};

export const refusedUpload: Pattern = {
  name: 'refused-upload',
  embedded: true,
  async measure({ probed, place }) {
    const program = await probed.openProgram('--hold', '3s');
    await probed.behave('web');
    const pod = await probed.pod();
    await answeredMs(program.port);
    await place.order?.('refusePort', pod, probed.app.ports[0]);
    const values = [await endOfUpload(program.port, 50_000_000)];
    await place.order?.('acceptPort', pod, probed.app.ports[0]);
    await program.stop();
    const what = 'port refused, --hold 3s, 50 MB upload: closed';
    return [plainRow(what, 'ms', { name: 'program', values }, { atMost: 3_300 })];
  },
};
