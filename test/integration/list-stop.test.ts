// `list` and `stop`: what there is, what is no longer, and what was never ours.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type DetachedTest, detachedTest } from '../harness/detached.ts';
import { deletedPod } from '../harness/fake-kubectl.ts';
import { alive } from '../harness/processes.ts';
import { LINUX_ONLY } from '../harness/tools.ts';

const TARGET = 'pod/example-go-1';

/** Context and namespace are given, so that the background half has no reason to write its record again. */
async function detach(
  { run }: DetachedTest,
  args: readonly string[] = ['--context=west', '--namespace=prod'],
): Promise<{ id: string; pid: number }> {
  const { stdout, stderr } = await run([TARGET, '--detach', '-o', 'json', ...args]);
  // Of several a word on stderr says so.
  assert.match(stderr, /^([a-z0-9]{6} is a further session beside .*\n)?$/);
  return JSON.parse(stdout);
}

function edit({ connections }: DetachedTest, id: string, change: (record: Record<string, unknown>) => unknown): void {
  const path = join(connections, `${id}.json`);
  const record = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...record, ...(change(record) as object) }));
}

/** As if it had been written in another place. */
function move(it: DetachedTest, id: string, place: object): void {
  edit(it, id, ({ process }) => {
    const identity = process as { place: object };
    return { process: { ...identity, place: { ...identity.place, ...place } } };
  });
}

const FULL = 'Error: stdout: no space left on device\n';

for (const [how, end] of [
  ['gone', { code: 0, said: '' }],
  ['full', { code: 1, said: FULL }],
] as const) {
  for (const args of [['list'], ['list', '-o', 'json'], ['stop', '--all']]) {
    test(`${args.join(' ')} ends with ${end.code} when its output is ${how}`, LINUX_ONLY, () =>
      detachedTest(async (it) => {
        const { pid } = await detach(it);
        assert.deepEqual(await it.runUnheard(args, 'stdout', how), end);
        assert.equal(alive(pid), args[0] === 'list');
      }),
    );
  }
}

for (const how of ['gone', 'full'] as const) {
  test(`list goes on when its warnings meet a stderr that is ${how}`, LINUX_ONLY, () =>
    detachedTest(async ({ connections, runUnheard }) => {
      mkdirSync(connections, { recursive: true });
      writeFileSync(join(connections, 'notes.txt'), '');
      assert.deepEqual(await runUnheard(['list'], 'stderr', how), { code: 0, said: '' });
    }),
  );
}

describe('list', LINUX_ONLY, () => {
  test('says that there is nothing, even if nothing was ever detached', () =>
    detachedTest(async ({ run, files }) => {
      const { stdout, stderr, code } = await run(['list']);
      assert.deepEqual([stdout, stderr, code], ['', 'No sessions.\n', 0]);
      assert.equal((await run(['ls', '-o', 'json'])).stdout, '');
      assert.deepEqual(files(), []);
    }));

  test('shows each session in a table, and as an object with -o json', () =>
    detachedTest(async (it) => {
      const { id, pid } = await detach(it, ['-n', 'prod', '--context', 'west', '-p', '18082:8080']);
      const { stdout } = await it.run(['list']);
      assert.match(
        stdout,
        new RegExp(
          `^ID +APP +POD +NAMESPACE +CONTEXT +PORTS +AGE +STATE +MODE\n${id} +example-go-1 +example-go-1 +prod +west +18082:8080 +\\d+s +Connected +detached\n$`,
        ),
      );
      const object = JSON.parse((await it.run(['list', '-o', 'json'])).stdout);
      assert.deepEqual([object.id, object.pid, object.state, object.namespace], [id, pid, 'Connected', 'prod']);
      assert.equal(object.tunnels[0].localPort, 18082);
      assert.ok(existsSync(object.log));
    }));

  test('names the context and its namespace when none was given', () =>
    detachedTest(async (it) => {
      await detach(it, []);
      // They are asked for after the session is connected.
      for (;;) {
        const { context, namespace } = JSON.parse((await it.run(['list', '-o', 'json'])).stdout);
        if (context === undefined) continue;
        assert.deepEqual([context, namespace], ['fake', 'default']);
        return;
      }
    }));

  test('cleans up after a session that was killed, says where its log is, and nothing of it is left', () =>
    detachedTest(async (it) => {
      const { id, pid } = await detach(it);
      process.kill(pid, 'SIGKILL');
      await it.mark.gone();
      const { stdout, stderr, code } = await it.run(['list']);
      assert.deepEqual([stdout, code], ['', 0]);
      assert.match(stderr, new RegExp(`^session ${id} to example-go-1 ended by itself; its log is .*/${id}.log\n`));
      assert.deepEqual(it.files(), [`${id}.log`]);
      assert.equal((await it.run(['list'])).stderr, 'No sessions.\n');
    }));

  test('names the log of a session that failed by itself', () =>
    detachedTest(
      async (it) => {
        const { id } = await detach(it, ['--timeout=1s', '--context=west', '--namespace=prod']);
        await it.mark.gone();
        const { stdout, stderr } = await it.run(['list']);
        assert.equal(stdout, '');
        assert.match(stderr, new RegExp(`^session ${id} to example-go-1 ended by itself; its log is .*${id}`));
        const said = readFileSync(join(it.connections, `${id}.log`), 'utf8');
        assert.match(said, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z Error: pod example-go-1 was deleted$/m);
      },
      { rules: [{ match: '--watch', stdout: deletedPod('example-go-1'), hang: true }] },
    ));

  test('removes the log of an ended session after a week, and a record that was never completed', () =>
    detachedTest(async (it) => {
      mkdirSync(it.connections, { recursive: true });
      for (const [name, days] of [
        ['aaaaaa.log', 8],
        ['aaaaaa.json.new', 8],
        ['bbbbbb.log', 6],
        ['bbbbbb.json.new', 6],
      ] as const) {
        const path = join(it.connections, name);
        writeFileSync(path, '');
        const time = Date.now() / 1000 - days * 86_400;
        utimesSync(path, time, time);
      }
      await it.run(['list']);
      assert.deepEqual(it.files(), ['bbbbbb.json.new', 'bbbbbb.log']);
    }));

  const ODD: readonly [title: string, name: string, content: string][] = [
    ['half a record', 'abcdef.json', '{"id":"abcdef","app":'],
    ['an empty file', 'abcdef.json', ''],
    ['other JSON', 'abcdef.json', '[1, 2]'],
    [
      'a record with an odd process number',
      'abcdef.json',
      '{"id":"abcdef","app":"x","pod":"p","tunnels":[],"state":"Connected","createdMs":1,"process":{"pid":-1,"started":"1","place":{"host":"","boot":"","namespace":""}}}',
    ],
    ['a file of somebody else', 'notes.txt', 'hello'],
    ['a temporary file of another program', '.abcdef.json.swp', ''],
  ];
  for (const [title, name, content] of ODD) {
    test(`reports ${title}, leaves it as it is, and shows the others`, () =>
      detachedTest(async (it) => {
        const { id } = await detach(it);
        const path = join(it.connections, name);
        writeFileSync(path, content);
        const { stdout, stderr, code } = await it.run(['list']);
        assert.equal(code, 0);
        assert.match(stdout, new RegExp(`\n${id} `));
        assert.equal(stderr, `${path}: not the record of a session; it is left as it is\n`);
        assert.equal(readFileSync(path, 'utf8'), content);
        assert.equal((await it.run(['stop', '--all'])).stdout, `example-go-1 (${id}) stopped\n`);
        assert.equal(readFileSync(path, 'utf8'), content);
      }));
  }

  test('follows no link to a record elsewhere', () =>
    detachedTest(async (it) => {
      const { id } = await detach(it);
      const path = join(it.connections, 'abcdef.json');
      symlinkSync(join(it.connections, `${id}.json`), path);
      assert.match((await it.run(['list'])).stderr, /abcdef\.json: not the record of a session/);
    }));

  test('lets no text from the cluster or draft.toml reach the terminal as a command', () =>
    detachedTest(async (it) => {
      const { id } = await detach(it);
      edit(it, id, ({ apps }) => {
        const [app] = apps as readonly object[];
        return { apps: [{ ...app, app: 'a\u001b[2J\nb', pod: '\u009b1m' }] };
      });
      const { stdout } = await it.run(['list']);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      assert.equal(stdout.split('\n').length, 3);
    }));
});

describe('stop', LINUX_ONLY, () => {
  test('ends a session by its ID and leaves the others', () =>
    detachedTest(async (it) => {
      const first = await detach(it);
      const second = await detach(it);
      const { stdout, code } = await it.run(['stop', first.id]);
      assert.deepEqual([stdout, code], [`example-go-1 (${first.id}) stopped\n`, 0]);
      assert.equal(alive(first.pid), false);
      assert.equal(alive(second.pid), true);
      assert.deepEqual(it.files(), [`${second.id}.json`, `${second.id}.log`]);
    }));

  test('warns of a file that it cannot remove, and so does list', () =>
    detachedTest(async (it) => {
      const { id, pid } = await detach(it);
      // Even root cannot unlink a directory.
      const draft = join(it.connections, `${id}.json.new`);
      mkdirSync(draft);
      const { stdout, stderr, code } = await it.run(['stop', id]);
      assert.deepEqual([stdout, code], [`example-go-1 (${id}) stopped\n`, 0]);
      assert.match(stderr, new RegExp(`^cannot remove ${draft}: .*\n$`));
      assert.equal(alive(pid), false);

      const other = await detach(it);
      mkdirSync(join(it.connections, `${other.id}.json.new`));
      process.kill(other.pid, 'SIGKILL');
      await it.mark.gone();
      const list = await it.run(['list']);
      assert.deepEqual([list.stdout, list.code], ['', 0]);
      assert.match(list.stderr, new RegExp(`^cannot remove .*/${other.id}.json.new: `, 'm'));
    }));

  test('ends one that is deaf to SIGTERM', () =>
    detachedTest(async (it) => {
      const { id, pid } = await detach(it);
      process.kill(pid, 'SIGSTOP');
      const { stdout } = await it.run(['stop', id]);
      assert.equal(stdout, `example-go-1 (${id}) stopped\n`);
      await it.mark.gone();
    }));

  test('ends those it knows and names what there is when others are unknown', () =>
    detachedTest(async (it) => {
      const first = await detach(it);
      const second = await detach(it);
      const { stdout, stderr, code } = await it.run(['stop', 'nope', first.id, 'neither']);
      assert.deepEqual([stdout, code], [`example-go-1 (${first.id}) stopped\n`, 1]);
      assert.equal(
        stderr,
        `Error: no detached session 'nope', 'neither'\nHint: running: ${second.id} (example-go-1)\n`,
      );
      assert.deepEqual([alive(first.pid), alive(second.pid)], [false, true]);
      const none = await it.run(['stop', second.id, 'nope']);
      assert.equal(none.stderr, "Error: no detached session 'nope'\nHint: no session is running\n");
    }));

  test('needs either names or --all', () =>
    detachedTest(async ({ run }) => {
      for (const args of [['stop'], ['stop', '--all', 'x']]) assert.equal((await run(args)).code, 2);
      assert.deepEqual((await run(['stop', '--all'])).stderr, 'No detached sessions.\n');
    }));

  // Each is a stranger with the number of a session that is gone.
  const STRANGERS: readonly [title: string, change: (process: Record<string, unknown>, pid: number) => object][] = [
    ['that has got the number of a session', (identity, pid) => ({ ...identity, pid })],
    [
      'of another start of the machine',
      (identity, pid) => ({
        ...identity,
        pid,
        started: startOf(pid),
        place: { ...(identity['place'] as object), boot: 'other' },
      }),
    ],
  ];
  for (const [title, change] of STRANGERS) {
    test(`never touches a process ${title}, and cleans up its record`, () =>
      detachedTest(async (it) => {
        const stranger = spawn('sleep', ['1000'], { stdio: 'ignore' });
        const { id, pid } = await detach(it);
        const pidOfStranger = stranger.pid ?? 0;
        edit(it, id, (record) => ({ process: change(record['process'] as Record<string, unknown>, pidOfStranger) }));
        const { stdout, code } = await it.run(['stop', '--all']);
        assert.deepEqual([stdout, code], ['', 0]);
        assert.deepEqual(it.files(), [`${id}.log`]);
        assert.equal(alive(pidOfStranger), true);
        assert.equal(alive(pid), true);
        stranger.kill();
      }));
  }

  test('finds a session although the machine was renamed', () =>
    detachedTest(async (it) => {
      const { id, pid } = await detach(it);
      move(it, id, { host: 'former-name' });
      const { stdout } = await it.run(['stop', '--all']);
      assert.equal(stdout, `example-go-1 (${id}) stopped\n`);
      assert.equal(alive(pid), false);
    }));

  for (const place of [{ host: 'another-machine', boot: 'other' }, { namespace: 'pid:[1]' }]) {
    test(`leaves a record alone that belongs to another ${Object.keys(place)[0]}`, () =>
      detachedTest(async (it) => {
        const { id, pid } = await detach(it);
        move(it, id, place);
        const { stdout, stderr } = await it.run(['stop', '--all']);
        assert.deepEqual([stdout, stderr], ['', 'No detached sessions.\n']);
        assert.ok(it.files().includes(`${id}.json`));
        assert.equal(alive(pid), true);
      }));
  }

  test('needs no ps on PATH', () =>
    detachedTest(async (it) => {
      const bin = join(it.state, 'bin');
      mkdirSync(bin);
      for (const name of ['node', 'sh', 'grep', 'sleep'])
        symlinkSync(name === 'node' ? process.execPath : `/bin/${name}`, join(bin, name));
      const env = { PATH: bin };
      assert.equal((await it.run([TARGET, '--detach'], env)).code, 0);
      assert.match((await it.run(['list'], env)).stdout, /Connected/);
      assert.match((await it.run(['stop', '--all'], env)).stdout, /stopped/);
      await it.mark.gone();
    }));
});

/** proc(5), field 22. */
function startOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
