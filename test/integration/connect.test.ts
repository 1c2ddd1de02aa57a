// The reference text's transcripts, to the letter; the first ones with a kubectl of each protocol.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { get } from '../harness/http.ts';
import { DRAFT_TOML, makeFolder, type Program } from '../harness/program.ts';
import { kubectlsUnderTest } from '../kubectls.ts';
import { endConnected, errorOf, freePort, HAS_IPV6, linesOf, type Place, startPlace } from './connect-setup.ts';

const GREETING = "Hello World, I'm Golang!\n";
const SITE = (port: number) => `<h1>site on port ${port}</h1>\n`;
const ANSWERS: Readonly<Record<string, string>> = {
  'go:8080': GREETING,
  'multi-port:80': SITE(80),
  'multi-port:81': SITE(81),
};

for (const [index, kubectl] of kubectlsUnderTest().toReversed().entries()) {
  describe(`the reference text with kubectl ${kubectl.version} (${kubectl.protocol})`, () => {
    let place: Place;
    let counters: Awaited<ReturnType<Place['cluster']['addExample']>>;
    let folder: ReturnType<typeof makeFolder>;
    // The reference text's own, unless something else on this machine has them just now.
    let p8080 = 8080;
    let p8081 = 8081;
    let p9090 = 9090;
    let p9191 = 9191;

    before(async () => {
      place = await startPlace(kubectl.path);
      counters = await place.cluster.addExample();
    });
    beforeEach(async () => {
      p8080 = await freePort(8080);
      p8081 = await freePort(8081);
      p9090 = await freePort(9090);
      p9191 = await freePort(9191);
      const ports = `["${p8080}:8080", "${p9090}:80", "${p9191}:81"]`;
      folder = makeFolder({
        'draft.toml': DRAFT_TOML.replace(/\["8080.*\]/, ports),
        'plain.toml': '[environments.development]\nname = "example-go"\n',
      });
    });
    afterEach(() => folder.remove());
    after(() => place.stop());

    /** Each tunnel answers on every address of localhost, as itself, and its request is seen in the logs. */
    async function answersAll(program: Program, tunnels: ReadonlyMap<string, number>, containers: readonly string[]) {
      for (const [remote, port] of tunnels) {
        for (const host of HAS_IPV6 ? ['127.0.0.1', '::1'] : ['127.0.0.1']) {
          const path = `/${remote.replace(':', '-')}-${port}-${host.length}`;
          assert.deepEqual(await get(port, path, { host }), { status: 200, body: ANSWERS[remote] });
          const line = remote.startsWith('go:')
            ? `\\[go\\]: \\S+Z GET ${path}`
            : `\\[multi-port\\]: 127\\.0\\.0\\.1 - - \\[[^\\]]*\\] "GET ${path} HTTP/1\\.1" 200 .*`;
          await program.sees('stdout', new RegExp(`^${line}$`, 'm'));
        }
      }
      const logs = linesOf(program.stdout()).slice(tunnels.size);
      const known = new RegExp(`^\\[(?:${containers.join('|')})\\]: `);
      assert.deepEqual(
        logs.filter((line) => !known.test(line)),
        [],
      );
    }

    interface Transcript {
      readonly title: string;
      readonly args: () => readonly string[];
      readonly toml?: 'plain' | 'mapped';
      /** `container:port`, and its local port; undefined is a random one. */
      readonly tunnels: () => readonly (readonly [remote: string, local: number | undefined])[];
      readonly containers?: readonly string[];
      readonly stderr?: RegExp;
    }

    const transcripts: readonly Transcript[] = [
      {
        title: 'without options, three tunnels on random ports',
        args: () => [],
        toml: 'plain',
        tunnels: () => [
          ['go:8080', undefined],
          ['multi-port:80', undefined],
          ['multi-port:81', undefined],
        ],
      },
      {
        title: '-p for each port',
        args: () => ['-p', `${p8080}:8080`, '-p', `${p9090}:80`, '-p', `${p9191}:81`],
        toml: 'plain',
        tunnels: () => [
          ['go:8080', p8080],
          ['multi-port:80', p9090],
          ['multi-port:81', p9191],
        ],
      },
      {
        title: 'override-ports of draft.toml',
        args: () => [],
        tunnels: () => [
          ['go:8080', p8080],
          ['multi-port:80', p9090],
          ['multi-port:81', p9191],
        ],
      },
      {
        title: '-p takes the place of override-ports as a whole',
        args: () => ['-p', `${p8081}:80`],
        tunnels: () => [
          ['go:8080', undefined],
          ['multi-port:80', p8081],
          ['multi-port:81', undefined],
        ],
      },
      {
        title: 'a port name that the pod lacks is skipped with a note',
        args: () => ['-p', `${p8080}:8080`, '-p', `${p8081}:grpc`],
        tunnels: () => [
          ['go:8080', p8080],
          ['multi-port:80', undefined],
          ['multi-port:81', undefined],
        ],
        stderr: /^mapping \d+:grpc is skipped: the pod has no port grpc; its ports are 8080, 80, 81\n$/,
      },
      {
        title: '-c multi-port keeps the mappings of its ports',
        args: () => ['-c', 'multi-port'],
        tunnels: () => [
          ['multi-port:80', p9090],
          ['multi-port:81', p9191],
        ],
        containers: ['multi-port'],
        stderr: /^mapping \d+:8080 is skipped: port 8080 belongs to container go, which -c leaves out\n$/,
      },
      {
        title: '-c go',
        args: () => ['-c', 'go'],
        tunnels: () => [['go:8080', p8080]],
        containers: ['go'],
        stderr:
          /^(?:mapping \d+:8[01] is skipped: port 8[01] belongs to container multi-port, which -c leaves out\n){2}$/,
      },
      {
        title: '-c go -p 8081:8080',
        args: () => ['-c', 'go', '-p', `${p8081}:8080`],
        tunnels: () => [['go:8080', p8081]],
        containers: ['go'],
      },
    ];
    // How ports are mapped has nothing to do with the protocol.
    const told = index === 0 ? transcripts : transcripts.slice(0, 2);
    for (const { title, args, toml = 'mapped', tunnels, containers = ['go', 'multi-port'], stderr = /^$/ } of told) {
      test(title, async () => {
        const wanted = tunnels();
        const asked = counters.go.requests + counters.multiPort.requests;
        const program = place.run([...args(), ...(toml === 'plain' ? ['-f', 'plain.toml'] : [])], { cwd: folder.path });
        const ports = await program.connected(wanted.length);
        const expected = wanted.map(
          ([remote, local]) => `Connect to ${remote} on localhost:${local ?? ports.get(remote)}`,
        );
        assert.deepEqual(linesOf(program.stdout()).slice(0, wanted.length), expected);
        assert.equal(new Set(ports.values()).size, wanted.length);
        await answersAll(program, ports, containers);
        const answered = counters.go.requests + counters.multiPort.requests - asked;
        assert.equal(answered, wanted.length * (HAS_IPV6 ? 2 : 1));
        assert.match(program.stderr(), stderr);
        await endConnected(program);
        assert.match(program.stderr(), stderr);
      });
    }

    test('-c abc is an error that names the containers there are', async () => {
      const end = await place.toEnd(['-c', 'abc'], { cwd: folder.path });
      assert.equal(end.stdout, '');
      assert.equal(end.stderr, "Error: container 'abc' not found\nHint: the pod's containers are: go, multi-port\n");
      assert.equal(end.code, 1);
      assert.deepEqual(errorOf(end), {
        error: "container 'abc' not found",
        hint: "the pod's containers are: go, multi-port",
      });
    });
  });
}
