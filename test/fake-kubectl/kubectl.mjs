#!/usr/bin/env node
// A kubectl that does as it is told, for what the real one cannot do on demand; README.md has its script.
import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const args = process.argv.slice(2);
const script = JSON.parse(process.env.FAKE_KUBECTL ?? '{}');
const pod = { name: 'example-go-1', namespace: 'default', containers: [{ name: 'go', ports: [8080] }], ...script.pod };
// What is only said not to be, against a user's defaults, is left out.
const line = args.filter((arg) => !/^--\S+=(?:false)?$/.test(arg)).join(' ');
const calls = script.calls && countCalls();
const rule = (script.rules ?? []).find(
  ({ match, nth }) =>
    line.includes(match ?? '') &&
    (nth === undefined || nth === calls?.filter((call) => call.includes(match ?? '')).length),
);

function countCalls() {
  appendFileSync(script.calls, `${process.pid} ${line}\n`);
  return readFileSync(script.calls, 'utf8').split('\n').filter(Boolean);
}

if (rule?.deaf) for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {});
if (rule?.stderr) process.stderr.write(rule.stderr);
if (rule?.stdout) process.stdout.write(rule.stdout);
if (rule?.crashAfterMs !== undefined) {
  setTimeout(
    () => (rule.signal ? process.kill(process.pid, rule.signal) : process.exit(rule.exitCode ?? 1)),
    rule.crashAfterMs,
  );
}
if (rule?.helper)
  spawn('sleep', [String(rule.helper)], { stdio: 'ignore', detached: rule.helperDetached ?? false }).unref();
if (rule?.hang) setInterval(() => {}, 1 << 30);
else if (rule?.exitCode !== undefined && rule.crashAfterMs === undefined) process.exitCode = rule.exitCode;
else if (rule?.afterMs) setTimeout(answer, rule.afterMs);
else answer();

function answer() {
  const [verb] = args;
  if (verb === 'version')
    print({ clientVersion: { gitVersion: script.version ?? 'v1.33.1', minor: '33', major: '1' } });
  else if (verb === 'config')
    print({ 'current-context': 'fake', contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }] });
  else if (verb === 'get' && line.includes('--watch')) watch();
  else if (verb === 'get' && args[1] === 'pods') print({ kind: 'List', apiVersion: 'v1', items: [podObject()] });
  else if (verb === 'get') print(podObject());
  else if (verb === 'port-forward') forward(Number(args.find((arg) => /^:\d+$/.test(arg)).slice(1)));
  else if (verb === 'logs') logs();
  else {
    process.stderr.write(`error: unknown command "${verb}"\n`);
    process.exitCode = 1;
  }
}

function print(object) {
  process.stdout.write(`${JSON.stringify(object)}\n`);
}

function watch() {
  print({ type: 'ADDED', object: podObject() });
  setInterval(() => {}, 1 << 30);
}

function forward(remote) {
  const server = createServer((_request, response) => response.end(`port ${remote}\n`));
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    process.stdout.write(`Forwarding from 127.0.0.1:${port} -> ${remote}\n`);
  });
}

function logs() {
  const container = args.find((arg) => arg.startsWith('--container='))?.slice('--container='.length);
  process.stdout.write(`2024-01-01T00:00:00.000000001Z hello from ${container}\n`);
  if (args.includes('--follow')) setInterval(() => {}, 1 << 30);
}

function podObject() {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name: pod.name,
      namespace: pod.namespace,
      uid: '00000000-0000-0000-0000-000000000001',
      labels: { draft: 'example-go' },
      annotations: {},
      creationTimestamp: '2024-01-01T00:00:00Z',
    },
    spec: {
      containers: pod.containers.map(({ name, ports }) => ({
        name,
        ports: ports.map((port) => (typeof port === 'number' ? { containerPort: port } : port)),
      })),
    },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: pod.containers.map(({ name }) => ({
        name,
        ready: true,
        restartCount: 0,
        containerID: `containerd://${name}`,
        state: { running: { startedAt: '2024-01-01T00:00:00Z' } },
      })),
    },
  };
}
