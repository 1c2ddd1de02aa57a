// Clients that have said nothing yet, and answers that take their time: others do not wait for them.
import { setTimeout as delay } from 'node:timers/promises';
import { answeredMs, opened, request } from '../clients.ts';
import { noWorseRow } from '../report.ts';
import { inTurn, latencyRows, type Pattern, sideBySide, type Turns, wholeRow } from './scene.ts';

/** So often on one forward, after a first request that does not count. */
function repeated(times: number, play: (port: number) => Promise<readonly number[]>): Turns['play'] {
  return async ({ port }) => {
    const values: number[] = [];
    await request(port).catch(() => {});
    for (let time = 0; time < times; time += 1) values.push(...(await play(port)));
    return values;
  };
}

export const silent: Pattern = {
  name: 'silent',
  async measure({ probed, short }) {
    const play = repeated(8, async (port) => {
      const first = await opened(port);
      await delay(60);
      const ms = await answeredMs(port);
      first.destroy();
      return [ms];
    });
    const samples = await inTurn(probed, { mode: 'web', rounds: short ? 2 : 8, play });
    return latencyRows('silent connection, request 60 ms later', samples);
  },
};

export const probe: Pattern = {
  name: 'probe',
  async measure({ probed, short }) {
    const play = repeated(8, async (port) => {
      (await opened(port)).destroy();
      await delay(30);
      return [await answeredMs(port)];
    });
    const samples = await inTurn(probed, { mode: 'web', rounds: short ? 2 : 8, play });
    return latencyRows('connect and close, request 30 ms later', samples);
  },
};

export const polls: Pattern = {
  name: 'polls',
  async measure({ probed, short }) {
    const play = repeated(4, async (port) => {
      const waiting = [];
      for (let poll = 0; poll < 6; poll += 1) {
        waiting.push(await opened(port, 'GET /?delayMs=30000 HTTP/1.1\r\nHost: bench\r\n\r\n'));
        await delay(30);
      }
      const ms = await answeredMs(port);
      for (const poll of waiting) poll.destroy();
      return [ms];
    });
    const samples = await inTurn(probed, { mode: 'web', rounds: short ? 1 : 8, play });
    return latencyRows('six long polls, then a request', samples);
  },
};

export const slowFirst: Pattern = {
  name: 'slow-first',
  async measure({ probed, short }) {
    const play: Turns['play'] = async ({ port }) => {
      const slow = await opened(port, 'GET /?delayMs=10000 HTTP/1.1\r\nHost: bench\r\n\r\n');
      await delay(30);
      const values = await Promise.all(Array.from({ length: 20 }, () => answeredMs(port)));
      slow.destroy();
      return values;
    };
    const samples = await inTurn(probed, { mode: 'web', rounds: short ? 2 : 10, play });
    return latencyRows('a request of 10 s, then 20 at once', samples);
  },
};

export const slowMany: Pattern = {
  name: 'slow-many',
  async measure({ probed, short }) {
    const answerMs = short ? 300 : 3_000;
    const play: Turns['play'] = async ({ port }) => {
      const startMs = performance.now();
      const answers: Promise<number>[] = [];
      for (let at = 0; at < 20; at += 1) {
        answers.push(answeredMs(port, `/?delayMs=${answerMs}`));
        await delay(10);
      }
      await Promise.all(answers);
      return [performance.now() - startMs];
    };
    const samples = await inTurn(probed, { mode: 'web', rounds: short ? 1 : 3, fresh: true, play });
    return [wholeRow(`20 requests of ${answerMs / 1000} s, 10 ms apart, fresh`, samples)];
  },
};

const LATE_MS = 100;

export const steady: Pattern = {
  name: 'steady',
  async measure(scene) {
    const { short } = scene;
    const play: Turns['play'] = async ({ port }) => {
      const fast: Promise<number>[] = [];
      const slow: Promise<number>[] = [];
      const startMs = performance.now();
      for (let at = 0; at < (short ? 40 : 400); at += 1) {
        if (at % 20 === 10) slow.push(answeredMs(port, '/?delayMs=1000'));
        else fast.push(answeredMs(port));
        await delay(startMs + (at + 1) * 50 - performance.now());
      }
      await Promise.all(slow);
      return Promise.all(fast);
    };
    const samples = await sideBySide(scene, 'web', play);
    const late = (values: readonly number[]) => [(100 * values.filter((ms) => ms > LATE_MS).length) / values.length];
    const what = '20 a second, 5 % of them take 1 s';
    return [
      noWorseRow(`${what}: others over ${LATE_MS} ms`, '%', [late(samples.program), late(samples.kubectl)], {
        by: 0,
        times: 1.1,
      }),
      ...latencyRows(`${what}: the others`, samples),
    ];
  },
};
