// `-o json`: one object a line on stdout, `type` first, with the fields that the README names, and nothing else.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../harness/eventually.ts';
import { get } from '../harness/http.ts';
import { makeFolder } from '../harness/program.ts';
import { endConnected, linesOf, nothingLeftOf, type Place, startPlace } from './connect-setup.ts';

const cwd = tmpdir();

type Json = Readonly<Record<string, unknown>> & { readonly type: string };

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  tunnel: ['container', 'port', 'portName', 'address', 'addresses', 'localPort', 'pod', 'app'],
  log: ['container', 'pod', 'app', 'timestamp', 'line'],
  error: ['message', 'hint'],
  exit: ['code'],
};

/** Every line parses, `type` comes first, and no object has a field that it should not have. */
function objectsOf(stdout: string): readonly Json[] {
  return linesOf(Buffer.from(stdout, 'latin1').toString()).map((line) => {
    const object = JSON.parse(line) as Json;
    const [first, ...fields] = Object.keys(object);
    assert.equal(first, 'type', line);
    const known = FIELDS[object.type];
    if (known !== undefined)
      assert.deepEqual(
        fields,
        known.filter((field) => fields.includes(field)),
        line,
      );
    else assert.ok(object.type === 'pod' || object.type === 'warning', line);
    return object;
  });
}

describe('-o json', { concurrency: 3 }, () => {
  let place: Place;
  before(async () => {
    place = await startPlace();
    await place.cluster.addExample();
  });
  after(() => place.stop());
  const podOf = (workload: string): string => place.cluster.podNames(workload).at(-1) ?? '';

  test('tunnels come first and in order, then log lines, at the end the exit status', async () => {
    const program = place.run(['deploy/example-go', '-o', 'json', '-p', ':8080,1:grpc'], { cwd });
    await program.sees('stdout', /"type":"tunnel".*"port":81.*\n/);
    const tunnels = objectsOf(program.stdout()).filter(({ type }) => type === 'tunnel');
    const pod = podOf('example-go');
    assert.deepEqual(
      tunnels.map(({ localPort: _, ...rest }) => rest),
      [
        ['go', 8080],
        ['multi-port', 80],
        ['multi-port', 81],
      ].map(([container, port]) => ({
        type: 'tunnel',
        container,
        port,
        address: 'localhost',
        addresses: ['localhost'],
        pod,
        app: 'example-go',
      })),
    );
    assert.equal((await get(Number(tunnels[0]?.['localPort']), '/json')).status, 200);
    await program.sees('stdout', /GET \/json"/);
    await endConnected(program);
    assert.equal(program.stderr(), '');
    const objects = objectsOf(program.stdout());
    assert.deepEqual(objects.slice(0, 2), [
      { type: 'pod', change: 'selected', pod, others: 0, namespace: 'default', context: 'embedded' },
      {
        type: 'warning',
        about: 'note',
        message: 'mapping 1:grpc is skipped: the pod has no port grpc; its ports are 8080, 80, 81',
      },
    ]);
    assert.deepEqual([...new Set(objects.map(({ type }) => type))], ['pod', 'warning', 'tunnel', 'log', 'exit']);
    const found = objects.find((object) => String(object['line']).includes('GET /json'));
    assert.ok(found !== undefined);
    const { timestamp, line, ...origin } = found;
    assert.deepEqual(origin, { type: 'log', container: 'go', pod });
    assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    assert.match(String(line), /Z GET \/json$/);
    assert.deepEqual(objects.at(-1), { type: 'exit', code: 0 });
  });

  test('a port has its name', async () => {
    await place.cluster
      .deploy({ name: 'named', containers: [{ name: 'web', ports: [{ containerPort: 80, name: 'http' }] }] })
      .settled();
    const program = place.run(['deploy/named', '-o=json', '--address', '127.0.0.1', '--address', '127.0.0.2'], { cwd });
    await program.sees('stdout', /"type":"tunnel".*\n/);
    await endConnected(program);
    const found = objectsOf(program.stdout()).find(({ type }) => type === 'tunnel');
    assert.ok(found !== undefined);
    const { localPort, pod, ...tunnel } = found;
    assert.equal(typeof localPort, 'number');
    assert.equal(pod, podOf('named'));
    const addresses = ['127.0.0.1', '127.0.0.2'];
    assert.deepEqual(tunnel, {
      type: 'tunnel',
      container: 'web',
      port: 80,
      portName: 'http',
      address: '127.0.0.1',
      addresses,
      app: 'named',
    });
  });

  test('any bytes of a log line give an object that parses', async () => {
    const bytes = Buffer.from('"quoted" \\ \x1b[31m\r\x00 \xff\xc3\xa9 end\n\n{"type":"exit"}\n', 'latin1');
    await place.cluster
      .deploy({ name: 'bytes', containers: [{ name: 'b', program: (process) => process.log(bytes) }] })
      .settled();
    const program = place.run(['deploy/bytes', '-o', 'json'], { cwd });
    await program.sees('stdout', /(?:.*"type":"log".*\n){3}/);
    await endConnected(program);
    const lines = objectsOf(program.stdout()).filter(({ type }) => type === 'log');
    assert.deepEqual(
      lines.map(({ line }) => line),
      ['"quoted" \\ \x1b[31m\r\x00 \ufffdé end', '', '{"type":"exit"}'],
    );
  });

  test('what becomes of the pod is told: awaited, selected, lost, replaced', async () => {
    const { cluster } = place;
    const containers = [{ name: 'web', ports: [{ containerPort: 80 }], readyAfterMs: 60_000 }];
    cluster.deploy({ name: 'moving', strategy: 'Recreate', containers });
    const program = place.run(['deploy/moving', '-o', 'json', '--no-logs'], { cwd });
    await program.sees('stdout', /"change":"awaited"/);
    const first = podOf('moving');
    cluster.setReady(first, true);
    await program.sees('stdout', /"type":"tunnel"/);
    cluster.workload('moving').rollout();
    await program.sees('stdout', /"change":"lost"/);
    await program.sees('stdout', /"change":"lost".*\n/);
    const next = await eventually(
      () => cluster.podNames('moving').find((pod) => pod !== first && cluster.pod(pod).phase === 'Running'),
      () => `no second pod among ${cluster.podNames('moving').join()}`,
    );
    cluster.setReady(next, true);
    await program.sees('stdout', /"change":"replaced".*\n/);
    await endConnected(program);
    const pods = objectsOf(program.stdout()).filter(({ type }) => type === 'pod');
    // How much of the pod's end is seen depends on when the watch begins.
    const lost = pods.find(({ change }) => change === 'lost');
    assert.match(String(lost?.['reason']), /^(?:is being|was) deleted$/);
    assert.deepEqual(
      pods.filter(({ change }) => change !== 'awaited'),
      [
        { type: 'pod', change: 'selected', pod: first, others: 0, namespace: 'default', context: 'embedded' },
        { type: 'pod', change: 'lost', pod: first, reason: lost?.['reason'] },
        { type: 'pod', change: 'replaced', pod: next, from: first },
      ],
    );
    for (const { reason } of pods.filter(({ change }) => change === 'awaited')) assert.equal(typeof reason, 'string');
    assert.equal(program.stderr(), '');
  });

  test('a pod that comes back under its name is restored', async () => {
    const { cluster } = place;
    await cluster
      .deploy({ kind: 'StatefulSet', name: 'db', containers: [{ name: 'db', ports: [{ containerPort: 80 }] }] })
      .settled();
    const program = place.run(['pod/db-0', '-o', 'json', '--no-logs'], { cwd });
    await program.sees('stdout', /"type":"tunnel"/);
    cluster.deletePod('db-0');
    await program.sees('stdout', /"change":"restored".*\n/);
    await endConnected(program);
    const pods = objectsOf(program.stdout()).filter(({ type }) => type === 'pod');
    assert.deepEqual(pods.at(-1), { type: 'pod', change: 'restored', pod: 'db-0' });
  });

  test('an error is an object, and so is the exit status', async () => {
    const end = await place.toEnd(['deploy/nope', '-o', 'json'], { cwd });
    const [error, ...rest] = objectsOf(end.stdout);
    assert.equal(error?.type, 'error');
    assert.match(
      String(error?.['message']),
      /^deployments(?:\.apps)? "nope" not found in namespace default \(context embedded\)$/,
    );
    assert.equal(error?.['hint'], 'look at the name, the namespace (-n) and the cluster (--context)');
    assert.deepEqual(rest, [{ type: 'exit', code: 1 }]);
    assert.match(end.stderr, /^Error: deployments\S* "nope" not found in namespace default \(context embedded\)\n/);
    assert.equal(end.code, 1);
  });

  const mistakes: readonly (readonly [title: string, args: readonly string[], message: RegExp])[] = [
    ['a wrong mapping', ['deploy/example-go', '-p', '80:80,80:81'], /^local port 80 already mapped$/],
    ['a wrong draft.toml', [], /draft\.toml: environment 'development' not found$/],
  ];
  for (const [title, args, message] of mistakes) {
    test(`${title} is an error object, too`, async () => {
      const folder = makeFolder({ 'draft.toml': '[environments.other]\n' });
      const own = args.length === 0 ? folder.path : cwd;
      const end = await place.toEnd([...args, '-o', 'json'], { cwd: own });
      const [error, exit, ...rest] = objectsOf(end.stdout);
      assert.equal(error?.type, 'error');
      assert.match(String(error?.['message']), message);
      assert.deepEqual([exit, ...rest], [{ type: 'exit', code: 2 }]);
      assert.equal(end.code, 2);
      folder.remove();
    });
  }

  test('a bug has its exit status in the exit object, too', async () => {
    const folder = makeFolder({ 'bug.cjs': 'AbortSignal.any = () => { throw new Error("a bug"); };\n' });
    const env = { NODE_OPTIONS: `--require=${join(folder.path, 'bug.cjs')}` };
    const end = await place.toEnd(['deploy/example-go', '-o', 'json'], { cwd, env });
    assert.match(end.stderr, /^Error: a bug in kubectl draft-connect .*\nError: a bug\n/);
    assert.deepEqual(objectsOf(end.stdout).at(-1), { type: 'exit', code: 70 });
    assert.equal(end.code, 70);
    folder.remove();
  });

  test('interrupted before it was connected, the exit object says so', async () => {
    place.cluster.deploy({ name: 'stuck', containers: [{ name: 'web' }], unschedulable: 'no room' });
    const program = place.run(['deploy/stuck', '-o', 'json'], { cwd });
    await program.sees('stdout', /"change":"awaited"/);
    assert.equal((await program.end('SIGTERM')).code, 143);
    await nothingLeftOf(program.pid);
    assert.deepEqual(objectsOf(program.stdout()).at(-1), { type: 'exit', code: 143 });
  });

  test('--dry-run prints objects, too', async () => {
    const end = await place.toEnd(
      ['deploy/example-go', '-o', 'json', '-c', 'multi-port', '-p', '8080:80', '--dry-run'],
      { cwd },
    );
    const pod = podOf('example-go');
    const names = { container: 'multi-port', pod, app: 'example-go' };
    const tunnel = { type: 'tunnel', ...names, address: 'localhost', addresses: ['localhost'] };
    assert.deepEqual(objectsOf(end.stdout), [
      { type: 'pod', change: 'selected', pod, others: 0, namespace: 'default', context: 'embedded' },
      { ...tunnel, port: 80, localPort: 8080 },
      { ...tunnel, port: 81, localPort: 0 },
      { type: 'exit', code: 0 },
    ]);
    assert.equal(end.stderr, '');
  });

  test('docs/json.md documents every field', () => {
    const text = readFileSync(new URL('../../docs/json.md', import.meta.url), 'utf8');
    for (const [type, fields] of Object.entries(FIELDS)) {
      const row = text.split('\n').find((line) => line.startsWith(`| \`${type}\` |`)) ?? '';
      for (const field of fields) assert.ok(row.includes(`\`${field}\``), `${field} of ${type}`);
    }
  });
});
