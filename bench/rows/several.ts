// Ten apps with three ports each: until all thirty answer, against what one would do by hand.
import type { Bench } from '../bench.ts';
import { answers } from '../clients.ts';
import { connect } from '../forwards.ts';
import { type App, BUNDLE, ended, type Place } from '../place.ts';
import { end, sees, start } from '../processes.ts';
import { ratioRow } from '../report.ts';
import { interleave } from '../statistics.ts';
import { freePorts } from './connected.ts';

const APPS = 10;
const PORTS = 3;

/** Node's start, then one `kubectl port-forward deployment/NAME` for so many ports, all together. */
async function byHand(place: Place, apps: readonly App[], portsEach: number): Promise<number> {
  const startMs = performance.now();
  await ended(start([process.execPath, '-e', '0']));
  const calls = apps.flatMap(({ name, ports }) =>
    Array.from({ length: ports.length / portsEach }, (_, index) => ({
      name,
      ports: ports.slice(index * portsEach, (index + 1) * portsEach),
    })),
  );
  const forwards = await Promise.all(
    calls.map(async ({ name, ports }) => {
      const mappings = ports.map((port) => `:${port}`);
      const args = ['port-forward', '--address=127.0.0.1', `deployment/${name}`, ...mappings];
      const child = start([place.kubectl, ...args], place.env);
      const [lines] = await sees(child, 'stdout', new RegExp(`(?:Forwarding from [^\\n]*\\n){${ports.length}}`));
      const locals = [...lines.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
      await Promise.all(locals.map((port) => answers(port)));
      return child;
    }),
  );
  const tookMs = performance.now() - startMs;
  await Promise.all(forwards.map((child) => end(child)));
  return tookMs;
}

async function byProgram(place: Place, apps: readonly App[]): Promise<number> {
  const locals = await freePorts(APPS * PORTS);
  const ports = apps.flatMap((app) => app.ports.map((port) => ({ app, port })));
  const flags = ports.flatMap(({ app, port }, index) => ['-p', `${locals[index]}:${app.name}:${port}`]);
  const targets = apps.map(({ name }) => `deployment/${name}`);
  const all = { name: 'all', selector: '', containers: [], ports: locals };
  const startMs = performance.now();
  const command = [process.execPath, BUNDLE, ...targets, '--kubectl', place.kubectl, ...flags];
  const connecting = connect(place, all, command);
  await Promise.all(locals.map((port) => answers(port)));
  const tookMs = performance.now() - startMs;
  const connection = await connecting;
  await connection.stop();
  return tookMs;
}

export const several: Bench = {
  name: 'several',
  async measure({ place }) {
    const apps: App[] = [];
    for (let index = 0; index < APPS; index += 1) apps.push(await place.deploy(`bench-app-${index}`, 1, PORTS));
    const times = await interleave(7, {
      thirty: () => byHand(place, apps, 1),
      ten: () => byHand(place, apps, PORTS),
      program: () => byProgram(place, apps),
    });
    for (const app of apps) await place.remove(app);
    const program = { name: 'program', values: times.program };
    const rows = [
      ['beside 30 kubectls by hand', times.thirty, { atMost: 1.1 }],
      ['beside 10 kubectls by hand', times.ten, { atMost: 1.1 }],
    ] as const;
    return rows.map(([what, values, limit]) =>
      ratioRow(`10 apps with 3 ports, ${what}`, 'ms', program, { name: 'by hand', values }, limit),
    );
  },
};
