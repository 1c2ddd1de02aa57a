// Sessions in the foreground among those that `list` shows and `stop` ends.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type DetachedTest, detachedTest } from '../harness/detached.ts';
import { eventually } from '../harness/eventually.ts';
import { deletedPod } from '../harness/fake-kubectl.ts';
import { endOf, type Program, runProgram } from '../harness/program.ts';
import { LINUX_ONLY } from '../harness/tools.ts';

const TARGET = 'pod/example-go-1';

interface Foreground {
  readonly program: Program;
  readonly id: string;
}

/** Runs until its record is there, which comes after its tunnels. */
async function start(it: DetachedTest, args: readonly string[] = []): Promise<Foreground> {
  const before = new Set(it.files());
  const program = runProgram([TARGET, ...args], { kubectl: it.kubectl, env: it.env });
  const name = await eventually(
    () => it.files().find((file) => file.endsWith('.json') && !before.has(file)),
    () => `no record: ${program.stderr()}`,
  );
  return { program, id: name.slice(0, 6) };
}

describe('a session in the foreground', LINUX_ONLY, () => {
  test('is in the list from its start to its end, and nothing of it is left', () =>
    detachedTest(async (it) => {
      const { program, id } = await start(it, ['-n', 'prod', '--context', 'west', '-p', '18085:8080']);
      const { stdout } = await it.run(['list']);
      assert.match(
        stdout,
        new RegExp(`\n${id} +example-go-1 +example-go-1 +prod +west +18085:8080 +\\d+s +Connected +foreground\n$`),
      );
      const object = JSON.parse((await it.run(['list', '-o', 'json'])).stdout);
      assert.deepEqual([object.id, object.mode, object.pid, object.log], [id, 'foreground', program.pid, undefined]);
      assert.deepEqual([object.tunnels[0].localPort, object.tunnels[0].port], [18085, 8080]);
      assert.equal(statSync(join(it.connections, `${id}.json`)).mode & 0o777, 0o600);
      await program.end('SIGINT');
      assert.deepEqual(it.files(), []);
      assert.equal((await it.run(['list'])).stderr, 'No sessions.\n');
    }));

  test('that runs a command is in the list, too', () =>
    detachedTest(async (it) => {
      const { program, id } = await start(it, ['--', 'sleep', '1000']);
      assert.match((await it.run(['list'])).stdout, new RegExp(`\n${id} .*foreground\n$`));
      await program.end('SIGTERM');
      assert.deepEqual(it.files(), []);
    }));

  test('has its state in the list, whenever it changes', () =>
    detachedTest(
      async (it) => {
        const { program, id } = await start(it);
        await eventually(
          () => readFileSync(join(it.connections, `${id}.json`), 'utf8').includes('PodLost'),
          () => program.stderr(),
        );
        assert.match((await it.run(['list'])).stdout, /PodLost +foreground/);
        await program.end();
      },
      { rules: [{ match: '--watch', stdout: deletedPod('example-go-1'), hang: true }] },
    ));

  test('that fails leaves no record', () =>
    detachedTest(
      async (it) => {
        const { program } = await start(it, ['--timeout=1s']);
        assert.equal((await endOf(program)).code, 1);
        assert.deepEqual(it.files(), []);
      },
      { rules: [{ match: '--watch', stdout: deletedPod('example-go-1'), hang: true }] },
    ));

  test('that was killed is cleaned up without a word', () =>
    detachedTest(async (it) => {
      const { program } = await start(it);
      await program.end('SIGKILL');
      const { stdout, stderr } = await it.run(['list']);
      assert.deepEqual([stdout, stderr, it.files()], ['', 'No sessions.\n', []]);
    }));

  test('is ended by its ID, and neither by its app nor by --all', () =>
    detachedTest(async (it) => {
      const { program, id } = await start(it);
      const byApp = await it.run(['stop', 'example-go-1']);
      assert.deepEqual([byApp.stdout, byApp.code], ['', 1]);
      assert.equal(
        byApp.stderr,
        `Error: no detached session 'example-go-1'\nHint: running: ${id} (example-go-1, in the foreground); one in the foreground is stopped by its ID\n`,
      );
      const all = await it.run(['stop', '--all']);
      assert.deepEqual([all.stdout, all.stderr, all.code], ['', 'No detached sessions.\n', 0]);
      assert.ok(existsSync(join(it.connections, `${id}.json`)));
      assert.equal((await it.run(['stop', id])).stdout, `example-go-1 (${id}) stopped\n`);
      assert.deepEqual(await program.ended, { code: 0, signal: null });
      assert.deepEqual(it.files(), []);
    }));

  test('goes on where no record can be written', () =>
    detachedTest(async (it) => {
      writeFileSync(join(it.state, 'draft-connect'), '');
      const program = runProgram([TARGET, '--', 'sh', '-c', 'sleep 0.5; echo done'], {
        kubectl: it.kubectl,
        env: it.env,
      });
      const end = await endOf(program);
      assert.deepEqual([end.code, end.stdout], [0, 'done\n']);
      assert.match(end.stderr, /^Connect to go:8080 on localhost:\d+\n$/);
    }));

  test('makes --detach say that it starts a further session', () =>
    detachedTest(async (it) => {
      const { program, id } = await start(it);
      const { stdout, stderr } = await it.run([TARGET, '--detach']);
      assert.match(stdout, /^export .*\n.*\n.*;\n$/);
      assert.match(
        stderr,
        new RegExp(`^\\w{6} is a further session beside ${id} \\(example-go-1, in the foreground\\)\n$`),
      );
      await program.end();
    }));

  test('of another machine stays in the directory, whatever is said of its process here', () =>
    detachedTest(async (it) => {
      const { program, id } = await start(it);
      const path = join(it.connections, `${id}.json`);
      const record = JSON.parse(readFileSync(path, 'utf8'));
      await program.end('SIGKILL');
      mkdirSync(it.connections, { recursive: true });
      const place = { ...record.process.place, boot: 'other', machine: 'other' };
      writeFileSync(path, JSON.stringify({ ...record, process: { ...record.process, place } }));
      assert.equal((await it.run(['list'])).stderr, 'No sessions.\n');
      assert.ok(existsSync(path));
    }));
});
