// Every command that README.md and docs/ tell a reader to type, as they would: each fenced `sh` block runs in a shell, in an
// app's folder, against the embedded cluster. A session is ended with Ctrl-C once it is connected. Links and examples of
// draft.toml are checked, too.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'smol-toml';
import { archiveName, PLATFORMS } from '../../scripts/package/platforms.ts';
import { MANIFEST } from '../../scripts/package.ts';
import { readEnvironment } from '../../src/request/core/manifest.ts';
import { echoProgram, goProgram } from '../cluster/programs.ts';
import { newMark } from '../harness/processes.ts';
import { BUNDLE } from '../harness/program.ts';
import { missing } from '../harness/tools.ts';
import { freePort, newestKubectl, type Place, startPlace } from './connect-setup.ts';
import { type App, makeApp } from './up-setup.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const FILES = [
  'README.md',
  ...readdirSync(`${root}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/**
 * How a block is tried, by its first line: what it tells on stdout and stderr together, and what shows that a session is
 * connected and may be ended.
 */
type Trial =
  | { readonly told: RegExp; readonly needs?: readonly string[]; readonly until?: RegExp | 'logs' }
  /** It cannot run here: where it is tried instead. */
  | { readonly elsewhere: string };

const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string };
const RELEASE = 'https://github.com/draft-connect/kubectl-draft-connect/releases';

const TRIALS: Readonly<Record<string, Trial>> = {
  'npm ci && npm run build && npm install --global .': {
    elsewhere: 'changes this machine; test/package/package.test.ts installs from the archive',
  },
  [`kubectl krew install --manifest-url=${RELEASE}/latest/download/draft-connect.yaml`]: {
    elsewhere: 'fetches a release; test/package/krew.test.ts installs one into a folder of its own',
  },
  [`curl -fL ${RELEASE}/latest/download/kubectl-draft_connect-linux-amd64.tar.gz | sudo tar -xz -C /usr/local/bin kubectl-draft_connect`]:
    {
      elsewhere: 'fetches a release; test/package/release.test.ts unpacks and runs one',
    },
  [`npm install --global ${RELEASE}/download/v${version}/kubectl-draft-connect-${version}.tgz`]: {
    elsewhere: 'fetches a release; test/package/package.test.ts installs its archive',
  },
  'kubectl krew uninstall draft-connect': { elsewhere: 'changes this machine' },
  'kubectl draft-connect version': { told: /^kubectl draft-connect \d/ },
  'kubectl draft-connect completion install': { told: /kubectl_complete-draft_connect is installed/ },
  '. <(kubectl draft-connect completion bash)': { told: /^$/ },
  'kubectl draft-connect deploy/web': {
    told: /Connect to web:8080 on localhost:\d+\n.*\[web\]: listening/s,
    until: /\[web\]: listening/g,
  },
  'kubectl draft-connect svc/web': { told: /(Connect to web:8080.*){3}/s },
  'kubectl draft-connect deploy/web -p 8080:http': {
    told: /Connect to web:8080 on localhost:8080\n.*:8080 on localhost:8080\n.*:9229 on localhost:9229\n.*postgres:5432 on localhost:5432\n/s,
  },
  'kubectl draft-connect deploy/web -- npm test': { told: /tested\n.*Hello World/s, needs: ['npm', 'curl'] },
  'eval "$(kubectl draft-connect deploy/web --detach)"': {
    told: /Hello World.*CONTEXT.*web +web-\S+ +default +embedded.*web \(\w{6}\) stopped/s,
    needs: ['curl'],
  },
  'kubectl draft-connect deploy/web svc/postgres -p 8080:http,5432:5432': {
    told: /Connect to web\/web:8080 on localhost:8080\nConnect to postgres\/postgres:5432 on localhost:5432\n.*\[web\/web\]: /s,
    until: /\[web\/web\]: listening/g,
  },
  'kubectl draft-connect': { told: /Connect to go:8080 on localhost:8080\n.*multi-port:81 on localhost:9191\n/s },
  'kubectl draft-connect deploy/web -o json | jq -r \'select(.type == "log") | .line\'': {
    told: /listening on :8080/,
    needs: ['jq'],
    until: 'logs',
  },
  'kubectl draft-connect deploy/web --detach -o json | jq -r \'.tunnels[] | "\\(.container) \\(.localPort)"\'': {
    told: /^web \d+\nweb \(\w{6}\) stopped\n/m,
    needs: ['jq'],
  },
  'kubectl draft-connect list -o json | jq -r \'select(.state != "Connected") | .id\'': { told: /^$/, needs: ['jq'] },
  'kubectl draft-connect deploy/web --detach >/dev/null': { told: /^\d+\nweb \(\w{6}\) stopped\n/m, needs: ['jq'] },
  'kubectl draft-connect stop --all': { told: /No detached sessions/ },
  "kubectl draft-connect deploy/web -i '(?i)error' --exclude health --exclude-container istio": {
    told: /(Connect to web:8080 .*){2}/s,
  },
  'kubectl draft-connect up': { told: /Pushing Docker Image: SUCCESS.*not pushed.*Happy Helming/s },
  'kubectl draft-connect up services/web --auto-connect': { elsewhere: 'needs a real helm; test/e2e/up.test.ts' },
  'kubectl draft-connect up --auto-connect -- kubectl apply -k .': { told: /(Build ID.*Connect to go:8080.*){2}/s },
  'kubectl draft-connect up --auto-connect --watch -- kubectl apply -k .': { told: /Build ID.*Connect to go:8080/s },
  'npm run bench': { elsewhere: 'takes many minutes; test/package/bench-short.test.ts runs some rows briefly' },
  'npm run bench -- patterns': { elsewhere: 'takes minutes; test/package/bench-short.test.ts runs it briefly' },
  'scripts/demo': { elsewhere: 'test/package/demo.test.ts' },
  'scripts/test': { elsewhere: 'it runs this very test' },
};

const DRAFT_TOML = `[environments.development]
  name = "example-go"
  registry = "reg.test:5000"
  container-builder = "docker"
  override-ports = ["8080:8080", "9090:80", "9191:81"]
`;
/** Local ports that the documentation names. */
const PORTS = [8080, 9090, 9191, 5432, 9229];
/** A session that ends by nothing but a signal: not one in the background, nor one that ends with its COMMAND. */
const SESSION = /^\S*node \S*kubectl-draft_connect (?:up .*|(?!.*(?:--export| -- )).*)$/;

interface Block {
  readonly file: string;
  readonly text: string;
  /** Its first line without a comment behind it. */
  readonly name: string;
}

function blocksOf(file: string, language: string): readonly Block[] {
  const text = readFileSync(root + file, 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => {
    const [first = ''] = block.split('\n');
    return { file, text: block, name: first.replace(/ +#.*$/, '') };
  });
}

const blocks = FILES.flatMap((file) => blocksOf(file, 'sh'));

test('every command of the documentation is known here, and no other', () => {
  const named = new Set(blocks.map(({ name }) => name));
  assert.deepEqual([...named].sort(), Object.keys(TRIALS).sort());
});

test('the files of a release that the documentation names are those that a release has', () => {
  const names = blocks.flatMap(({ text }) =>
    [...text.matchAll(/releases\/\S*\/([^/\s]+)(?=\s)/g)].map(([, name]) => name),
  );
  const made = [...PLATFORMS.map(archiveName), MANIFEST, `kubectl-draft-connect-${version}.tgz`];
  assert.equal(names.length, 3);
  assert.deepEqual(
    names.filter((name) => !made.includes(name ?? '')),
    [],
  );
});

describe("the documentation's command", {
  skip: process.platform !== 'linux' && 'finds sessions through /proc',
}, () => {
  let place: Place;
  let app: App;
  before(async () => {
    place = await startPlace();
    app = makeApp(DRAFT_TOML);
    await furnish(place, app);
  });
  after(() => {
    place?.stop();
    app?.remove();
  });

  for (const { file, text, name } of blocks) {
    const trial = TRIALS[name];
    if (trial === undefined || 'elsewhere' in trial) continue;
    test(`${name} (${file})`, { skip: missing('bash', ...(trial.needs ?? [])) }, async () => {
      for (const port of PORTS) await untilFree(port);
      const { until = /^Connect to /gm } = trial;
      const connected = (told: string) =>
        until === 'logs' ? place.cluster.openStreams(until) : (told.match(until)?.length ?? 0);
      const { code, told } = await paste(text, { place, app, connected });
      assert.equal(code, 0, told);
      assert.match(told, trial.told);
    });
  }
});

/** What the documentation's readers have: some apps in the cluster, a project's folder, and tools. */
async function furnish({ cluster }: Place, app: App): Promise<void> {
  await cluster.addExample();
  const web = { name: 'web', ports: [{ containerPort: 8080, name: 'http' }], program: goProgram(8080) };
  const postgres = { name: 'postgres', ports: [{ containerPort: 5432 }], program: echoProgram(5432) };
  cluster.addService({ name: 'web', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] });
  cluster.addService({ name: 'postgres', selector: { app: 'postgres' }, ports: [{ port: 5432 }] });
  await cluster.deploy({ name: 'web', containers: [web] }).settled();
  await cluster.deploy({ name: 'postgres', kind: 'StatefulSet', containers: [postgres] }).settled();
  app.write('package.json', JSON.stringify({ scripts: { test: 'echo tested' } }));
  const bin = join(app.folder, '../bin');
  // Where `completion install` writes beside it.
  symlinkSync(BUNDLE, join(bin, 'kubectl-draft_connect'));
  const tools = {
    // The embedded cluster takes no manifests.
    kubectl: `[ "$1" != apply ] || exec echo deployment.apps/example-go configured\nexec '${newestKubectl()}' "$@"`,
    make: 'echo made',
  };
  for (const [name, script] of Object.entries(tools)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
}

/** Other programs of this machine may have it for a while. */
async function untilFree(port: number): Promise<void> {
  for (let tries = 0; (await freePort(port)) !== port; tries++) {
    assert.ok(tries < 300, `port ${port}, which the documentation names, is taken by another program`);
    await pause(200);
  }
}

/** Runs the block in a shell that stops at the first failure; each session in it gets Ctrl-C once it is connected. */
async function paste(
  text: string,
  { place, app, connected }: { place: Place; app: App; connected: (told: string) => number },
): Promise<{ code: number | null; told: string }> {
  const mark = newMark();
  const shell = spawn('bash', ['-e', '-u', '-o', 'pipefail', '-c', text], {
    cwd: app.folder,
    env: {
      ...process.env,
      ...app.options.env,
      ...mark.env,
      HOME: join(app.folder, '..'),
      KUBECONFIG: place.cluster.kubeconfig,
      PATH: [join(app.folder, '../bin'), process.env['PATH']].join(delimiter),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let told = '';
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.setEncoding('utf8').on('data', (more: string) => {
      told += more;
    });
  }
  const interrupted = new Set<number>();
  let seen: number = connected(told);
  const timer = setInterval(() => {
    if (connected(told) <= seen) return;
    for (const { pid, command } of mark.processes()) {
      if (interrupted.has(pid) || !SESSION.test(command)) continue;
      seen = connected(told);
      interrupted.add(pid);
      process.kill(pid, 'SIGINT');
    }
  }, 50);
  const [code] = (await once(shell, 'close')) as [number | null];
  clearInterval(timer);
  await mark.gone();
  return { code, told };
}

for (const { file, text } of FILES.flatMap((each) => blocksOf(each, 'toml'))) {
  test(`this draft.toml of ${file} is valid: ${text.split('\n').slice(0, 2).join(' ')}`, () => {
    assert.deepEqual(readEnvironment(parse(text), 'development', 'draft.toml').warnings, []);
  });
}

for (const file of FILES) {
  test(`every link of ${file} to this repository leads somewhere`, () => {
    const text = readFileSync(root + file, 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(#[^)\s]+)?\)/g)].map(([, to = '', anchor]) => ({
      to,
      anchor,
    }));
    const broken = links.filter(({ to, anchor }) => {
      const path = to === '' ? root + file : resolve(root, dirname(file), to);
      return !existsSync(path) || (anchor !== undefined && !anchorsOf(path).has(anchor));
    });
    assert.deepEqual(broken, []);
  });
}

/** As GitHub makes them of headings. */
function anchorsOf(path: string): ReadonlySet<string> {
  const headings = readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm);
  return new Set([...headings].map(([, title = '']) => `#${slug(title)}`));
}

function slug(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}
