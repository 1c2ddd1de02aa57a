// The same local ports again, and whose a busy one is.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type DetachedTest, detachedTest } from '../harness/detached.ts';
import { eventually } from '../harness/eventually.ts';
import { podWithPorts } from '../harness/fake-kubectl.ts';
import { type Program, runProgram } from '../harness/program.ts';
import { LINUX_ONLY } from '../harness/tools.ts';
import { occupy } from './connect-setup.ts';

const TARGET = 'pod/example-go-1';
const FIRST = 18_100;

const fileOf = ({ state }: DetachedTest) => join(state, 'draft-connect', 'ports.json');

function known(it: DetachedTest): readonly { readonly remotePort: number; readonly localPort: number }[] {
  try {
    const ports = JSON.parse(readFileSync(fileOf(it), 'utf8'));
    return Array.isArray(ports) ? ports : [];
  } catch {
    return [];
  }
}

function start({ kubectl, env }: DetachedTest, args: readonly string[] = []): Program {
  return runProgram([TARGET, '--no-logs', ...args], { kubectl, env });
}

/** Its local ports, once they are remembered. */
async function portsOf(it: DetachedTest, program: Program, count = 1): Promise<readonly number[]> {
  const ports = [...(await program.connected(count)).values()];
  await eventually(
    () => ports.every((port) => known(it).some(({ localPort }) => localPort === port)),
    () => `${ports} in ${JSON.stringify(known(it))}`,
  );
  return ports;
}

async function once(it: DetachedTest, args: readonly string[] = [], count = 1): Promise<readonly number[]> {
  const program = start(it, args);
  const ports = await portsOf(it, program, count);
  assert.equal((await program.end()).code, 0);
  return ports;
}

function write(it: DetachedTest, text: string): void {
  mkdirSync(join(it.state, 'draft-connect'), { recursive: true, mode: 0o700 });
  writeFileSync(fileOf(it), text, { mode: 0o600 });
}

const entry = (localPort: number, more: object = {}) => ({
  context: 'fake',
  namespace: 'default',
  app: 'example-go-1',
  container: 'go',
  remotePort: 8080,
  localPort,
  usedMs: Date.now(),
  ...more,
});

describe('local ports', LINUX_ONLY, () => {
  test('are the same again, in the foreground and in the background', () =>
    detachedTest(
      async (it) => {
        const ports = await once(it, [], 3);
        assert.deepEqual(await once(it, [], 3), ports);
        const { stdout } = await it.run([TARGET, '--detach', '-o', 'json']);
        assert.deepEqual(
          JSON.parse(stdout).tunnels.map(({ localPort }: { localPort: number }) => localPort),
          ports,
        );
        assert.equal(statSync(fileOf(it)).mode & 0o777, 0o600);
        const preview = await it.run([TARGET, '--dry-run']);
        assert.match(preview.stdout, new RegExp(` on localhost:${ports[0]}, as the last time, if that is free$`, 'm'));
      },
      { pod: podWithPorts(3) },
    ));

  test('of two sessions at the same time are two each, and both are the same again', () =>
    detachedTest(async (it) => {
      const first = start(it);
      const [one] = await portsOf(it, first);
      const second = start(it);
      const [two] = await portsOf(it, second);
      assert.notEqual(one, two);
      await second.end();
      assert.deepEqual(await once(it), [two]);
      await first.end();
      assert.deepEqual(await once(it), [one]);
    }));

  test('are others for another namespace, and where others have them', () =>
    detachedTest(async (it) => {
      const [port = 0] = await once(it);
      assert.notDeepEqual(await once(it, ['-n', 'other']), [port]);
      const held = await occupy('127.0.0.1', port);
      assert.notDeepEqual(await once(it), [port]);
      held.close();
      assert.deepEqual(await once(it), [port]);
    }));

  test('that a mapping of the same run wants go to the mapping', () =>
    detachedTest(
      async (it) => {
        write(it, JSON.stringify([entry(FIRST, { remotePort: 8000 })]));
        const program = start(it, ['-p', `${FIRST}:8001`]);
        const ports = await program.connected(2);
        assert.equal(ports.get('go:8001'), FIRST);
        await program.end();
      },
      { pod: podWithPorts(2) },
    ));

  test('that were not used for 90 days are forgotten', () =>
    detachedTest(async (it) => {
      write(it, JSON.stringify([entry(FIRST, { usedMs: Date.now() - 91 * 86_400_000 })]));
      const [port] = await once(it);
      assert.notEqual(port, FIRST);
      assert.deepEqual(
        known(it).map(({ localPort }) => localPort),
        [port],
      );
    }));

  test('that were given with -p are not remembered', () =>
    detachedTest(async (it) => {
      const program = start(it, ['-p', `${FIRST}:8080`, '--', 'sleep', '0.5']);
      await program.ended;
      assert.equal(existsSync(fileOf(it)), false);
    }));

  const DAMAGED: readonly [title: string, text: string][] = [
    ['half a file', '[{"context":"fake","names'],
    ['an empty file', ''],
    ['other JSON', '{"ports":1}'],
    ['a port that needs privileges', JSON.stringify([entry(80)])],
  ];
  for (const [title, text] of DAMAGED) {
    test(`are random again after ${title}, and then remembered`, () =>
      detachedTest(async (it) => {
        write(it, text);
        const ports = await once(it);
        assert.deepEqual(await once(it), ports);
      }));
  }

  test('are not read through a link, nor written', () =>
    detachedTest(async (it) => {
      const elsewhere = join(it.state, 'elsewhere.json');
      writeFileSync(elsewhere, JSON.stringify([entry(FIRST)]));
      mkdirSync(join(it.state, 'draft-connect'), { mode: 0o700 });
      symlinkSync(elsewhere, fileOf(it));
      const ports = await once(it);
      assert.notDeepEqual(ports, [FIRST]);
      assert.equal(JSON.parse(readFileSync(elsewhere, 'utf8'))[0].localPort, FIRST);
    }));

  test('are remembered nowhere in a directory that is a link', () =>
    detachedTest(async (it) => {
      const elsewhere = join(it.state, 'elsewhere');
      mkdirSync(elsewhere);
      writeFileSync(join(elsewhere, 'ports.json'), JSON.stringify([entry(FIRST)]));
      chmodSync(elsewhere, 0o700);
      symlinkSync(elsewhere, join(it.state, 'draft-connect'));
      const program = start(it, ['--', 'sleep', '0.5']);
      const { code } = await program.ended;
      assert.equal(code, 0, program.stderr());
      assert.doesNotMatch(program.stderr(), new RegExp(`:${FIRST}`));
    }));
});

describe('a busy local port', LINUX_ONLY, () => {
  test('is said to be that of the own session that has it', () =>
    detachedTest(async (it) => {
      const { stdout } = await it.run([TARGET, '--detach', '-o', 'json', '-p', `${FIRST + 1}:8080`]);
      const { id } = JSON.parse(stdout);
      for (const address of ['localhost', '0.0.0.0']) {
        const end = await it.run([TARGET, '-p', `${FIRST + 1}:8080`, '--address', address]);
        assert.equal(
          end.stderr,
          `Error: local port ${FIRST + 1} is not available: your own session ${id} of example-go-1 has it\n` +
            `Hint: kubectl draft-connect list shows your sessions, env ${id} the variables of this one, stop ${id} ends it; --no-tunnels shows logs alone\n`,
        );
        assert.deepEqual([end.code, end.stdout], [1, '']);
      }
    }));

  test("is nobody's we know when the own session has it on another address", () =>
    detachedTest(async (it) => {
      const held = await occupy('127.0.0.1');
      await it.run([TARGET, '--detach', '-p', `${held.port}:8080`, '--address', '127.0.0.2']);
      const end = await it.run([TARGET, '-p', `${held.port}:8080`]);
      held.close();
      assert.match(end.stderr, /^Error: local port \d+ is not available: 127\.0\.0\.1:\d+: already in use\n/);
    }));
});
