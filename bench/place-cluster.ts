// The current context's real cluster: Deployments of our own in the context's namespace, removed at the end. The images
// are those of the demo that the end-to-end tests use; BENCH_WEB_IMAGE and BENCH_GO_IMAGE name others that are like them; the patterns need
// BENCH_NODE_IMAGE.
import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { PATTERN_PORT } from '../test/cluster/pattern-program.ts';
import type { App, Place } from './place.ts';

const run = promisify(execFile);

/** A shell and nginx; and a web server on 8080 that logs each request. */
const WEB_IMAGE = process.env['BENCH_WEB_IMAGE'] || 'test.local/nginx:1';
const GO_IMAGE = process.env['BENCH_GO_IMAGE'] || 'test.local/example-go:1';
/** Any that has `node` (20 or newer) and `true` on its PATH. */
const NODE_IMAGE = process.env['BENCH_NODE_IMAGE'] || 'test.local/node:1';
const PREFIX = 'bench-';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly ports: readonly number[];
  readonly command?: readonly string[];
  readonly readinessProbe?: object;
}

function manifest(name: string, containers: readonly Container[]): string {
  const labels = { draft: name };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 2,
          containers: containers.map(({ ports, ...container }) => ({
            ...container,
            imagePullPolicy: 'Never',
            ports: ports.map((containerPort) => ({ containerPort })),
          })),
        },
      },
    },
  });
}

/** nginx that answers `/` on each port, and `/down` and `/up` for whole files; its logs go to stdout. */
function webServer(ports: readonly number[], bytes = 0): readonly string[] {
  const locations =
    'location / { return 200 "hello\\n"; } location /down { root /tmp/www; } location /up { client_max_body_size 0; return 200 "taken\\n"; }';
  const servers = ports.map((port) => `server { listen ${port}; ${locations} }`).join(' ');
  const config = `daemon off; worker_processes 1; pid /tmp/nginx.pid; error_log /dev/stderr error; user nobody nogroup; events { worker_connections 512; } http { access_log /dev/stdout; client_body_temp_path /tmp/body; ${servers} }`;
  const script = `mkdir -p /tmp/www && truncate -s ${bytes} /tmp/www/down && chmod -R a+rX /tmp/www && echo '${config}' >/tmp/nginx.conf && exec nginx -c /tmp/nginx.conf`;
  return ['sh', '-c', script];
}

/** The patterns' program as one script. */
async function patternSource(): Promise<string> {
  const entry = fileURLToPath(new URL('./pod-main.ts', import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'cjs',
  });
  return outputFiles[0]?.text ?? '';
}

export async function openCluster(kubectl: string): Promise<Place> {
  const env = process.env;
  const ask = async (...args: readonly string[]) => (await run(kubectl, args, { env, maxBuffer: 2 ** 26 })).stdout;
  const removed = new Set<string>();
  const made = new Set<string>();

  async function apply(name: string, containers: readonly Container[]): Promise<App> {
    made.add(name);
    const child = spawn(kubectl, ['apply', '-f', '-'], { env, stdio: ['pipe', 'ignore', 'inherit'] });
    child.stdin.end(manifest(name, containers));
    await new Promise((resolve) => child.once('close', resolve));
    await ask('rollout', 'status', `deployment/${name}`, '--timeout=120s');
    const ports = containers.flatMap((container) => container.ports);
    return { name, selector: `draft=${name}`, containers: containers.map((container) => container.name), ports };
  }

  async function remove(name: string, wait: boolean): Promise<void> {
    if (removed.has(name)) return;
    removed.add(name);
    await ask('delete', 'deployment', name, '--ignore-not-found', `--wait=${wait}`);
  }

  async function podOf(app: App): Promise<string> {
    const order = '--sort-by=.metadata.creationTimestamp';
    const names = await ask('get', 'pods', '-l', app.selector, order, '-o', 'jsonpath={.items[*].metadata.name}');
    const pod = names.split(' ').at(-1);
    if (pod === undefined || pod === '') throw new Error(`${app.name} has no pod`);
    return pod;
  }

  const exec = async (app: App, script: string) =>
    ['exec', '-i', `pod/${await podOf(app)}`, '-c', app.containers[0] ?? '', '--', 'sh', '-c', script] as const;

  const example = await apply(`${PREFIX}example`, [
    { name: 'go', image: GO_IMAGE, ports: [8080] },
    { name: 'multi-port', image: WEB_IMAGE, ports: [80, 81] },
  ]);

  return {
    name: 'cluster',
    kubectl,
    env,
    example,
    async deploy(name, containers, ports) {
      const all = Array.from({ length: ports }, (_, index) => 7001 + index);
      const parts = Array.from({ length: containers }, (_, index) => all.filter((_, at) => at % containers === index));
      removed.delete(name);
      return apply(
        name,
        parts.map((own, index) => ({ name: `c${index + 1}`, image: WEB_IMAGE, ports: own, command: webServer(own) })),
      );
    },
    async deployBytes(name, bytes) {
      removed.delete(name);
      const app = await apply(name, [
        { name: 'web', image: WEB_IMAGE, ports: [8080], command: webServer([8080], bytes) },
      ]);
      return { ...app, downPath: '/down' };
    },
    async deployPattern(name, probed) {
      removed.delete(name);
      const command = ['node', '-e', await patternSource()];
      const probe = { readinessProbe: { exec: { command: ['true'] }, periodSeconds: 30 } };
      return apply(name, [{ name: 'app', image: NODE_IMAGE, ports: [PATTERN_PORT], command, ...(probed && probe) }]);
    },
    podOf,
    async burst(app, lines) {
      const line = `${'burst '.padEnd(99, 'x')}`;
      await ask(...(await exec(app, `yes ${line.replace(' ', '_')} | head -n ${lines} >/proc/1/fd/1`)));
    },
    async openWriter(app) {
      const script = 'while IFS= read -r line; do echo "$line" >/proc/1/fd/1; done';
      const child = spawn(kubectl, await exec(app, script), { env, stdio: ['pipe', 'ignore', 'ignore'] });
      child.stdin.on('error', () => {});
      return { write: (line) => void child.stdin.write(`${line}\n`), close: () => void child.kill() };
    },
    async rollout(app) {
      await ask('rollout', 'restart', `deployment/${app.name}`);
    },
    async remove(app) {
      if (app !== example) await remove(app.name, true);
    },
    async stop() {
      for (const name of made) await remove(name, false);
    },
  };
}
