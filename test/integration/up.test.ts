// `up` as a whole, with tools that note how they are called and a real kubectl on the embedded cluster.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { get } from '../harness/http.ts';
import { BUNDLE } from '../harness/program.ts';
import {
  endConnected,
  errorOf,
  linesOf,
  newestKubectl,
  nothingLeftOf,
  type Place,
  startPlace,
} from './connect-setup.ts';
import { type App, makeApp, UP_TOML, withoutTimes } from './up-setup.ts';

const SCREEN = `Draft Up Started: 'example-go'
example-go: Building Docker Image: SUCCESS ⚓  (1.0000s)
example-go: Pushing Docker Image: SUCCESS ⚓  (1.0000s)
example-go: Releasing Application: SUCCESS ⚓  (1.0000s)
example-go: Build ID: BUILD_ID
Inspect the logs with \`kubectl draft-connect logs BUILD_ID\`
`;

describe('up', () => {
  let place: Place;
  let app: App;
  before(async () => {
    place = await startPlace();
    await place.cluster.addExample();
  });
  after(() => place.stop());
  beforeEach(() => {
    app = makeApp();
  });
  afterEach(() => app.remove());
  const up = (...args: readonly string[]) => place.toEnd(['up', ...args], app.options);
  const builds = () => readdirSync(join(app.state, 'draft-connect/builds'), { recursive: true });
  const verbs = () => app.calls().map(({ program, args }) => `${program} ${args[0]}`);

  test('builds, pushes and releases, and shows the reference text’s screen', async () => {
    const end = await up();
    assert.equal(withoutTimes(end.stdout), SCREEN);
    assert.equal(end.stderr, '');
    assert.equal(end.code, 0);
    const [build, tag, , push, upgrade] = app.calls().filter(({ args }) => args[0] !== 'get');
    assert.equal(build?.args.at(-1), app.folder);
    assert.equal(build?.env['BUILDX_NO_DEFAULT_ATTESTATIONS'], '1');
    const name = tag?.args.at(-1) ?? '';
    assert.match(name, /^reg\.test:5000\/example-go:[\da-f]{20}$/);
    assert.deepEqual(push?.args, ['push', '--', name]);
    assert.ok(upgrade?.args.includes('--namespace=default'));
    assert.ok(upgrade?.args.includes('--kube-context=embedded'));
    assert.deepEqual(upgrade?.args.slice(-2), ['example-go', join(app.folder, 'charts/go')]);
  });

  for (const builder of ['docker', 'nerdctl', 'podman', 'buildah']) {
    test(`builds with ${builder} when draft.toml says so`, async () => {
      app.remove();
      app = makeApp(UP_TOML.replace('"docker"', `"${builder}"`), ['docker', builder, 'helm']);
      const end = await up();
      assert.equal(withoutTimes(end.stdout), SCREEN);
      assert.deepEqual(
        verbs().filter((each) => each !== 'helm get'),
        [`${builder} build`, `${builder} tag`, `${builder} rmi`, `${builder} push`, 'helm upgrade'],
      );
    });
  }

  test('never takes the image of another build of the app that goes on at the same time', async () => {
    await Promise.all([up(), up()]);
    const named = app.calls().flatMap(({ args }) => args.find((arg) => arg.startsWith('--tag='))?.slice(6) ?? []);
    assert.equal(new Set(named).size, 2);
    for (const verb of ['tag', 'rmi']) {
      const taken = app.calls().flatMap(({ args }) => (args[0] === verb ? [args[2]] : []));
      assert.deepEqual(taken.sort(), named.sort(), verb);
    }
  });

  test('leaves one log and nothing else, and logs shows it, by its ID and as the last one', async () => {
    const end = await up();
    const id = /logs (\w{26})`/.exec(end.stdout)?.[1] ?? '';
    assert.deepEqual(builds().sort(), ['example-go', `example-go/${id}.log`]);
    for (const args of [[], [id], [id.toLowerCase()], ['--follow']]) {
      const log = await place.toEnd(['logs', ...args], app.options);
      assert.equal(log.code, 0, log.stderr);
      assert.match(log.stdout, /^example-go: Building Docker Image\nSTEP 1\/1: FROM scratch\n/);
      assert.match(log.stdout, /Happy Helming!\nexample-go: Releasing Application: SUCCESS/);
    }
  });

  test('says what log there is not', async () => {
    const none = errorOf(await place.toEnd(['logs'], app.options));
    assert.equal(none.error, 'there is no log of a build of example-go');
    const unknown = errorOf(await place.toEnd(['logs', '01C9HJKRQ7VZ3C4G9KBCS41BFJ'], app.options));
    assert.equal(unknown.error, 'there is no log of build 01C9HJKRQ7VZ3C4G9KBCS41BFJ');
    const odd = await place.toEnd(['logs', 'foo'], app.options);
    assert.deepEqual([odd.code, errorOf(odd).error], [2, "'foo' is no build ID"]);
  });

  test('shows a build as it goes on with logs --follow, to its end', async () => {
    app.rules({ match: 'docker build', stdout: 'begun\n', hang: true });
    const program = place.run(['up'], app.options);
    const untilBegun = async () => {
      while (app.calls().every(({ args }) => args[0] !== 'build')) await new Promise((r) => setTimeout(r, 10));
    };
    await untilBegun();
    const follower = place.run(['logs', '--follow'], app.options);
    await follower.sees('stdout', /begun/);
    await program.end('SIGINT');
    assert.equal((await follower.ended).code, 0);
    assert.match(follower.stdout(), /interrupted: the image was not built/);
  });

  test('interrupted in a build says what was not done, and ends the builder', async () => {
    app.rules({ match: 'docker build', stdout: 'begun\n', hang: true });
    const program = place.run(['up'], app.options);
    await program.sees('stdout', /Started/);
    while (app.calls().every(({ args }) => args[0] !== 'build')) await new Promise((r) => setTimeout(r, 10));
    const { code } = await program.end('SIGINT');
    assert.equal(code, 130);
    assert.match(program.stdout(), /Building Docker Image: STOPPED/);
    assert.equal(program.stderr(), 'Warning: interrupted: the image was not built, nothing was pushed or released\n');
    await nothingLeftOf(program.pid);
    assert.equal(builds().filter((name) => /running|iid|^\.[0-7]/.test(String(name))).length, 0);
  });

  test('interrupted in a build of --watch, too, tells the exit status last', async () => {
    app.rules({ match: 'docker build', stdout: 'begun\n', hang: true });
    const program = place.run(['up', '--watch', '-o', 'json'], app.options);
    while (app.calls().every(({ args }) => args[0] !== 'build')) await new Promise((r) => setTimeout(r, 10));
    assert.equal((await program.end('SIGINT')).code, 130);
    const types = linesOf(program.stdout()).map((line) => (JSON.parse(line) as { type: string }).type);
    assert.deepEqual(types, ['up', 'stage', 'build', 'warning', 'exit']);
  });

  const failures: readonly (readonly [match: string, stderr: string, error: RegExp, hint: RegExp])[] = [
    [
      'docker build',
      'ERROR: failed to solve: exit code: 1\n',
      /^docker build failed \(exit status 1\): failed to solve/,
      /own words/,
    ],
    [
      'docker push',
      'denied: requested access to the resource is denied\n',
      /^docker push failed/,
      /docker login reg\.test:5000/,
    ],
    ['helm upgrade', 'Error: Kubernetes cluster unreachable: x\n', /^helm upgrade failed/, /--context/],
  ];
  for (const [match, stderr, error, hint] of failures) {
    test(`stops with status 1 and a hint when ${match} fails`, async () => {
      app.rules({ match, stderr, exitCode: 1 });
      const end = await up();
      assert.equal(end.code, 1);
      assert.match(withoutTimes(end.stdout), /FAIL ❌ {2}\(1\.0000s\)\nexample-go: Build ID: BUILD_ID\n/);
      const lines = linesOf(end.stderr);
      assert.equal(lines[0], stderr.trim());
      const told = errorOf({ stderr: lines.slice(1).join('\n') });
      assert.match(told.error, error);
      assert.match(told.hint ?? '', hint);
    });
  }

  test('takes nothing of draft.toml for an option', async () => {
    for (const field of ['name = "--help"', 'chart = "-x"', 'set = ["--post-renderer=x"]', 'registry = "-x"']) {
      app.write('draft.toml', `[environments.development]\n${field}\n`);
      const end = await up();
      assert.equal(end.code, 2, field);
    }
    assert.deepEqual(app.calls(), []);
  });

  test('keeps secrets out of its log and out of the builder’s arguments', async () => {
    app.write(
      'draft.toml',
      `${UP_TOML}set = ["db.password=hunter22"]\n[environments.development.image-build-args]\nWHO = "s3cr3t-token"\n`,
    );
    app.rules({ match: 'docker push', stdout: 'token s3cr3t-token, password hunter22\n', exitCode: 1 });
    const end = await up();
    assert.equal(end.stderr.includes('s3cr3t-token') || end.stderr.includes('hunter22'), false, end.stderr);
    const build = app.calls().find(({ args }) => args[0] === 'build');
    assert.equal(build?.env['WHO'], 's3cr3t-token');
    assert.equal(build?.args.join(' ').includes('s3cr3t-token'), false);
    const log = (await place.toEnd(['logs'], app.options)).stdout;
    assert.match(log, /token \*\*\*, password \*\*\*/);
    assert.equal(log.includes('s3cr3t-token') || log.includes('hunter22'), false);
  });

  test('refuses what it cannot do, before anything is begun', async () => {
    app.write('draft.toml', '[environments.development]\nname = "x"\ncontainer-builder = "acrbuild"\n');
    const end = await up();
    assert.equal(end.code, 2);
    assert.match(errorOf(end).error, /acrbuild is not supported/);
    const target = errorOf(await place.toEnd(['up', 'deploy/web'], app.options));
    assert.equal(target.error, "'deploy/web' is a target, not a folder");
    assert.equal(existsSync(join(app.state, 'draft-connect/builds')), false);
  });

  test('refuses a flag of kubectl’s that helm has no equal of before anything is begun', async () => {
    const end = await up('--user=bob');
    assert.equal(end.code, 2);
    assert.match(errorOf(end).error, /^helm has no flag like --user$/);
    assert.equal(end.stdout, '');
    assert.deepEqual(app.calls(), []);
  });

  test('refuses a context that there is not before anything is begun', async () => {
    const end = await up('--context=nope');
    assert.equal(end.code, 1);
    assert.match(errorOf(end).error, /context.*nope/);
    assert.deepEqual(app.calls(), []);
  });

  test('takes the environment that -e or DRAFT_ENV names', async () => {
    app.write('draft.toml', `${UP_TOML}[environments.staging]\nname = "staged"\ncontainer-builder = "docker"\n`);
    const end = await up('-e', 'staging');
    assert.match(end.stdout, /^Draft Up Started: 'staged'\n/);
    assert.match(
      end.stderr,
      /^Warning: the image is not pushed: environments\.staging of draft\.toml names no registry\n/,
    );
    const other = await place.toEnd(['up'], { ...app.options, env: { ...app.options.env, DRAFT_ENV: 'staging' } });
    assert.match(other.stdout, /^Draft Up Started: 'staged'\n/);
  });

  test('finds draft.toml by PATH, by -f and from below', async () => {
    app.write('deep/er/x', '');
    for (const [args, cwd] of [
      [[app.folder], '/'],
      [['-f', join(app.folder, 'draft.toml')], '/'],
      [[], join(app.folder, 'deep/er')],
    ] as const) {
      const end = await place.toEnd(['up', ...args], { ...app.options, cwd });
      assert.equal(withoutTimes(end.stdout), SCREEN);
    }
    const none = await place.toEnd(['up'], { ...app.options, cwd: '/' });
    assert.equal(errorOf(none).error, 'there is no draft.toml here or above');
  });

  test('-o json is one object a line, errors and the exit status too', async () => {
    app.rules({ match: 'docker push', stderr: 'denied: x\n', exitCode: 1 });
    const end = await up('-o', 'json');
    const told = linesOf(end.stdout).map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      told.map(({ type, stage, result, code }) => [type, stage ?? code, result].filter((each) => each !== undefined)),
      [['up'], ['stage', 'build', 'succeeded'], ['stage', 'push', 'failed'], ['build'], ['error'], ['exit', 1]],
    );
  });

  test('-o json has every warning, that of draft.toml and of a round of --watch that fails, too', async () => {
    app.write('draft.toml', `${UP_TOML}    bogus = 1\n`);
    app.rules({ match: 'docker build', stderr: 'ERROR: no\n', exitCode: 1 });
    const program = place.run(['up', '--watch', '-o', 'json'], app.options);
    await program.sees('stdout', /Waiting for changes/);
    await program.end('SIGINT');
    const told = linesOf(program.stdout()).map((line) => JSON.parse(line) as Record<string, unknown>);
    const warnings = told.flatMap(({ about, message }) => (about === 'warning' ? [String(message)] : []));
    assert.match(warnings[0] ?? '', /unknown key 'bogus'/);
    assert.equal(warnings[1], 'docker build failed (exit status 1): no');
    assert.equal(program.stderr(), '');
  });

  test('-- COMMAND deploys instead, and --auto-connect connects to the app’s newest pod', async () => {
    const command = ['--', 'sh', '-c', 'echo deployed $DRAFT_BUILD_ID'];
    const program = place.run(['up', '--auto-connect', ...command], app.options);
    const ports = await program.connected(3);
    assert.equal((await get(ports.get('go:8080') ?? 0)).body, "Hello World, I'm Golang!\n");
    assert.match(
      withoutTimes(program.stdout()),
      /^Draft Up Started: 'example-go'\nexample-go: Running sh: SUCCESS ⚓ {2}\(1\.0000s\)\nexample-go: Build ID: BUILD_ID\nInspect [^\n]*\n\nConnect to go:8080/,
    );
    assert.deepEqual(app.calls(), []);
    await endConnected(program);
    const log = (await place.toEnd(['logs'], app.options)).stdout;
    assert.match(withoutTimes(log), /^example-go: Running sh\ndeployed BUILD_ID\n/);
  });

  test('connects to the pods of the revision that was deployed, not to one before it that is still ready', async () => {
    const old = place.cluster.podNames('example-go');
    const restart = ['--', newestKubectl(), 'rollout', 'restart', 'deployment/example-go'];
    const program = place.run(['up', '--auto-connect', '-o', 'json', ...restart], app.options);
    const [, pod = ''] = await program.sees('stdout', /"type":"tunnel".*"pod":"([^"]+)"/);
    assert.equal(old.includes(pod), false);
    assert.ok(place.cluster.podNames('example-go').includes(pod));
    await endConnected(program);
    const last = linesOf(program.stdout()).at(-1) ?? '';
    assert.deepEqual(JSON.parse(last), { type: 'exit', code: 0 });
    assert.equal(program.stdout().match(/"type":"exit"/g)?.length, 1);
  });

  test('--auto-connect connects to what draft.toml’s connect lists, too', async () => {
    const entry = '    [[environments.development.connect]]\n      target = "deploy/cache"\n';
    const it = makeApp(`${UP_TOML}${entry}`);
    await place.cluster
      .deploy({ name: 'cache', containers: [{ name: 'redis', ports: [{ containerPort: 6379 }] }] })
      .settled();
    const program = place.run(['up', '--auto-connect', '--', 'true'], { ...it.options, cwd: it.folder });
    const names = [...(await program.connected(4)).keys()];
    assert.deepEqual(names, [
      ...['go:8080', 'multi-port:80', 'multi-port:81'].map((name) => `example-go/${name}`),
      'cache/redis:6379',
    ]);
    await endConnected(program);
    it.remove();
  });

  test('another version put in the program’s place during a build does not matter to it', async () => {
    const program = join(app.folder, 'kubectl-draft_connect');
    copyFileSync(BUNDLE, program);
    const upgrade = ['--', 'sh', '-c', `echo >'${program}.new' && mv '${program}.new' '${program}'`];
    const command = [process.execPath, program] as const;
    const run = place.run(['up', '--auto-connect', ...upgrade], { ...app.options, command });
    await run.connected(3);
    await endConnected(run);
  });

  test('a deploy command that fails ends it with status 1 and its own words', async () => {
    const end = await up('--', 'sh', '-c', 'echo it is broken >&2; exit 3');
    assert.equal(end.code, 1);
    assert.equal(end.stderr, 'it is broken\nError: sh failed (exit status 3)\n');
  });

  test('--watch builds again when a file changes, once for many and not for what the builder does not see', async () => {
    app.write('draft.toml', `${UP_TOML}    watch-delay = 1\n`);
    app.write('.dockerignore', 'node_modules\n');
    app.write('node_modules/x', '');
    const program = place.run(['up', '--watch'], app.options);
    const rounds = (count: number) => program.sees('stderr', new RegExp(`(?:Waiting for changes[\\s\\S]*){${count}}`));
    await rounds(1);
    app.write('node_modules/x', 'changed');
    app.write('main.go', 'package main');
    await rounds(2);
    app.write('charts/go/values.yaml', 'a: b');
    await rounds(3);
    const { code } = await program.end('SIGINT');
    assert.equal(code, 0);
    assert.equal(verbs().filter((each) => each === 'docker build').length, 3);
  });

  test('--watch ends after the build when nobody reads stdout any more', async () => {
    const program = place.run(['up', '--watch'], app.options);
    await program.sees('stdout', /Started/);
    program.child.stdout?.destroy();
    assert.deepEqual(await program.ended, { code: 0, signal: null });
    assert.ok(verbs().includes('helm upgrade'));
  });

  test('a session of --watch ends with its exit status, also when a build goes on', async () => {
    app.write('draft.toml', `${UP_TOML}    watch-delay = 0\n`);
    const command = ['--', 'sh', '-c', 'test ! -e again || sleep 60'];
    const program = place.run(['up', '--auto-connect', '--watch', '-o', 'json', ...command], app.options);
    await program.sees('stdout', /"type":"log"/);
    app.write('again', '');
    await program.sees('stdout', /"type":"up"[\s\S]*"type":"up"/);
    assert.equal((await program.end('SIGINT')).code, 0);
    const types = linesOf(program.stdout()).map((line) => (JSON.parse(line) as { type: string }).type);
    assert.deepEqual(types.slice(-2), ['warning', 'exit']);
  });

  test('--watch goes on after a build that fails', async () => {
    app.write('draft.toml', `${UP_TOML}    watch-delay = 0\n    watch = true\n`);
    app.rules({ match: 'docker build', stderr: 'ERROR: no\n', exitCode: 1 });
    const program = place.run(['up'], app.options);
    await program.sees('stderr', /docker build failed[\s\S]*Waiting for changes/);
    app.rules();
    app.write('main.go', 'package main');
    await program.sees('stdout', /Releasing Application: SUCCESS/);
    await program.sees('stderr', /Waiting for changes[\s\S]*Waiting for changes/);
    assert.equal((await program.end('SIGINT')).code, 0);
  });

  test('--watch keeps the connection across a further deployment', async () => {
    app.write('draft.toml', `${UP_TOML}    watch-delay = 0\n`);
    const program = place.run(['up', '--auto-connect', '--watch', '--', 'sh', '-c', 'echo deployed'], app.options);
    const ports = await program.connected(3);
    app.write('main.go', 'package main');
    await program.sees('stderr', /Running sh: SUCCESS/);
    await place.cluster.rollout('example-go');
    await program.sees('stderr', /pod \S+ replaced by/);
    assert.equal((await get(ports.get('go:8080') ?? 0)).body, "Hello World, I'm Golang!\n");
    await endConnected(program);
  });
});
