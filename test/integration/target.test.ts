// What is connected to: TARGET, -l and draft.toml with its environments, its namespace and where it is found.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { sitesProgram } from '../cluster/programs.ts';
import { eventually } from '../harness/eventually.ts';
import { FAKE_KUBECTL, fakeEnv } from '../harness/fake-kubectl.ts';
import { makeFolder, type RunOptions } from '../harness/program.ts';
import { endConnected, errorOf, linesOf, newestKubectl, type Place, startPlace } from './connect-setup.ts';

const cwd = tmpdir();
const web = [{ name: 'web', ports: [{ containerPort: 80, name: 'http' }], program: sitesProgram([80]) }];

describe('targets', { concurrency: 3 }, () => {
  let place: Place;

  before(async () => {
    place = await startPlace();
    const { cluster } = place;
    cluster.addNamespace('other');
    const kinds = [
      ['Deployment', 'dep'],
      ['StatefulSet', 'set'],
      ['DaemonSet', 'dae'],
      ['ReplicaSet', 'rep'],
      ['Job', 'job'],
    ] as const;
    for (const [kind, name] of kinds) cluster.deploy({ kind, name, containers: web });
    cluster.addPod({ name: 'single', labels: { team: 'blue' }, containers: web });
    cluster.addPod({ name: 'list', containers: web });
    cluster.addPod({ name: 'behind-service', labels: { role: 'front' }, containers: web });
    cluster.addService({ name: 'front', selector: { role: 'front' }, ports: [{ port: 8080, targetPort: 'http' }] });
    cluster.addService({ name: 'headless', selector: {}, ports: [{ port: 80 }] });
    cluster.addPod({ name: 'elsewhere', namespace: 'other', labels: { draft: 'app', app: 'far' }, containers: web });
    for (const [label, app] of [
      ['draft', 'by-draft'],
      ['app.kubernetes.io/instance', 'by-instance'],
      ['app.kubernetes.io/name', 'by-name'],
      ['app', 'by-app'],
    ] as const) {
      cluster.addPod({ name: `pod-${app}`, labels: { [label]: app }, containers: web });
    }
    // A later label of an app that an earlier one finds.
    cluster.addPod({ name: 'decoy', labels: { app: 'by-draft' }, containers: web });
    await Promise.all(kinds.map(([, name]) => cluster.workload(name).settled()));
    for (const name of ['single', 'list', 'behind-service', 'decoy', 'pod-by-draft', 'pod-by-app']) {
      await cluster.pod(name).whenReady();
    }
  });
  after(() => place.stop());

  async function podFor(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const end = await place.toEnd([...args, '--dry-run'], { cwd, ...options });
    assert.equal(end.code, 0, end.stderr);
    const [, pod = end.stdout] = /^Would connect to web:80 of pod (\S+) on /.exec(end.stdout) ?? [];
    return pod;
  }

  const targets: readonly (readonly [target: string, pod: RegExp])[] = [
    ['deploy/dep', /^dep-/],
    ['deployments.apps/dep', /^dep-/],
    ['sts/set', /^set-0$/],
    ['ds/dae', /^dae-/],
    ['rs/rep', /^rep-/],
    ['job/job', /^job-/],
    ['svc/front', /^behind-service$/],
    ['service/front', /^behind-service$/],
    ['pod/single', /^single$/],
    ['single', /^single$/],
    ['pod/list', /^list$/],
  ];
  for (const [target, pod] of targets) {
    test(`${target} is found`, async () => assert.match(await podFor([target]), pod));
  }
  test('a label selector finds its pod', async () =>
    assert.equal(await podFor(['-l', 'team in (blue, red),!draft']), 'single'));

  test('of a bare name that is not a pod, the kind that has it is named', async () => {
    const { error, hint } = errorOf(await place.toEnd(['dep'], { cwd }));
    assert.equal(error, 'pods "dep" not found in namespace default (context embedded)');
    assert.equal(hint, 'did you mean deploy/dep?');
  });

  test('without any target, the deployments there are are named', async () => {
    const folder = makeFolder();
    const end = await place.toEnd([], { cwd: folder.path });
    folder.remove();
    const { error, hint } = errorOf(end);
    assert.equal(error, 'nothing to connect to');
    assert.equal(
      hint,
      'give a TARGET (e.g. deploy/my-app), -l SELECTOR, or a draft.toml with a name; in namespace default there is deploy/dep',
    );
    assert.equal(end.code, 2);
  });

  test('a service without a selector stands for no pods', async () => {
    const { error, hint } = errorOf(await place.toEnd(['svc/headless'], { cwd }));
    assert.equal(error, "service 'headless' has no selector, so it stands for no pods");
    assert.equal(hint, 'name a pod or the workload behind it, or give a label selector with -l');
  });

  const apps = ['by-draft', 'by-instance', 'by-name', 'by-app'];
  test("draft.toml's name is looked for under four labels, the first that has pods wins", async () => {
    for (const app of apps) {
      const folder = makeFolder({ 'draft.toml': `[environments.development]\nname = "${app}"\n` });
      assert.equal(await podFor([], { cwd: folder.path }), `pod-${app}`);
      folder.remove();
    }
  });

  test('it waits for an app that has no pod yet under each of its labels', async () => {
    const folder = makeFolder({ 'draft.toml': '[environments.development]\nname = "not-yet"\n' });
    const program = place.run([], { cwd: folder.path });
    await program.sees(
      'stderr',
      /^waiting for a ready pod: there is no pod with the label draft=not-yet, .*, as \/.*\/draft\.toml says\n/,
    );
    place.cluster.addPod({ name: 'now', labels: { app: 'not-yet' }, containers: web });
    await program.connected(1);
    await endConnected(program);
    folder.remove();
  });

  test('while it waits for an app, it tells once that the API server is gone, and once that it is back', async () => {
    const folder = makeFolder({
      'draft.toml': '[environments.development]\nname = "not-yet"\n',
      kubectl: `#!/bin/sh\necho "$@" >>"$CALLS"\nexec '${newestKubectl()}' "$@"\n`,
      calls: '',
    });
    const calls = join(folder.path, 'calls');
    chmodSync(join(folder.path, 'kubectl'), 0o755);
    const asked = () => linesOf(readFileSync(calls, 'utf8')).length;
    const own = await startPlace(join(folder.path, 'kubectl'));
    const program = own.run([], { cwd: folder.path, env: { CALLS: calls } });
    await program.sees(
      'stderr',
      /^waiting for a ready pod: there is no pod with the label draft=not-yet, .*, as \/.*\/draft\.toml says\n/,
    );
    own.cluster.stopApi();
    await program.sees('stderr', /^the API server does not answer: .* was refused/m);
    const before = asked();
    // The first of them has got its answer, in vain, once the second is there.
    await eventually(
      () => asked() >= before + 2,
      () => `no more questions than ${before}`,
    );
    await own.cluster.startApi();
    await program.sees('stderr', /^the API server answers again\n/m);
    own.cluster.addPod({ name: 'now', labels: { app: 'not-yet' }, containers: web });
    await program.connected(1);
    await endConnected(program);
    assert.equal(linesOf(program.stderr()).length, 3, program.stderr());
    folder.remove();
    own.stop();
  });

  test("a namespace of the context's own that does not exist is an error at once", async () => {
    const folder = makeFolder({
      'draft.toml': '[environments.development]\nname = "app"\n',
      config: readFileSync(place.cluster.kubeconfig, 'utf8').replace(
        '"namespace": "default"',
        '"namespace": "nowhere"',
      ),
    });
    const kubeconfig = join(folder.path, 'config');
    for (const args of [['-l', 'team=blue'], []]) {
      const end = await place.toEnd(args, { cwd: folder.path, kubeconfig });
      assert.deepEqual(errorOf(end), {
        error: 'namespaces "nowhere" not found (context embedded)',
        hint: 'look at the name, the namespace (-n) and the cluster (--context)',
      });
      assert.equal(end.code, 1);
    }
    folder.remove();
  });

  test('it waits for pods where it may not look at the namespace', async () => {
    const own = await startPlace();
    own.cluster.fail({ verb: 'get', resource: 'namespaces', status: 403 });
    const end = await own.toEnd(['-l', 'team=nobody', '--timeout', '500ms'], { cwd });
    assert.equal(
      errorOf(end).error,
      'no pod became ready within 0.5 s: there is no pod that matches team=nobody in namespace default (context embedded)',
    );
    own.stop();
  });

  const TOML = `[environments.development]
name = "by-draft"
selector = "team=blue"
override-ports = ["18080:http"]
[environments.far]
name = "app"
namespace = "other"
[environments.staging]
name = "by-app"
`;
  const choices: readonly (readonly [
    title: string,
    args: readonly string[],
    env: Record<string, string>,
    pod: string,
  ])[] = [
    ['selector takes the place of the labels', [], {}, 'single'],
    ['-e chooses the environment', ['-e', 'staging'], {}, 'pod-by-app'],
    ['$DRAFT_ENV chooses the environment', [], { DRAFT_ENV: 'staging' }, 'pod-by-app'],
    ['-e goes before $DRAFT_ENV', ['-e', 'staging'], { DRAFT_ENV: 'far' }, 'pod-by-app'],
    ['an empty $DRAFT_ENV is none', [], { DRAFT_ENV: '' }, 'single'],
    ["draft.toml's namespace holds", ['-e', 'far'], {}, 'elsewhere'],
    ['-n goes before it', ['-e', 'far', '-n', 'default', '-l', 'team=blue'], {}, 'single'],
    ['TARGET goes before its name', ['single'], {}, 'single'],
    ['TARGET is looked for in its namespace', ['-e', 'far', 'elsewhere'], {}, 'elsewhere'],
    ['-l goes before its name', ['-l', 'role=front'], {}, 'behind-service'],
  ];
  for (const [title, args, env, pod] of choices) {
    test(`draft.toml: ${title}`, async () => {
      const folder = makeFolder({ 'draft.toml': TOML });
      assert.equal(await podFor(args, { cwd: folder.path, env }), pod);
      folder.remove();
    });
  }

  const besides: readonly (readonly [title: string, toml: string, args: readonly string[], port: string])[] = [
    ["goes together with draft.toml's ports when -e is given", TOML, ['-e', 'development'], 'localhost:18080'],
    ["goes together with draft.toml's ports when -f is given", TOML, ['-f', 'draft.toml'], 'localhost:18080'],
    ['alone leaves draft.toml unread', TOML, [], 'a free port of localhost'],
    ['alone is not concerned by a broken draft.toml', '[environments', [], 'a free port of localhost'],
  ];
  for (const [title, toml, args, port] of besides) {
    test(`TARGET ${title}`, async () => {
      const folder = makeFolder({ 'draft.toml': toml });
      const end = await place.toEnd(['behind-service', ...args, '--dry-run'], { cwd: folder.path });
      assert.equal(linesOf(end.stdout)[0], `Would connect to web:80 of pod behind-service on ${port}`);
      assert.equal(end.stderr, '');
      folder.remove();
    });
  }

  test('the nearest draft.toml upwards is used, and -f names another one', async () => {
    const folder = makeFolder({ 'draft.toml': '[environments.development]\nname = "by-app"\n' });
    const deep = join(folder.path, 'src', 'deep');
    mkdirSync(deep, { recursive: true });
    // A directory of that name is none.
    mkdirSync(join(folder.path, 'src', 'draft.toml'));
    const other = makeFolder({ 'my.toml': '[environments.development]\nname = "by-name"\n' });
    assert.equal(await podFor([], { cwd: deep }), 'pod-by-app');
    assert.equal(await podFor(['-f', join(other.path, 'my.toml')], { cwd: deep }), 'pod-by-name');
    folder.remove();
    other.remove();
  });

  test("without -n and draft.toml's the context's namespace holds", async () => {
    const config = JSON.parse(readFileSync(place.cluster.kubeconfig, 'utf8')) as {
      contexts: { context: { namespace: string } }[];
    };
    for (const { context } of config.contexts) context.namespace = 'other';
    const folder = makeFolder({ config: JSON.stringify(config) });
    assert.equal(await podFor(['-l', 'app=far'], { kubeconfig: join(folder.path, 'config') }), 'elsewhere');
    folder.remove();
  });
});

describe("kubectl's own flags", { concurrency: 3 }, () => {
  const given = [
    ['--context', 'ctx', '--context=ctx'],
    ['--kubeconfig', '/k/config', '--kubeconfig=/k/config'],
    ['--cluster', 'cl', '--cluster=cl'],
    ['--user', 'us', '--user=us'],
    ['--as', 'jane', '--as=jane'],
    ['--as-group', 'a', '--as-group=a'],
    ['--as-group', 'b', '--as-group=b'],
    ['--as-uid', '7', '--as-uid=7'],
    ['--token', '-t', '--token=-t'],
    ['-s', 'https://x:1', '--server=https://x:1'],
    ['--tls-server-name', 'tls', '--tls-server-name=tls'],
    ['--certificate-authority', '/ca', '--certificate-authority=/ca'],
    ['--client-certificate', '/cert', '--client-certificate=/cert'],
    ['--client-key', '/key', '--client-key=/key'],
    ['--insecure-skip-tls-verify', '--insecure-skip-tls-verify=true'],
    ['--cache-dir', '/cache dir', '--cache-dir=/cache dir'],
    ['--disable-compression', '--disable-compression=true'],
    ['-v', '4', '--v=4'],
    ['-n', 'ns', '--namespace=ns'],
  ] as const;

  test('reach every child as given, and --request-timeout those that end by themselves', async () => {
    const folder = makeFolder({ calls: '' });
    const calls = join(folder.path, 'calls');
    const place = await startPlace(FAKE_KUBECTL);
    const args = given.flatMap((each) => each.slice(0, -1));
    const program = place.run(['-l', 'a=b', '--request-timeout', '9s', ...args], { cwd, env: fakeEnv({ calls }) });
    await program.connected(1);
    await program.sees('stdout', /hello from go/);
    // What is not waited for by the tunnels.
    await eventually(
      () => /--watch/.test(readFileSync(calls, 'utf8')),
      () => readFileSync(calls, 'utf8'),
    );
    await endConnected(program);
    const told = linesOf(readFileSync(calls, 'utf8')).map((line) => line.replace(/^\d+ /, ''));
    const kinds = told.map((line) => (line.includes('--watch') ? 'watch' : (line.split(' ')[0] ?? '')));
    for (const kind of ['get', 'watch', 'port-forward', 'logs'])
      assert.ok(kinds.includes(kind), `${kind}:\n${told.join('\n')}`);
    for (const [index, line] of told.entries()) {
      const kind = kinds[index];
      // Asks the program for its own version, not the cluster.
      if (kind === 'version') continue;
      for (const each of given) assert.ok(line.includes(` ${each.at(-1)}`), `${each.at(-1)} is missing in ${line}`);
      assert.equal(line.includes('--request-timeout=9s'), kind === 'get', line);
    }
    place.stop();
    folder.remove();
  });

  test('nothing from the command line or draft.toml can be taken for an option', async () => {
    const folder = makeFolder({
      calls: '',
      'draft.toml': '[environments.development]\nname = "example-go"\nselector = "a=b"\n',
    });
    const calls = join(folder.path, 'calls');
    const place = await startPlace(FAKE_KUBECTL);
    for (const [args, code] of [
      [['--', 'true'], 0],
      [['-l', '--all-namespaces'], 2],
      [['-n', '--all-namespaces'], 0],
      [['pod/--all'], 2],
    ] as const) {
      const end = await place.toEnd([...args, ...(args[0] === '-n' ? ['--dry-run'] : [])], {
        cwd: folder.path,
        env: fakeEnv({ calls }),
      });
      assert.equal(end.code, code, end.stderr);
    }
    for (const line of linesOf(readFileSync(calls, 'utf8'))) assert.doesNotMatch(line, / --all/);
    place.stop();
    folder.remove();
  });
});
