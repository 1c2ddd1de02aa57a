// Many at once through a forward that nothing has gone through yet; without a readiness probe, too, where the program may
// take up to 0.15 s to find out whether anybody listens.
import { answeredMs, opened } from '../clients.ts';
import type { Row } from '../report.ts';
import { arrivals, inTurn, latencyRows, type Pattern, type Scene, type Turns, wholeRow } from './scene.ts';

const CLIENTS = 20;
/** 0.15 s, and what a timer and a full queue add. */
const UNPROBED = { by: 170, times: 1.1 };

async function both({ probed, bare, short }: Scene, what: string, turns: Omit<Turns, 'rounds' | 'fresh'>) {
  const rows: Row[] = [];
  const rounds = short ? 2 : 6;
  rows.push(...latencyRows(what, await inTurn(probed, { ...turns, rounds, fresh: true })));
  const unprobed = await inTurn(bare, { ...turns, rounds: short ? 1 : 4, fresh: true });
  rows.push(...latencyRows(`${what}, no readiness probe`, unprobed, UNPROBED));
  return rows;
}

function writers(closes: boolean): Pattern {
  return {
    name: closes ? 'write-and-close' : 'write-only',
    async measure(scene) {
      const play: Turns['play'] = async ({ port }, subject) => {
        const startMs = performance.timeOrigin + performance.now();
        const line = '<13>bench: a line\n';
        const sockets = await Promise.all(
          Array.from({ length: CLIENTS }, async () => {
            const socket = await opened(port, line);
            if (closes) socket.destroy();
            return socket;
          }),
        );
        const values = await arrivals(subject, CLIENTS, startMs);
        for (const socket of sockets) socket.destroy();
        return values;
      };
      const how = closes ? 'write and close' : 'write only';
      return both(scene, `${CLIENTS} clients ${how} at once, fresh: bytes arrive`, { mode: 'sink', play });
    },
  };
}

export const writeOnly = writers(false);
export const writeAndClose = writers(true);

export const together: Pattern = {
  name: 'together',
  measure: (scene) =>
    both(scene, 'answers once 10 are connected, fresh', {
      mode: 'together',
      play: ({ port }) => Promise.all(Array.from({ length: 10 }, () => answeredMs(port))),
    }),
};

export const crowd: Pattern = {
  name: 'crowd',
  async measure({ probed, short }) {
    const play: Turns['play'] = async ({ port }) => {
      const startMs = performance.now();
      await Promise.all(Array.from({ length: 500 }, () => answeredMs(port)));
      return [performance.now() - startMs];
    };
    const samples = await inTurn(probed, { mode: 'web', rounds: short ? 1 : 7, fresh: true, play });
    return [wholeRow('500 requests at once, fresh', samples)];
  },
};
