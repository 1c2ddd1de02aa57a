// `env`: the variables of a session that runs, and the syntax of the shell that asks for them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type DetachedTest, detachedTest } from '../harness/detached.ts';
import { BUNDLE, runToEnd } from '../harness/program.ts';
import { LINUX_ONLY, missing, which } from '../harness/tools.ts';

const TARGET = 'pod/example-go-1';
const HOST = "EXAMPLE_GO_1_GO_SERVICE_HOST='localhost';\n";

async function detach({ run }: DetachedTest, args: readonly string[] = []): Promise<{ id: string; port: number }> {
  const { stdout } = await run([TARGET, '--detach', '-o', 'json', ...args]);
  const { id, tunnels } = JSON.parse(stdout);
  return { id, port: tunnels[0].localPort };
}

describe('env', LINUX_ONLY, () => {
  test('prints what --detach has printed', () =>
    detachedTest(async (it) => {
      const { stdout } = await it.run([TARGET, '--detach']);
      for (const args of [['env'], ['env', 'example-go-1'], ['env', it.files()[0]?.slice(0, 6) ?? '']]) {
        const end = await it.run(args);
        assert.deepEqual([end.stdout, end.stderr, end.code], [stdout, '', 0]);
      }
    }));

  test('prints an object of the variables with -o json', () =>
    detachedTest(async (it) => {
      const { id, port } = await detach(it);
      assert.deepEqual(JSON.parse((await it.run(['env', id, '-o', 'json'])).stdout), {
        EXAMPLE_GO_1_GO_SERVICE_HOST: 'localhost',
        EXAMPLE_GO_1_GO_SERVICE_PORT: String(port),
        EXAMPLE_GO_1_GO_SERVICE_PORT_8080: String(port),
      });
    }));

  for (const [shell, first] of [
    ['sh', `export ${HOST}`],
    ['bash', `export ${HOST}`],
    ['zsh', `export ${HOST}`],
    ['fish', "set -gx EXAMPLE_GO_1_GO_SERVICE_HOST 'localhost';\n"],
    ['powershell', "$env:EXAMPLE_GO_1_GO_SERVICE_HOST = 'localhost';\n"],
  ] as const) {
    test(`speaks ${shell} when asked to`, () =>
      detachedTest(async (it) => {
        await detach(it);
        const { stdout } = await it.run(['env', '--shell', shell]);
        assert.ok(stdout.startsWith(first), stdout);
      }));
  }

  test('without a name means the app of draft.toml, else the only session', () =>
    detachedTest(async (it) => {
      const folder = join(it.state, 'project');
      mkdirSync(folder);
      const toml = join(folder, 'draft.toml');
      writeFileSync(toml, '[environments.development]\nname = "my-app"\n');
      const { options, run } = it;
      const here = (args: readonly string[]) => runToEnd(args, { ...options, cwd: folder });
      await detach(it);
      assert.match((await here(['env'])).stdout, /^export EXAMPLE_GO_1_/);
      await run(['-f', toml, '--detach']);
      assert.match((await here(['env'])).stdout, /^export MY_APP_/);
      const elsewhere = await run(['env']);
      assert.deepEqual([elsewhere.stdout, elsewhere.code], ['', 1]);
      assert.match(elsewhere.stderr, /^Error: 2 sessions are running\nHint: name one: \w{6} \(\S+\), \w{6} \(\S+\)\n$/);
      writeFileSync(toml, 'broken');
      const broken = await here(['env', 'my-app']);
      assert.deepEqual([broken.stderr, broken.code], ['', 0]);
      assert.match((await here(['env'])).stderr, /^Warning: .*draft\.toml.*\nError: 2 sessions are running\n/);
    }));

  const NONE = 'Hint: kubectl draft-connect TARGET --detach starts one and prints its variables\n';
  test('is an error without a session, and with the name of none', () =>
    detachedTest(async (it) => {
      for (const args of [['env'], ['env', 'nope']]) {
        const { stdout, stderr, code } = await it.run(args);
        assert.deepEqual([stdout, stderr, code], ['', `Error: no session is running\n${NONE}`, 1]);
      }
      const { id } = await detach(it);
      const { stdout, stderr, code } = await it.run(['env', 'nope']);
      assert.deepEqual(
        [stdout, stderr, code],
        ['', `Error: no session 'nope'\nHint: running: ${id} (example-go-1)\n`, 1],
      );
    }));

  test('is an error for a session without tunnels', () =>
    detachedTest(async (it) => {
      const { id } = await detach(it);
      const path = join(it.connections, `${id}.json`);
      const record = JSON.parse(execFileSync('cat', [path], { encoding: 'utf8' }));
      writeFileSync(path, JSON.stringify({ ...record, apps: [{ ...record.apps[0], tunnels: [] }] }));
      const { stdout, stderr, code } = await it.run(['env']);
      assert.deepEqual([stdout, stderr, code], ['', `Error: session ${id} has no tunnels, and so no variables\n`, 1]);
    }));
});

describe('in a shell that calls', LINUX_ONLY, () => {
  const ECHO = 'echo "port=$EXAMPLE_GO_1_GO_SERVICE_PORT"';
  const quoted = (call: string) => `eval "$(${call})"; ${ECHO}`;
  const SHELLS: readonly [shell: string, args: readonly string[], how: string, script: (call: string) => string][] = [
    ['sh', [], 'eval', quoted],
    ['bash', ['--norc'], 'eval', quoted],
    ['zsh', ['-f'], 'eval', quoted],
    ['fish', ['--no-config'], 'source', (call) => `${call} | source; ${ECHO}`],
    ['fish', ['--no-config'], 'eval', (call) => `eval (${call}); ${ECHO}`],
  ];
  // As plugin, kubectl stands between the shell and the program.
  const CALLS = [
    ['the program', (command: string) => `${process.execPath} ${BUNDLE} ${command}`],
    ['kubectl', (command: string) => `kubectl draft-connect ${command}`],
  ] as const;
  for (const [shell, args, how, script] of SHELLS) {
    for (const [caller, callOf] of CALLS) {
      for (const command of ['env', '--detach']) {
        const title = `${how} of ${command} in ${shell} through ${caller} sets the variables`;
        test(title, { skip: missing(shell, 'kubectl') }, () =>
          detachedTest(async (it) => {
            const { port } = await detach(it);
            const bin = join(it.state, 'bin');
            mkdirSync(bin);
            symlinkSync(BUNDLE, join(bin, 'kubectl-draft_connect'));
            symlinkSync(which('kubectl') ?? '', join(bin, 'kubectl'));
            symlinkSync(process.execPath, join(bin, 'node'));
            chmodSync(BUNDLE, 0o755);
            const env = {
              ...process.env,
              ...it.env,
              KUBECTL_PATH: it.kubectl,
              PATH: `${bin}:${process.env['PATH']}`,
              // Not what calls.
              SHELL: shell === 'fish' ? '/bin/bash' : '/usr/bin/fish',
            };
            const output = execFileSync(
              shell,
              [...args, '-c', script(callOf(command === 'env' ? command : `${TARGET} ${command}`))],
              {
                env,
                encoding: 'utf8',
                stdio: ['ignore', 'pipe', 'ignore'],
              },
            );
            if (command === 'env') assert.equal(output, `port=${port}\n`);
            else assert.match(output, /^port=\d+\n$/);
          }),
        );
      }
    }
  }
});
