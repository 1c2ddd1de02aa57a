// Shows the main job without a cluster: `kubectl draft-connect` in a folder with a draft.toml, through the real kubectl,
// against the embedded API server. Arguments go to draft-connect. Whatever ends it, nothing of it stays.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const DRAFT_TOML = `[environments]
  [environments.development]
    name = "example-go"
    namespace = "default"
    override-ports = ["8080:8080", "9090:80", "9191:81"]
`;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'draft-connect-demo-'));

/** In a process group of its own, out of Ctrl-C's reach, so that it outlives the session; it ends with its stdin. */
function startCluster(): ChildProcess {
  const args = ['--import', 'tsx', 'test/cluster/serve.ts', '--stdin'];
  return spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'], detached: true });
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the cluster has no stdout');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('the cluster ended before it was ready');
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

const cluster = startCluster();
const clusterEnded = ended(cluster);
try {
  const kubeconfig = await firstLine(cluster);
  writeFileSync(join(folder, 'draft.toml'), DRAFT_TOML);
  console.error(`An API server with the app of the example runs inside this project. In ${folder}:`);
  console.error(DRAFT_TOML.replace(/^/gm, '  ').trimEnd());
  console.error('Curl the addresses below from another terminal; Ctrl-C ends it all.\n');
  console.error(`$ kubectl ${['draft-connect', ...process.argv.slice(2)].join(' ')}`);
  const session = spawn('kubectl', ['draft-connect', ...process.argv.slice(2)], {
    cwd: folder,
    stdio: 'inherit',
    // kubectl's cache goes with the folder.
    env: {
      ...process.env,
      HOME: folder,
      XDG_STATE_HOME: join(folder, 'state'),
      KUBECONFIG: kubeconfig,
      PATH: `${root}dist${delimiter}${process.env['PATH']}`,
    },
  });
  // The terminal sends Ctrl-C to both; the session ends by it and this follows.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => session.kill(signal));
  process.exitCode = await ended(session);
} finally {
  cluster.stdin?.end();
  await clusterEnded;
  rmSync(folder, { recursive: true, force: true });
}
