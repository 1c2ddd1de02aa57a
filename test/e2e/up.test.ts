// `up` with real builders, a real registry, helm 3 and 4 on a real cluster: the reference text's transcripts, and a
// changed file that changes the answer on the same URL.
import assert from 'node:assert/strict';
import { delimiter, dirname } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { get } from '../harness/http.ts';
import { startOpenLoop } from '../harness/open-loop.ts';
import { leftovers, type Program, runProgram } from '../harness/program.ts';
import { freePort } from '../integration/connect-setup.ts';
import { withoutTimes } from '../integration/up-setup.ts';
import { kubectl, until } from './real-cluster.ts';
import { BUILDERS, HELMS, makeUpApp, NO_TOOLS, type Registry, startRegistry, type UpApp } from './up-place.ts';

if (NO_TOOLS !== undefined) console.error(`SKIPPED: ${NO_TOOLS}`);

const GREETING = "Hello World, I'm Golang!\n";
const STAGES = `Draft Up Started: 'example-go'
example-go: Building Docker Image: SUCCESS ⚓  (1.0000s)
example-go: Pushing Docker Image: SUCCESS ⚓  (1.0000s)
example-go: Releasing Application: SUCCESS ⚓  (1.0000s)
example-go: Build ID: BUILD_ID
Inspect the logs with \`kubectl draft-connect logs BUILD_ID\`
`;

/** Each builder and each helm once at least. */
const pairs = Array.from({ length: Math.max(BUILDERS.length, HELMS.length) }, (_, index) => ({
  builder: BUILDERS[index % BUILDERS.length] ?? 'podman',
  helm: HELMS[index % HELMS.length] ?? 'helm',
}));

for (const [index, { builder, helm }] of pairs.entries()) {
  describe(`up with ${builder} and ${helm}`, { skip: NO_TOOLS }, () => {
    const namespace = `up-${process.pid}-${index}`;
    let registry: Registry;
    let app: UpApp;
    let ports: readonly [number, number, number];
    before(async () => {
      registry = await startRegistry(await freePort());
      ports = [await freePort(), await freePort(), await freePort()];
      app = makeUpApp(toml(''), GREETING);
    });
    after(async () => {
      // What a failed test has left would keep its ports.
      await Promise.all([...running].map((program) => program.end('SIGTERM')));
      registry.stop();
      app.remove();
      await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false']);
    });

    const toml = (more: string) => `[environments]
  [environments.development]
    name = "example-go"
    registry = "${registry.host}"
    namespace = "${namespace}"
    container-builder = "${builder}"
    override-ports = ["${ports[0]}:8080", "${ports[1]}:80", "${ports[2]}:81"]
${more}`;
    const running = new Set<Program>();
    const up = (...args: readonly string[]): Program => {
      const env = { PATH: [dirname(helm), process.env['PATH']].join(delimiter), XDG_STATE_HOME: app.state };
      const program = runProgram(['up', ...args], { cwd: app.folder, env });
      running.add(program);
      return program;
    };
    const transcript = () => `${STAGES}
Connect to go:8080 on localhost:${ports[0]}
Connect to multi-port:80 on localhost:${ports[1]}
Connect to multi-port:81 on localhost:${ports[2]}
`;
    const answer = async () => (await get(ports[0])).body;
    const ended = async (program: Program) => {
      assert.deepEqual(await program.end('SIGINT'), { code: 0, signal: null }, program.stderr());
      await until('nothing is left', async () => leftovers(program.pid).length === 0, 2_000);
    };
    let image = '';
    const released = async () => {
      const paths = '{.items[0].spec.template.spec.containers[0].image}';
      return kubectl([
        'get',
        'deployments',
        '-n',
        namespace,
        '-l',
        'app.kubernetes.io/managed-by=Helm',
        '-o',
        `jsonpath=${paths}`,
      ]);
    };

    test('--auto-connect: the first transcript, and the tunnels answer', async () => {
      const program = up('--auto-connect');
      await program.connected(3, 90_000);
      assert.ok(withoutTimes(program.stdout()).startsWith(transcript()), program.stdout());
      assert.equal(await answer(), GREETING);
      assert.match((await get(ports[1])).body, /port 80/);
      assert.match((await get(ports[2])).body, /port 81/);
      await program.sees('stdout', /\[go\]: .*GET \//);
      await ended(program);
      image = await released();
    });

    test('auto-connect = true: the second transcript; what is unchanged stays', async () => {
      app.write('draft.toml', toml('    auto-connect = true\n'));
      const before = await kubectl(['get', 'pods', '-n', namespace, '-o', 'name']);
      const program = up();
      await program.connected(3, 90_000);
      assert.ok(withoutTimes(program.stdout()).startsWith(transcript()), program.stdout());
      assert.match(program.stderr(), /^example-go: nothing changed since build \w+: the pods stay$/m);
      assert.equal(await answer(), GREETING);
      await ended(program);
      assert.equal(await released(), image);
      assert.equal(await kubectl(['get', 'pods', '-n', namespace, '-o', 'name']), before);
    });

    test('a change connects to the pod of that very build', async () => {
      app.write('greeting.txt', 'changed\n');
      const program = up();
      await program.connected(3, 90_000);
      assert.equal(await answer(), 'changed\n');
      await ended(program);
      assert.notEqual(await released(), image);
    });

    test('watch: a change is answered on the same URL, and no request fails', async () => {
      app.write('draft.toml', toml('    auto-connect = true\n    watch = true\n    watch-delay = 1\n'));
      const program = up();
      await program.connected(3, 90_000);
      const load = startOpenLoop({ port: ports[0], perSecond: 50 });
      const shown = program.stdout().length;
      app.write('greeting.txt', 'watched\n');
      await until('the new answer', async () => (await answer()) === 'watched\n', 60_000);
      await program.sees('stderr', /pod \S+ replaced by \S+/);
      const { started, answered, failures } = await load.finish();
      assert.deepEqual([...failures], []);
      assert.equal(answered, started);
      await until('the new log', async () => /\[go\]: .*listening/.test(program.stdout().slice(shown)), 20_000);
      await ended(program);
    });

    test('a failed build, a missing registry and a chart of long ago are said, and nothing is released', async () => {
      const now = await released();
      app.write('draft.toml', toml(''));
      app.write('Dockerfile', 'FROM scratch\nCOPY nothing /\n');
      const build = up();
      assert.equal((await build.ended).code, 1);
      assert.match(build.stderr(), /Hint: a file that the Dockerfile names is not there/);
      app.write('Dockerfile', 'FROM scratch\nCOPY server /server\nCOPY greeting.txt /greeting.txt\nCMD ["/server"]\n');
      app.write('draft.toml', toml('').replace(registry.host, `127.0.0.1:${await freePort()}`));
      const push = up();
      assert.equal((await push.ended).code, 1);
      assert.match(push.stderr(), /Hint: is the registry 127\.0\.0\.1:\d+ running\?/);
      app.write('draft.toml', toml(''));
      app.write(
        'charts/go/templates/old.yaml',
        'apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata:\n  name: old\n',
      );
      const release = up();
      assert.equal((await release.ended).code, 1);
      assert.match(
        release.stderr(),
        /Hint: charts\/go\/templates\/old\.yaml:1: Deployment of extensions\/v1beta1: write/,
      );
      assert.equal(await released(), now);
    });
  });
}
