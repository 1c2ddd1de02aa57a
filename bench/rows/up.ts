// From a saved change to the new pod's first answer on the same URL, against the same tools called by hand in a loop.
import { mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { BUILDERS, HELMS, makeUpApp, NO_TOOLS, startRegistry, type UpApp } from '../../test/e2e/up-place.ts';
import { get } from '../../test/harness/http.ts';
import { freePort } from '../../test/integration/connect-setup.ts';
import type { Bench } from '../bench.ts';
import { BUNDLE, ended, type Place } from '../place.ts';
import { end, type Started, sees, start } from '../processes.ts';
import { addedRow } from '../report.ts';

/** What looking at files, asking kubectl and following the pod may take. */
const MAY_ADD_MS = 1_000;
const LOOK_MS = 10;

async function answered(port: number, text: string): Promise<void> {
  for (;;) {
    const body = await get(port).then(
      (answer) => answer.body,
      () => '',
    );
    if (body === text) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

interface Tools {
  readonly builder: string;
  readonly registry: string;
  readonly namespace: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The loop that one would write: a tag for each round, and a new port-forward, since the old one ends with its pod. */
function byHand(place: Place, app: UpApp, tools: Tools, port: number) {
  let round = 0;
  let forward: Started | undefined;
  const run = async (...command: string[]) => {
    const child = start(command, tools.env);
    await ended(child);
    if (child.exitCode !== 0) throw new Error(`${command.join(' ')}: exit status ${child.exitCode}`);
  };
  return {
    async change(text: string): Promise<number> {
      const startMs = performance.now();
      round += 1;
      app.write('greeting.txt', text);
      const image = `${tools.registry}/by-hand:${round}`;
      await run(tools.builder, 'build', '--layers=true', `--tag=${image}`, app.folder);
      await run(tools.builder, 'push', '--tls-verify=false', image);
      const set = `image.repository=${tools.registry}/by-hand,image.tag=${round},draft=by-hand,buildID=round-${round}`;
      const where = [`--namespace=${tools.namespace}`, '--create-namespace'];
      await run(
        'helm',
        'upgrade',
        '--install',
        ...where,
        `--set-string=${set}`,
        'by-hand',
        join(app.folder, 'charts/go'),
      );
      await run(place.kubectl, 'rollout', 'status', '-n', tools.namespace, 'deployment/by-hand-go');
      if (forward !== undefined) await end(forward);
      const ports = ['deployment/by-hand-go', `${port}:8080`];
      forward = start([place.kubectl, 'port-forward', '-n', tools.namespace, ...ports], tools.env);
      await answered(port, text);
      return performance.now() - startMs;
    },
    async stop(): Promise<void> {
      if (forward !== undefined) await end(forward);
    },
  };
}

async function watching(app: UpApp, tools: Tools, port: number) {
  const program = start([process.execPath, BUNDLE, 'up', app.folder, '--auto-connect', '--watch'], tools.env);
  await sees(program, 'stdout', /Connect to go:8080/);
  return {
    async change(text: string): Promise<number> {
      const startMs = performance.now();
      app.write('greeting.txt', text);
      await answered(port, text);
      return performance.now() - startMs;
    },
    stop: () => end(program),
  };
}

export const up: Bench = {
  name: 'up',
  async measure({ place, short }) {
    if (NO_TOOLS !== undefined || place.name !== 'cluster') throw new Error(NO_TOOLS ?? 'up needs --cluster');
    const registry = await startRegistry(await freePort());
    const [builder = 'podman'] = BUILDERS;
    const ports = [await freePort(), await freePort()] as const;
    const namespace = `bench-up-${process.pid}`;
    const toml = `[environments.development]
name = "ours"
registry = "${registry.host}"
namespace = "${namespace}"
container-builder = "${builder}"
watch-delay = 0
override-ports = ["${ports[0]}:8080"]
`;
    const [own, hand] = [makeUpApp(toml, 'begin'), makeUpApp(toml, 'begin')];
    mkdirSync(own.state, { recursive: true });
    const path = [dirname(HELMS[0] ?? ''), process.env['PATH']].join(delimiter);
    const env = { ...place.env, PATH: path, XDG_STATE_HOME: own.state };
    const tools: Tools = { builder, registry: registry.host, namespace, env };
    const loop = byHand(place, hand, tools, ports[1]);
    const series = { ours: [] as number[], hand: [] as number[] };
    try {
      const session = await watching(own, tools, ports[0]);
      await loop.change('first');
      for (let round = 0; round < (short ? 3 : 10); round++) {
        series.ours.push(await session.change(`ours ${round}`));
        series.hand.push(await loop.change(`by hand ${round}`));
      }
      await session.stop();
    } finally {
      await loop.stop();
      await ended(start([place.kubectl, 'delete', 'namespace', namespace, '--wait=false'], env));
      registry.stop();
      for (const app of [own, hand]) app.remove();
    }
    const what = 'a saved change until its answer on the same URL';
    const baseline = { name: 'by hand', values: series.hand };
    return [addedRow(what, 'ms', { name: 'program', values: series.ours }, baseline, { atMost: MAY_ADD_MS })];
  },
};
