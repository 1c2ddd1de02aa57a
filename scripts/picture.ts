// Makes docs/session.svg, the README's picture, of a real session: the program that was just built, in a terminal, on the
// embedded cluster, through a rollout. `node --import tsx scripts/picture.ts [FILE [ARG...]]`; needs tmux and kubectl. The
// arguments go to draft-connect.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ServedCluster, serveCluster } from '../test/cluster/served-cluster.ts';
import { get } from '../test/harness/http.ts';
import { openTerminal, type Terminal } from '../test/harness/tmux.ts';
import { availableKubectls } from '../test/kubectls.ts';
import { buildAll } from './build.ts';
import { drawScreen } from './draw-screen.ts';

const TITLE = 'A session in a terminal: three tunnels and two logs go on when a rollout replaces the pod.';
const DRAFT_TOML = `[environments.development]
  name = "example-go"
  override-ports = ["8080:8080", "9090:80", "9191:81"]
`;

const [file = 'docs/session.svg', ...args] = process.argv.slice(2);
const root = fileURLToPath(new URL('..', import.meta.url));

/** What the terminal shows in the end, with its colours. */
async function recordSession(cluster: ServedCluster, folder: string): Promise<string> {
  const kubectl = availableKubectls().at(-1);
  if (kubectl === undefined) throw new Error('no kubectl found');
  symlinkSync(kubectl.path, join(folder, 'kubectl'));
  writeFileSync(join(folder, 'draft.toml'), DRAFT_TOML);
  const env = {
    HOME: folder,
    XDG_STATE_HOME: join(folder, 'state'),
    KUBECONFIG: cluster.kubeconfig,
    PATH: [folder, `${root}dist`, process.env['PATH']].join(delimiter),
    NO_COLOR: undefined,
    FORCE_COLOR: undefined,
  };
  const terminal = openTerminal('sh', env, { columns: 96, rows: 24 });
  try {
    return await playSession(terminal, cluster, folder);
  } finally {
    terminal.close();
  }
}

async function playSession(terminal: Terminal, cluster: ServedCluster, folder: string): Promise<string> {
  await terminal.sees(/[%#$]/);
  terminal.type(`cd '${folder}'; PS1='$ '; clear`);
  await terminal.sees(/^\$$/m);
  terminal.type(['kubectl draft-connect', ...args].join(' '));
  const [, go] = await terminal.sees(/go:8080 on localhost:(\d+)/);
  const [, site] = await terminal.sees(/multi-port:80 on localhost:(\d+)/);
  await terminal.sees(/listening on :8080/);
  await request(terminal, Number(go), '/before', /GET \/before/);
  await request(terminal, Number(site), '/', /"GET \/ /);
  await cluster.order('rollout', 'example-go');
  await terminal.sees(/replaced by/);
  await terminal.sees(/replaced by[\s\S]*listening on :8080/);
  await request(terminal, Number(go), '/after', /GET \/after/);
  const screen = terminal.coloredScreen();
  terminal.press('C-c');
  await terminal.sees(/\^C\$$/m);
  return screen;
}

/** Asks over a connection of its own, as curl would, and waits for its line in the log. */
async function request(terminal: Terminal, port: number, path: string, logged: RegExp): Promise<void> {
  await get(port, path);
  await terminal.sees(logged);
}

await buildAll();
const folder = mkdtempSync(join(tmpdir(), 'draft-connect-picture-'));
const cluster = await serveCluster();
try {
  writeFileSync(resolve(root, file), drawScreen(await recordSession(cluster, folder), TITLE));
} finally {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
}
