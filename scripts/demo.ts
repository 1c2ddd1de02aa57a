// Shows the main job without a cluster: `kubectl draft-connect` in a folder with a draft.toml, through the real kubectl,
// against the embedded API server: an app and one that it needs, whose pods are replaced in turn now and then. Arguments go to draft-connect;
// $DEMO_ROLLOUT_SECONDS says how often a pod is replaced. Whatever ends it, nothing of it stays.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveCluster } from '../test/cluster/served-cluster.ts';

const DRAFT_TOML = `[environments]
  [environments.development]
    name = "example-go"
    namespace = "default"
    override-ports = ["8080:8080", "9090:80", "9191:81"]
    [[environments.development.connect]]
      target = "deploy/greeter"
      override-ports = ["8000:8000"]
`;

/** What the app needs, in the demo's story. */
const GREETER = {
  name: 'greeter',
  containers: [{ name: 'web', ports: [{ containerPort: 8000 }], program: { kind: 'go', port: 8000 } }],
};

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'draft-connect-demo-'));

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

const rolloutSeconds = Number(process.env['DEMO_ROLLOUT_SECONDS'] ?? 20);
const args = process.argv.slice(2);
const cluster = await serveCluster();
// An order that meets the end of it all is no failure.
let rolledOut = 0;
const rollouts = setInterval(() => {
  const app = rolledOut++ % 2 === 0 ? 'example-go' : GREETER.name;
  void cluster.order('rollout', app).catch(() => undefined);
}, rolloutSeconds * 1000);
try {
  await cluster.order('deploy', GREETER);
  writeFileSync(join(folder, 'draft.toml'), DRAFT_TOML);
  console.error(`An API server with two apps runs inside this project. In ${folder}:`);
  console.error(DRAFT_TOML.replace(/^/gm, '  ').trimEnd());
  console.error(
    'Curl the addresses below from another terminal, again and again: they stay, although a rollout replaces a',
  );
  console.error(`pod every ${rolloutSeconds} seconds. Ctrl-C ends it all.\n`);
  console.error(`$ kubectl ${['draft-connect', ...args].join(' ')}`);
  const session = spawn('kubectl', ['draft-connect', ...args], {
    cwd: folder,
    stdio: 'inherit',
    // kubectl's cache goes with the folder.
    env: {
      ...process.env,
      HOME: folder,
      XDG_STATE_HOME: join(folder, 'state'),
      KUBECONFIG: cluster.kubeconfig,
      PATH: `${root}dist${delimiter}${process.env['PATH']}`,
    },
  });
  // The terminal sends Ctrl-C to both; the session ends by it and this follows.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => session.kill(signal));
  process.exitCode = await ended(session);
} finally {
  clearInterval(rollouts);
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
}
