// The program on Windows, as far as wine shows it (docs/windows.md says what it does not show).
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bundlePlain } from '../../scripts/build.ts';
import { makeExecutable } from '../../scripts/package/executable.ts';
import { platformNamed } from '../../scripts/package/platforms.ts';
import { type Cluster, startCluster } from '../cluster/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { get } from '../harness/http.ts';
import { type Mark, newMark } from '../harness/processes.ts';
import { openTerminal } from '../harness/tmux.ts';
import { missing } from '../harness/tools.ts';
import { startWindows, TOOLS, type Windows, windowsPath } from './wine.ts';

const { version } = JSON.parse(readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8')) as {
  version: string;
};
const TARGET = 'deploy/example-go';
const GREETING = "Hello World, I'm Golang!\n";
/** Wine's own, which stay for a while. */
const WINES = /\\windows\\system32\\|wineserver|start\.exe/i;

describe('on Windows', { skip: missing(...TOOLS) }, () => {
  let cluster: Cluster;
  let windows: Windows;
  /** Both ways it is installed: Node with the bundle, and the executable that needs none, in a path with blanks. */
  let ways: Readonly<Record<'script' | 'standalone', readonly string[]>>;

  before(async () => {
    cluster = await startCluster();
    await cluster.addExample();
    windows = startWindows(cluster.kubeconfig);
    const file = join(windows.folder('program'), 'kubectl-draft_connect.exe');
    writeFileSync(file, makeExecutable(platformNamed('windows-amd64'), await bundlePlain()).bytes, { mode: 0o755 });
    ways = { script: windows.program, standalone: [file] };
  });
  after(() => {
    windows.stop();
    cluster.stop();
  });

  /** Wine 8 leaves a process for good whose parent was killed while it was starting it. */
  const startedAll = (logs: number) =>
    eventually(
      () => cluster.openStreams('watch') === 1 && cluster.openStreams('logs') === logs,
      () => `${cluster.openStreams('watch')} watches, ${cluster.openStreams('logs')} logs`,
    );
  const gone = (mark: Mark) => mark.gone(WINES);

  for (const way of ['script', 'standalone'] as const) {
    describe(way, () => {
      test('connects, answers, and shows the log', async () => {
        const mark = newMark();
        const program = windows.run([...ways[way], TARGET], { mark });
        const tunnels = await program.connected(3);
        assert.equal((await get(tunnels.get('go:8080') ?? 0, `/from-${way}`)).body, GREETING);
        assert.equal((await get(tunnels.get('multi-port:81') ?? 0)).status, 200);
        await program.sees('stdout', new RegExp(`^\\[go\\]: \\S+ GET /from-${way}$`, 'm'));
        await startedAll(2);
        // As the task manager does it: no code of ours runs any more.
        program.child.kill('SIGKILL');
        await program.ended;
        await gone(mark);
      });

      test('ends with the status of the command, which finds the tunnels by its variables', async () => {
        const mark = newMark();
        const command = ['cmd', '/c', 'echo %EXAMPLE_GO_GO_SERVICE_PORT%& exit 7'];
        const { code, stdout } = await windows.toEnd([...ways[way], TARGET, '-c', 'go', '--', ...command], { mark });
        assert.match(stdout, /^\d+\s*$/m);
        assert.equal(code, 7);
        await gone(mark);
      });

      test('runs in the background until it is stopped, and PowerShell can read where', async () => {
        const mark = newMark();
        const run = (...args: string[]) => windows.toEnd([...ways[way], ...args], { mark });
        const started = await run(TARGET, '-c', 'go', '--detach');
        assert.equal(started.code, 0, started.stderr);
        const port = /^\$env:EXAMPLE_GO_GO_SERVICE_PORT = '(\d+)';$/m.exec(started.stdout)?.[1];
        assert.equal((await get(Number(port))).body, GREETING);
        const records = () => readdirSync(join(windows.localAppData, 'draft-connect/connections'));
        const id = /^(\w{6}) +example-go /m.exec((await run('list')).stdout)?.[1] ?? '';
        assert.deepEqual(
          records().filter((name) => name.startsWith(id)),
          [`${id}.json`, `${id}.log`],
        );
        assert.match((await run('list')).stdout, new RegExp(`^${id} +example-go `, 'm'));
        const { code, stdout } = await run('stop', 'example-go');
        assert.deepEqual([code, stdout], [0, `example-go (${id}) stopped\n`]);
        assert.deepEqual(
          records().filter((name) => name.startsWith(id)),
          [],
        );
        await gone(mark);
      });
    });
  }

  test('goes on with the next pod at a rollout', async () => {
    const mark = newMark();
    const program = windows.run([...windows.program, TARGET, '-c', 'go'], { mark });
    const port = (await program.connected(1)).get('go:8080') ?? 0;
    await cluster.rollout('example-go');
    await program.sees('stderr', /^pod \S+ replaced by \S+$/m);
    assert.equal((await get(port, '/after')).body, GREETING);
    await program.sees('stdout', /^\[go\]: \S+ GET \/after$/m);
    program.child.kill('SIGKILL');
    await program.ended;
    mark.kill();
  });

  test('list says of a session that was killed that it has ended, and takes its record away', async () => {
    const mark = newMark();
    const run = (...args: string[]) => windows.toEnd([...windows.program, ...args], { mark });
    const { id, pid } = JSON.parse((await run(TARGET, '-c', 'go', '--detach', '-o', 'json')).stdout);
    await startedAll(0);
    assert.equal((await windows.toEnd(['taskkill', '/f', '/pid', String(pid)])).code, 0);
    await gone(mark);
    const { stderr } = await run('list');
    assert.match(stderr, new RegExp(`^session ${id} to example-go ended by itself; its log is C:\\\\`, 'm'));
    const after = await run('list');
    assert.equal((after.stdout + after.stderr).includes(id), false);
  });

  test('Ctrl-C ends it, with all it has started', { skip: missing('tmux') }, async (t) => {
    const mark = newMark();
    const console = join(windows.bin, 'console.exe');
    windows.compile('console.c', console);
    const folder = windows.folder('console');
    const command = [...windows.program, TARGET].map((word) => `"${word.startsWith('/') ? windowsPath(word) : word}"`);
    writeFileSync(join(folder, 'command'), command.join(' '));
    const terminal = openTerminal('bash --norc', { ...windows.env, ...mark.env });
    t.after(() => terminal.close());
    terminal.type(`wine '${console}' '${windowsPath(folder)}'`);
    const read = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '');
    const seen = () => `${read('stdout')}${read('stderr')}${terminal.screen()}`;
    await eventually(() => read('stdout').includes('[go]: listening'), seen);
    writeFileSync(join(folder, 'press'), '');
    await eventually(() => read('code') !== '', seen);
    assert.deepEqual([read('code').trim(), read('stderr').replace(/^pod \S+ in namespace .*\n/, '')], ['0', '']);
    terminal.close();
    await gone(mark);
  });

  test('kubectl.exe finds it, and makes 1 of every status that is not 0', async () => {
    copyFileSync(ways.standalone[0] ?? '', join(windows.bin, 'kubectl-draft_connect.exe'));
    const kubectl = (...args: string[]) => windows.toEnd([join(windows.bin, 'kubectl.exe'), 'draft-connect', ...args]);
    const { code, stdout } = await kubectl('version');
    assert.deepEqual([code, stdout], [0, `kubectl draft-connect ${version}\n`]);
    const wrong = await kubectl('--tial');
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /^Error: .*--tial/);
  });

  test('reads a draft.toml in a folder with a blank in its name', async () => {
    const cwd = windows.folder('folder');
    writeFileSync(join(cwd, 'draft.toml'), '[environments.development]\nname = "example-go"\n');
    const { code, stdout, stderr } = await windows.toEnd([...windows.program, '--dry-run'], { cwd });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Would connect to go:8080 of pod example-go-/);
  });
});
