// What `up` is tried with: a registry of our own on loopback, an app with the chart of a Draft pack, builders and helms.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { get } from '../harness/http.ts';
import { NO_CLUSTER, until } from './real-cluster.ts';

/** Paths of helm, `$HELMS` or those that the gate builds. */
function helmsUnderTest(): readonly string[] {
  const built = join(process.env['CLUSTER_HOME'] ?? join(homedir(), '.cache/test-cluster'), 'helm');
  const paths = process.env['HELMS']?.split(delimiter) ?? ['3', '4'].map((version) => join(built, version, 'helm'));
  return paths.filter(existsSync);
}

const isThere = (tool: string) => spawnSync(tool, ['--help'], { stdio: 'ignore' }).error === undefined;

export const HELMS = helmsUnderTest();
export const BUILDERS = (['podman', 'buildah'] as const).filter(isThere);

/** Why `up` cannot be tried here; undefined when it can. */
export const NO_TOOLS = NO_CLUSTER ?? missing();

function missing(): string | undefined {
  const tools = [
    ...(HELMS.length === 0 ? ['helm ($HELMS)'] : []),
    ...(BUILDERS.length === 0 ? ['podman or buildah'] : []),
    ...['docker-registry', 'go'].filter((tool) => !isThere(tool)),
  ];
  return tools.length === 0 ? undefined : `for up there is no ${tools.join(', ')}`;
}

export interface Registry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  stop(): void;
}

export async function startRegistry(port: number): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), 'draft-connect-registry-'));
  const host = `127.0.0.1:${port}`;
  const storage = `{filesystem: {rootdirectory: '${folder}/images'}}`;
  writeFileSync(join(folder, 'config.yml'), `version: 0.1\nstorage: ${storage}\nhttp: {addr: '${host}'}\n`);
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
  const stop = () => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', stop);
  await until('a registry', () =>
    get(port, '/v2/').then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
  return { host, stop };
}

const CHART: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v1\nname: go\nversion: 0.1.0\ndescription: A chart of a Draft pack\n',
  'values.yaml': 'image: {repository: x, tag: x, pullPolicy: IfNotPresent}\nservice: {internalPort: 8080}\n',
  'templates/_helpers.tpl': '{{- define "fullname" -}}{{ .Release.Name }}-{{ .Chart.Name }}{{- end -}}\n',
  'templates/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ template "fullname" . }}
spec:
  selector:
    matchLabels:
      app: {{ template "fullname" . }}
  template:
    metadata:
      annotations:
        buildID: {{ .Values.buildID }}
      labels:
        draft: {{ default "draft-app" .Values.draft }}
        app: {{ template "fullname" . }}
    spec:
      terminationGracePeriodSeconds: 3
      containers:
      - name: {{ .Chart.Name }}
        image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
        imagePullPolicy: {{ .Values.image.pullPolicy }}
        ports:
        - containerPort: {{ .Values.service.internalPort }}
      - name: multi-port
        image: test.local/nginx:1
        imagePullPolicy: Never
        ports:
        - containerPort: 80
        - containerPort: 81
`,
};

export interface UpApp {
  readonly folder: string;
  readonly state: string;
  write(path: string, text: string): void;
  remove(): void;
}

/** An app whose image answers `greeting` on 8080, with the chart that the reference text shows a part of. */
export function makeUpApp(toml: string, greeting: string): UpApp {
  const root = mkdtempSync(join(tmpdir(), 'draft-connect-up-'));
  const folder = join(root, 'app');
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const [path, text] of Object.entries(CHART)) write(`charts/go/${path}`, text);
  write('draft.toml', toml);
  write('greeting.txt', greeting);
  write('Dockerfile', 'FROM scratch\nCOPY server /server\nCOPY greeting.txt /greeting.txt\nCMD ["/server"]\n');
  cpSync(buildServer(), join(folder, 'server'));
  return { folder, state: join(root, 'state'), write, remove: () => rmSync(root, { recursive: true, force: true }) };
}

let server: string | undefined;

function buildServer(): string {
  if (server !== undefined) return server;
  const folder = mkdtempSync(join(tmpdir(), 'draft-connect-server-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'server');
  const source = fileURLToPath(new URL('up-app/main.go', import.meta.url));
  execFileSync('go', ['build', '-ldflags=-s -w', '-o', path, source], { env: { ...process.env, CGO_ENABLED: '0' } });
  server = path;
  return path;
}
