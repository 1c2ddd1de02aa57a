// `--dry-run`: says what would be connected, and opens nothing.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { DRAFT_TOML, makeFolder } from '../harness/program.ts';
import { endOf, errorOf, linesOf, occupy, type Place, startPlace } from './connect-setup.ts';

const cwd = tmpdir();

describe('--dry-run', { concurrency: 3 }, () => {
  let place: Place;
  let folder: ReturnType<typeof makeFolder>;
  let pod: string;
  before(async () => {
    place = await startPlace();
    await place.cluster.addExample();
    pod = place.cluster.podNames('example-go')[0] ?? '';
    folder = makeFolder({ 'draft.toml': DRAFT_TOML });
  });
  after(() => {
    // Nothing of all that may have been opened.
    const opened = place.cluster.requests.filter(({ subresource }) => subresource !== undefined);
    place.stop();
    folder.remove();
    assert.deepEqual(opened, []);
  });

  const logs = (...containers: readonly string[]) =>
    containers.map((name) => `Would show the log of ${name} of pod POD`);
  const plans: readonly (readonly [title: string, args: readonly string[], lines: readonly string[]])[] = [
    [
      "draft.toml's ports",
      [],
      [
        'Would connect to go:8080 of pod POD on localhost:8080',
        'Would connect to multi-port:80 of pod POD on localhost:9090',
        'Would connect to multi-port:81 of pod POD on localhost:9191',
        ...logs('go', 'multi-port'),
        'Would set EXAMPLE_GO_GO_SERVICE_HOST=localhost',
        'Would set EXAMPLE_GO_GO_SERVICE_PORT=8080',
        'Would set EXAMPLE_GO_GO_SERVICE_PORT_8080=8080',
        'Would set EXAMPLE_GO_MULTI_PORT_SERVICE_HOST=localhost',
        'Would set EXAMPLE_GO_MULTI_PORT_SERVICE_PORT=9090',
        'Would set EXAMPLE_GO_MULTI_PORT_SERVICE_PORT_80=9090',
        'Would set EXAMPLE_GO_MULTI_PORT_SERVICE_PORT_81=9191',
      ],
    ],
    [
      'random ports and other addresses',
      ['-c', 'multi-port', '-p', '8081:81', '--address', '127.0.0.1', '--address=::1'],
      [
        'Would connect to multi-port:80 of pod POD on a free port of 127.0.0.1, ::1',
        'Would connect to multi-port:81 of pod POD on 127.0.0.1:8081, [::1]:8081',
        ...logs('multi-port'),
        'Would set EXAMPLE_GO_MULTI_PORT_SERVICE_HOST=127.0.0.1',
        'Would set EXAMPLE_GO_MULTI_PORT_SERVICE_PORT to a free port',
        'Would set EXAMPLE_GO_MULTI_PORT_SERVICE_PORT_80 to a free port',
        'Would set EXAMPLE_GO_MULTI_PORT_SERVICE_PORT_81=8081',
      ],
    ],
    [
      '--no-logs',
      ['-c', 'go', '-p', '8080', '--no-logs'],
      [
        'Would connect to go:8080 of pod POD on localhost:8080',
        'Would set EXAMPLE_GO_GO_SERVICE_HOST=localhost',
        'Would set EXAMPLE_GO_GO_SERVICE_PORT=8080',
        'Would set EXAMPLE_GO_GO_SERVICE_PORT_8080=8080',
      ],
    ],
  ];
  for (const [title, args, lines] of plans) {
    test(`${title} are shown`, async () => {
      const end = await place.toEnd(['--dry-run', ...args], { cwd: folder.path });
      assert.deepEqual(linesOf(end.stdout.replaceAll(pod, 'POD')), lines);
      assert.equal(end.stderr, '');
      assert.equal(end.code, 0);
    });
  }

  test('the pods are asked for once', async () => {
    const selector = 'app.kubernetes.io/instance=example-go';
    await place.toEnd(['--dry-run', '-l', selector], { cwd });
    const asked = place.cluster.requests.filter(({ query }) => query.get('labelSelector') === selector);
    assert.equal(asked.length, 1);
  });

  test('a container that is not there is an error', async () => {
    const end = await place.toEnd(['--dry-run', '-c', 'abc'], { cwd: folder.path });
    assert.equal(errorOf(end).error, "container 'abc' not found");
    assert.equal(end.code, 1);
  });

  test('it waits for a ready pod, and says which of several it would use', async () => {
    const containers = [{ name: 'web', ports: [{ containerPort: 80 }], readyAfterMs: 60_000 }];
    place.cluster.deploy({ name: 'late', replicas: 2, containers });
    const program = place.run(['deploy/late', '--dry-run', '--no-logs'], { cwd });
    await program.sees('stderr', /has not passed the readiness probe/);
    const [one = '', two = ''] = place.cluster.podNames('late');
    place.cluster.setReady(one, true);
    const end = await endOf(program);
    assert.equal(end.code, 0);
    assert.equal(linesOf(end.stdout)[0], `Would connect to web:80 of pod ${one} on a free port of localhost`);
    place.cluster.setReady(two, true);
    const again = await place.toEnd(['deploy/late', '--dry-run', '--no-logs'], { cwd });
    assert.match(again.stderr, /^pod late-\S+ in namespace default \(context embedded\); 1 other pod matches\n$/);
  });

  test('a local port that is taken now is no error: it may be free later', async () => {
    const held = await occupy('127.0.0.1');
    const end = await place.toEnd(['deploy/example-go', '--dry-run', '-p', `${held.port}:80`], { cwd });
    held.close();
    assert.equal(end.code, 0, end.stderr);
  });
});
