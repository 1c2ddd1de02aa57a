// Several targets in one run: each is followed by itself, and all of them end together.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { goProgram, sitesProgram, tickProgram } from '../cluster/programs.ts';
import { get } from '../harness/http.ts';
import { BUNDLE, makeFolder } from '../harness/program.ts';
import { openTerminal } from '../harness/tmux.ts';
import { missing } from '../harness/tools.ts';
import {
  endConnected,
  errorOf,
  freePort,
  linesOf,
  newestKubectl,
  nothingLeftOf,
  type Place,
  startPlace,
} from './connect-setup.ts';

const cwd = tmpdir();

/** `api` with go:8080 and tick, `web` with nginx:80 and :8080, `cache` with redis:6379 behind a Service of port 81. */
async function startApps(): Promise<Place> {
  const place = await startPlace();
  const { cluster } = place;
  const web = sitesProgram([80, 8080]);
  const workloads = [
    cluster.deploy({
      name: 'api',
      containers: [
        { name: 'go', ports: [{ name: 'http', containerPort: 8080 }], program: goProgram(8080) },
        { name: 'tick', program: tickProgram(50) },
      ],
    }),
    cluster.deploy({
      name: 'web',
      kind: 'StatefulSet',
      containers: [{ name: 'nginx', ports: [{ containerPort: 80 }, { containerPort: 8080 }], program: web }],
    }),
    cluster.deploy({
      name: 'cache',
      containers: [{ name: 'redis', ports: [{ name: 'resp', containerPort: 6379 }], program: sitesProgram([6379]) }],
    }),
  ];
  cluster.addService({ name: 'cache', selector: { app: 'cache' }, ports: [{ port: 81, targetPort: 6379 }] });
  await Promise.all(workloads.map((workload) => workload.settled()));
  return place;
}

const ALL = ['deploy/api', 'sts/web', 'svc/cache'];

describe('several targets', { concurrency: 2 }, () => {
  let place: Place;
  before(async () => {
    place = await startApps();
  });
  after(() => place.stop());

  test('list has a row for each in the background, env the variables of all, and one stop ends them', async () => {
    const state = makeFolder();
    const env = { XDG_STATE_HOME: state.path, SHELL: '/bin/sh' };
    const detached = await place.toEnd(['deploy/api', 'svc/cache', '--detach'], { cwd, env });
    assert.equal(detached.code, 0, detached.stderr);
    const rows = (await place.toEnd(['list', '-o', 'json'], { cwd, env })).stdout.trim().split('\n');
    const listed = rows.map((row) => JSON.parse(row));
    assert.deepEqual(
      listed.map(({ app, tunnels }) => [app, tunnels.map(({ port }: { port: number }) => port)]),
      [
        ['api', [8080]],
        ['cache', [6379]],
      ],
    );
    assert.equal((await place.toEnd(['env', 'cache'], { cwd, env })).stdout, detached.stdout);
    const { stdout } = await place.toEnd(['stop', 'cache'], { cwd, env });
    assert.equal(stdout, `api, cache (${listed[0].id}) stopped\n`);
    state.remove();
  });

  test('are connected in their order, and lines say whose they are', async () => {
    const fixed = await freePort();
    const program = place.run([...ALL, '-p', `${fixed}:81`], { cwd });
    const ports = await program.connected(4);
    assert.deepEqual([...ports.keys()], ['api/go:8080', 'web/nginx:80', 'web/nginx:8080', 'cache/redis:6379']);
    assert.equal(ports.get('cache/redis:6379'), fixed);
    assert.equal((await get(ports.get('api/go:8080') ?? 0, '/json')).status, 200);
    assert.match((await get(ports.get('web/nginx:80') ?? 0)).body, /site on port 80</);
    assert.match((await get(fixed)).body, /site on port 6379/);
    for (const line of [/^\[api\/go\]: .*GET \/json/m, /^\[web\/nginx\]: .*GET \//m, /^\[api\/tick\]: tick \d+$/m]) {
      await program.sees('stdout', line);
    }
    assert.match(program.stderr(), /^api: pod api-\S+ in namespace default \(context embedded\)$/m);
    assert.match(program.stderr(), /^web: pod web-0 in namespace default \(context embedded\)$/m);
    await endConnected(program);
  });

  test('are objects with their app in JSON', async () => {
    const program = place.run([...ALL, '-o', 'json', '-c', 'go'], { cwd });
    await program.sees('stdout', /"type":"log"/);
    await endConnected(program);
    const objects = linesOf(program.stdout()).map((line) => JSON.parse(line));
    const brief = objects.filter(({ type }) => type === 'tunnel' || type === 'pod').map(({ type, app }) => [type, app]);
    assert.deepEqual(brief, [
      ['pod', 'api'],
      ['pod', 'web'],
      ['pod', 'cache'],
      ['tunnel', 'api'],
      ['tunnel', 'web'],
      ['tunnel', 'web'],
      ['tunnel', 'cache'],
    ]);
    const logs = objects.filter(({ type }) => type === 'log');
    assert.ok(
      logs.every(({ app, container }) => ALL.some((target) => target.endsWith(`/${app}`)) && container !== 'tick'),
    );
  });

  test('give COMMAND all their variables', async () => {
    const script = 'echo "$API_GO_SERVICE_PORT_HTTP $WEB_NGINX_SERVICE_PORT_80 $CACHE_REDIS_SERVICE_PORT"';
    const ports = [await freePort(), await freePort(), await freePort()];
    const maps = ['-p', `${ports[0]}:api:8080,${ports[1]}:80,${ports[2]}:81`];
    const { stdout, code } = await place.toEnd([...ALL, ...maps, '--', 'sh', '-c', script], { cwd });
    assert.deepEqual([stdout, code], [`${ports.join(' ')}\n`, 0]);
  });

  test('whose variables have the same names are told of', async () => {
    const containers = [{ name: 'go', ports: [{ containerPort: 80 }], program: sitesProgram([80]) }];
    await Promise.all(['al-ike', 'al.ike'].map((name) => place.cluster.deploy({ name, containers }).settled()));
    const state = makeFolder();
    const options = { cwd, env: { XDG_STATE_HOME: state.path } };
    const warning =
      /^Warning: variables of al-ike\/go and al\.ike\/go have the same names: those of al-ike\/go are set$/m;
    for (const args of [['--', 'true'], ['--dry-run'], ['--detach']]) {
      const { stderr, code } = await place.toEnd(['deploy/al-ike', 'deploy/al.ike', ...args], options);
      assert.match(stderr, warning);
      assert.equal(code, 0);
    }
    assert.match((await place.toEnd(['env', 'al-ike'], options)).stderr, warning);
    await place.toEnd(['stop', '--all'], options);
    state.remove();
  });

  test('are shown by --dry-run', async () => {
    const state = makeFolder();
    const env = { XDG_STATE_HOME: state.path };
    const { stdout, code } = await place.toEnd(['deploy/api', 'sts/web', '-c', 'api/go', '--dry-run'], { cwd, env });
    state.remove();
    assert.equal(code, 0);
    assert.deepEqual(
      linesOf(stdout).map((line) => line.replace(/ of pod.*/, '')),
      [
        'Would connect to api/go:8080',
        'Would show the log of api/go',
        'Would connect to web/nginx:80',
        'Would connect to web/nginx:8080',
        'Would show the log of web/nginx',
        'Would set API_GO_SERVICE_HOST=localhost',
        'Would set API_GO_SERVICE_PORT to a free port',
        'Would set API_GO_SERVICE_PORT_8080 to a free port',
        'Would set API_GO_SERVICE_PORT_HTTP to a free port',
        'Would set WEB_NGINX_SERVICE_HOST=localhost',
        'Would set WEB_NGINX_SERVICE_PORT to a free port',
        'Would set WEB_NGINX_SERVICE_PORT_80 to a free port',
        'Would set WEB_NGINX_SERVICE_PORT_8080 to a free port',
      ],
    );
  });

  test('come from draft.toml, too', async () => {
    const toml = `
      [environments.development]
        name = "api"
        selector = "app=api"
        [[environments.development.connect]]
          target = "svc/cache"
          logs = false
        [[environments.development.connect]]
          target = "web-0"
          namspace = "x"
    `;
    const folder = makeFolder({ 'draft.toml': toml });
    const program = place.run([], { cwd: folder.path });
    assert.deepEqual(
      [...(await program.connected(4)).keys()].map((name) => name.split('/')[0]),
      ['api', 'cache', 'web-0', 'web-0'],
    );
    assert.match(program.stderr(), /connect\[1\]: unknown key 'namspace', did you mean 'namespace'\?/);
    await endConnected(program);
    folder.remove();
  });

  test('are one session in the background', async () => {
    const state = makeFolder();
    const options = { cwd, env: { XDG_STATE_HOME: state.path, SHELL: '/bin/sh' } };
    const detached = await place.toEnd(['deploy/api', 'svc/cache', '--detach'], options);
    assert.equal(detached.code, 0, detached.stderr);
    const port = Number(/^export CACHE_REDIS_SERVICE_PORT_6379='(\d+)';$/m.exec(detached.stdout)?.[1]);
    assert.match(detached.stdout, /^export API_GO_SERVICE_PORT_HTTP='\d+';$/m);
    assert.equal((await get(port)).status, 200);
    const listed = await place.toEnd(['list'], options);
    assert.match(listed.stdout, /\bapi-\w+-\w+\b.*\bcache-\w+-\w+\b/s);
    const stopped = await place.toEnd(['stop', '--all'], options);
    assert.match(stopped.stdout, /^api, cache \(\w+\) stopped$/m);
    await assert.rejects(get(port));
    state.remove();
  });

  const MISTAKES: readonly (readonly [args: readonly string[], error: RegExp, hint: RegExp, code: number])[] = [
    [['deploy/api', 'deployment/api'], /^deploy\/api is named twice$/, /once/, 2],
    [
      ['deploy/cache', 'svc/cache'],
      /^deploy\/cache and svc\/cache lead to the same pod, cache-/,
      /name one of them/,
      2,
    ],
    [[...ALL, '-p', '1:8080'], /^mapping 1:8080: port 8080 is in api and web$/, /-p 1:api:8080 or -p 1:web:8080/, 2],
    [[...ALL, '-p', '8080:api:8080,8080:web:80'], /^local port 8080 already mapped$/, /./, 2],
    [[...ALL, '-p', '1:api:8080,2:api:http'], /^api: remote port 8080 already mapped$/, /./, 2],
    [[...ALL, '-p', '1:db:80'], /^-p 1:db:80: there is no target 'db'$/, /the targets are: api, web, cache/, 2],
    [[...ALL, '-c', 'abc'], /^container 'abc' not found$/, /the containers are: api\/go, api\/tick, web\/nginx/, 1],
    [['deploy/api', 'deploy/none'], /^none: .*"none" not found in namespace default/, /./, 1],
    [['deploy/api', '-x'], /^unknown flag: -x$/, /./, 2],
  ];
  for (const [args, error, hint, code] of MISTAKES) {
    test(`${args.join(' ')} is refused, and nothing is opened`, async () => {
      const end = await place.toEnd(args, { cwd });
      const said = errorOf(end);
      assert.match(said.error, error);
      assert.match(said.hint ?? 'no hint', said.hint === undefined ? /no hint/ : hint);
      assert.deepEqual([end.stdout, end.code], ['', code]);
    });
  }

  test('all have to come up, and the one that does not is named', async () => {
    place.cluster.deploy({ name: 'stuck', containers: [{ name: 'web' }], unschedulable: 'no room' });
    const end = await place.toEnd(['deploy/api', 'deploy/stuck', '--timeout', '1s'], { cwd });
    assert.match(end.stderr, /^stuck: waiting for a ready pod: /m);
    assert.match(errorOf(end).error, /^stuck: no pod became ready within 1 s: .*no room/);
    assert.deepEqual([end.stdout, end.code], ['', 1]);
  });

  test('are all given up when one is waited for and Ctrl-C comes', async () => {
    place.cluster.deploy({ name: 'unborn', containers: [{ name: 'web' }], unschedulable: 'no room' });
    const program = place.run(['deploy/api', 'deploy/unborn'], { cwd });
    await program.sees('stderr', /^unborn: waiting for a ready pod: /m);
    assert.equal((await program.end('SIGINT')).code, 130);
    await nothingLeftOf(program.pid);
    assert.equal(program.stdout(), '');
  });

  test('go to the pods there are by the time that the last one has one', async () => {
    const image = { name: 'web', ports: [{ containerPort: 80 }], program: sitesProgram([80]) };
    const early = place.cluster.deploy({ name: 'early', containers: [image] });
    await early.settled();
    const [before = ''] = place.cluster.podNames('early');
    const late = place.cluster.deploy({ name: 'late', containers: [image], readyDelayMs: 5_000 });
    const program = place.run(['deploy/early', 'deploy/late'], { cwd });
    await program.sees('stderr', /^late: waiting for a ready pod: /m);
    await place.cluster.rollout('early');
    await late.settled();
    const ports = await program.connected(2);
    assert.equal((await get(ports.get('early/web:80') ?? 0)).status, 200);
    assert.doesNotMatch(program.stderr(), new RegExp(`pod ${before} `));
    await endConnected(program);
  });
});

describe('while several targets are connected', { concurrency: 3 }, () => {
  test('a rollout of one is followed, and the other stays', async () => {
    const place = await startApps();
    const program = place.run(['deploy/api', 'sts/web'], { cwd });
    const ports = await program.connected(3);
    await place.cluster.streamsOpened('watch', 2);
    await place.cluster.rollout('api');
    await program.sees('stderr', /^api: pod api-\S+ replaced by api-\S+$/m);
    assert.equal((await get(ports.get('api/go:8080') ?? 0, '/json')).status, 200);
    assert.equal((await get(ports.get('web/nginx:80') ?? 0)).status, 200);
    assert.doesNotMatch(program.stderr(), /^web: .*replaced/m);
    await endConnected(program);
    place.stop();
  });

  test('one that is gone for good is told, and the last one ends the program', async () => {
    const place = await startPlace();
    for (const name of ['one', 'two']) {
      await place.cluster
        .addPod({ name, containers: [{ name: 'web', ports: [{ containerPort: 80 }], program: sitesProgram([80]) }] })
        .whenReady();
    }
    const state = makeFolder();
    const options = { cwd, env: { XDG_STATE_HOME: state.path } };
    const program = place.run(['one', 'two', '--timeout', '10s'], options);
    const ports = await program.connected(2);
    await place.cluster.streamsOpened('watch', 2);
    place.cluster.deletePod('one');
    await program.sees('stderr', /^one: Warning: pod one was deleted$/m);
    const listed = (await place.toEnd(['list', '-o', 'json'], options)).stdout.trimEnd().split('\n');
    assert.deepEqual(
      listed.map((line) => JSON.parse(line)).map(({ app, state, tunnels }) => [app, state, tunnels.length]),
      [
        ['one', 'Ended', 0],
        ['two', 'Connected', 1],
      ],
    );
    assert.equal((await get(ports.get('two/web:80') ?? 0)).status, 200);
    place.cluster.deletePod('two');
    const { code } = await program.ended;
    assert.equal(errorOf({ stderr: program.stderr() }).error, 'two: pod two was deleted');
    assert.equal(code, 1);
    await nothingLeftOf(program.pid);
    state.remove();
    place.stop();
  });

  test('the key for the URLs leaves out one that is gone for good', { skip: missing('tmux', 'bash') }, async () => {
    const place = await startPlace();
    const containers = [{ name: 'web', ports: [{ containerPort: 80 }] }];
    for (const name of ['one', 'two']) await place.cluster.addPod({ name, containers }).whenReady();
    const { kubeconfig: KUBECONFIG } = place.cluster;
    const terminal = openTerminal('bash --norc', { KUBECONFIG, KUBECTL_PATH: newestKubectl() });
    terminal.type(`clear; ${BUNDLE} one two --timeout 5s`);
    await terminal.sees(/h and Enter lists the keys/);
    await place.cluster.streamsOpened('watch', 2);
    place.cluster.deletePod('one');
    await terminal.sees(/Warning: pod one was deleted/);
    terminal.type('u');
    await terminal.sees(/\nu\nConnect to two\/web:80 on localhost:\d+\n/);
    terminal.close();
    place.stop();
  });

  test('the API server is missed and found again once for all', async () => {
    const place = await startApps();
    const program = place.run(ALL, { cwd });
    await program.connected(4);
    await place.cluster.streamsOpened('watch', 3);
    await place.cluster.stopApi();
    await program.sees('stderr', /^the API server does not answer: /m);
    await place.cluster.startApi();
    await program.sees('stderr', /^the API server answers again$/m);
    await endConnected(program);
    assert.equal(program.stderr().match(/API server does not answer/g)?.length, 1);
    assert.equal(program.stderr().match(/API server answers again/g)?.length, 1);
    place.stop();
  });
});
