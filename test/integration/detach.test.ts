// --detach: what it prints, when it fails, and what the background half survives.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { detachedTest } from '../harness/detached.ts';
import { eventually } from '../harness/eventually.ts';
import { deletedPod } from '../harness/fake-kubectl.ts';
import { get } from '../harness/http.ts';
import { BUNDLE, runProgram } from '../harness/program.ts';
import { openTerminal } from '../harness/tmux.ts';
import { LINUX_ONLY, missing } from '../harness/tools.ts';

/** Without the user's own settings. */
const BARE = { bash: 'bash --norc', zsh: 'zsh -f' } as const;
const TARGET = 'pod/example-go-1';

describe('--detach', LINUX_ONLY, () => {
  test('prints only lines for eval, and what they name answers when it returns', () =>
    detachedTest(async ({ run, files, mark }) => {
      const { stdout, stderr, code } = await run([TARGET, '--detach']);
      const port = /SERVICE_PORT='(\d+)'/.exec(stdout)?.[1];
      assert.equal(
        stdout,
        [
          "export EXAMPLE_GO_1_GO_SERVICE_HOST='localhost';",
          `export EXAMPLE_GO_1_GO_SERVICE_PORT='${port}';`,
          `export EXAMPLE_GO_1_GO_SERVICE_PORT_8080='${port}';\n`,
        ].join('\n'),
      );
      assert.deepEqual([stderr, code], ['', 0]);
      assert.equal((await get(Number(port))).body, 'port 8080\n');
      const id = files()[0]?.slice(0, 6);
      assert.deepEqual(files(), [`${id}.json`, `${id}.log`]);
      assert.equal((await run(['stop', '--all'])).stdout, `example-go-1 (${id}) stopped\n`);
      assert.deepEqual(files(), []);
      await mark.gone();
    }));

  for (const [shell, first] of [
    ['fish', "set -gx EXAMPLE_GO_1_GO_SERVICE_HOST 'localhost';\n"],
    ['powershell', "$env:EXAMPLE_GO_1_GO_SERVICE_HOST = 'localhost';\n"],
  ] as const) {
    test(`speaks ${shell} when asked to`, () =>
      detachedTest(async ({ run }) => {
        const { stdout } = await run([TARGET, '--detach', '--shell', shell]);
        assert.ok(stdout.startsWith(first), stdout);
      }));
  }

  test('with -o json prints one object with pid, id and tunnels', () =>
    detachedTest(async ({ run, files }) => {
      const { stdout, code } = await run([TARGET, '--detach', '-o', 'json']);
      assert.equal(code, 0);
      assert.equal(stdout.split('\n').length, 2);
      const { pid, id, tunnels } = JSON.parse(stdout);
      assert.ok(files().includes(`${id}.json`));
      assert.equal(readFileSync(`/proc/${pid}/comm`, 'utf8'), 'draft-connect\n');
      assert.equal(tunnels.length, 1);
      assert.deepEqual([tunnels[0].container, tunnels[0].port, tunnels[0].pod], ['go', 8080, 'example-go-1']);
      assert.equal((await get(Number(tunnels[0].localPort))).body, 'port 8080\n');
    }));

  test('hands every flag on to the background half, and to its kubectl', () =>
    detachedTest(async ({ run, state, mark }) => {
      const calls = join(state, 'calls');
      const flags = [
        '-c',
        'go',
        '--address',
        '127.0.0.1',
        '--hold=0',
        '-n',
        "a'b ",
        '--as',
        'someone',
        '--timeout',
        '9s',
      ];
      const { code, stderr } = await run(['--detach', TARGET, ...flags, '-p', ':8080'], {
        FAKE_KUBECTL: JSON.stringify({ calls }),
      });
      assert.deepEqual([code, stderr], [0, '']);
      const forward = readFileSync(calls, 'utf8')
        .split('\n')
        .find((line) => line.includes('port-forward'));
      assert.match(forward ?? '', /--as=someone --namespace=a'b {2}--context=fake$/);
      assert.ok(!mark.living().some((line) => line.includes('--detach')));
    }));

  test('waits as long as there is a timer for', () =>
    detachedTest(async ({ run }) => {
      const { code, stderr } = await run([TARGET, '--detach', '--timeout=597h']);
      assert.deepEqual([code, stderr], [0, '']);
    }));

  test('is private: directories 0700, files 0600', () =>
    detachedTest(async ({ run, state, connections, files }) => {
      mkdirSync(join(state, 'draft-connect'), { mode: 0o755 });
      await run([TARGET, '--detach']);
      const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
      assert.deepEqual([mode(join(state, 'draft-connect')), mode(connections)], ['700', '700']);
      assert.deepEqual(
        files().map((name) => mode(join(connections, name))),
        ['600', '600'],
      );
    }));

  test('begins each line of its log with the time, and tells it without', () =>
    detachedTest(async ({ run, connections, files }) => {
      const { stderr } = await run([TARGET, '--detach', '-p', 'nope', '-p', 'neither']);
      assert.match(stderr, /^(mapping (?:nope|neither) is skipped: .*\n){2}$/);
      const log = readFileSync(join(connections, files()[1] ?? ''), 'utf8');
      assert.match(log, /^(\d{4}-\d\d-\d\dT[\d:.]+Z \S.*\n){3}$/);
    }));

  test('four at the same moment do not disturb each other', () =>
    detachedTest(async ({ run, files }) => {
      const ends = await Promise.all(Array.from({ length: 4 }, () => run([TARGET, '--detach'])));
      assert.deepEqual(
        ends.map(({ code }) => code),
        [0, 0, 0, 0],
      );
      const ports = ends.map(({ stdout }) => /SERVICE_PORT='(\d+)'/.exec(stdout)?.[1]);
      assert.equal(new Set(ports).size, 4);
      for (const port of ports) assert.equal((await get(Number(port))).body, 'port 8080\n');
      assert.equal(files().length, 8);
      const { stdout } = await run(['stop', 'example-go-1']);
      assert.equal(stdout.split('\n').length, 5);
    }));

  test('works from a draft.toml, whose name is the app', () =>
    detachedTest(async ({ run, state }) => {
      writeFileSync(join(state, 'draft.toml'), '[environments.development]\nname = "my-app"\n');
      const { stdout } = await run(['-f', join(state, 'draft.toml'), '--detach']);
      assert.match(stdout, /^export MY_APP_GO_SERVICE_HOST='localhost';/);
      assert.match((await run(['list'])).stdout, /my-app/);
    }));

  const FAILURES: readonly [title: string, rules: object[], args: string[], code: number, stderr: RegExp][] = [
    [
      'kubectl fails',
      [{ match: 'get', stderr: 'error: no luck today\n', exitCode: 1 }],
      [],
      1,
      /^Error: .*no luck today/m,
    ],
    [
      'a forward fails',
      [{ match: 'port-forward', stderr: 'error: not for you\n', exitCode: 1 }],
      [],
      1,
      /^Error: .*not for you/m,
    ],
    ['a flag is wrong', [], ['--timeout', 'x'], 2, /^Error: /],
    ['a port is mapped twice', [], ['-p', '8080:1', '-p', '8080:2'], 2, /^Error: local port 8080 already mapped/],
    ['a container is missing', [], ['-c', 'abc'], 1, /^Error: container 'abc' not found\nHint: .*go/m],
  ];
  for (const [title, rules, args, code, stderr] of FAILURES) {
    test(`when ${title}, stdout is empty, stderr has the reason once, and nothing is left`, () =>
      detachedTest(
        async ({ run, files, mark }) => {
          const end = await run([TARGET, '--detach', '--timeout', '2s', ...args]);
          assert.deepEqual([end.stdout, end.code], ['', code], end.stderr);
          assert.match(end.stderr, stderr);
          assert.equal(end.stderr.match(/Error:/g)?.length, 1, end.stderr);
          assert.deepEqual(files(), []);
          await mark.gone();
        },
        { rules: rules as Record<string, unknown>[] },
      ));
  }

  const FULL: readonly [title: string, rules: Record<string, unknown>[], reason: RegExp][] = [
    ['kubectl fails', [{ match: 'get', stderr: 'error: no luck today\n', exitCode: 1 }], /^Error: .*no luck today\n$/],
    ['the record cannot be written', [], /^Error: cannot write .*\.json: .*\nHint: .*XDG_STATE_HOME\n$/],
  ];
  for (const [title, rules, reason] of FULL) {
    test(`when ${title}, stderr has the reason although the log takes nothing`, () =>
      detachedTest(
        async ({ env, kubectl, files }) => {
          // No file may grow, as on a full disk.
          const program = ['-c', 'ulimit -f 0; exec "$@"', 'sh', process.execPath, BUNDLE, TARGET, '--detach'];
          const { status, stdout, stderr } = spawnSync('sh', program, {
            env: { ...process.env, ...env, KUBECTL_PATH: kubectl },
            encoding: 'utf8',
          });
          assert.deepEqual([status, stdout], [1, '']);
          assert.match(stderr, reason);
          assert.deepEqual(files(), []);
        },
        { rules },
      ));
  }

  test('gives up on a kubectl that hangs', () =>
    detachedTest(
      async ({ run, files, mark }) => {
        const end = await run([TARGET, '--detach', '--timeout', '1s']);
        assert.deepEqual([end.stdout, end.code], ['', 1]);
        assert.match(end.stderr, /^Error: /m);
        assert.deepEqual(files(), []);
        await mark.gone();
      },
      { rules: [{ hang: true, deaf: true }] },
    ));

  test('goes on without the version of a kubectl that does not tell it', () =>
    detachedTest(
      async ({ run }) => {
        const { stdout, stderr, code } = await run([TARGET, '--detach', '--timeout', '1s']);
        assert.deepEqual([stderr, code], ['', 0]);
        assert.equal((await get(Number(/SERVICE_PORT='(\d+)'/.exec(stdout)?.[1]))).body, 'port 8080\n');
      },
      { rules: [{ match: 'version', hang: true }] },
    ));

  for (const how of ['gone', 'full'] as const) {
    test(`prints the variables although its stderr is ${how}`, () =>
      detachedTest(async ({ runUnheard }) => {
        const { code, said } = await runUnheard([TARGET, '--detach', '-p', ':grpc'], 'stderr', how);
        assert.match(said, /^export .*\n.*\n.*;\n$/);
        assert.equal(code, 0);
      }));
  }

  test('neither a record nor a message that cannot be written ends the session', { timeout: 60_000 }, () =>
    detachedTest(
      async ({ env, kubectl, connections }) => {
        const args = [BUNDLE, TARGET, '--export', '-o', 'json', '-n', 'x', '--context', 'y', '--timeout', '1s'];
        const full = openSync('/dev/full', 'w');
        const background = spawn(process.execPath, args, {
          env: { ...process.env, ...env, KUBECTL_PATH: kubectl },
          stdio: ['ignore', 'pipe', full],
        });
        closeSync(full);
        const ended = once(background, 'exit');
        assert.ok(background.stdout !== null);
        const { id } = JSON.parse(await text(background.stdout));
        // Nothing can be written in its place.
        mkdirSync(join(connections, `${id}.json.new`));
        // 1: the pod does not come back.
        assert.deepEqual(await ended, [1, null]);
      },
      { rules: [{ match: '--watch', stdout: deletedPod('example-go-1'), hang: true }] },
    ),
  );

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    test(`ends with ${code} when ${signal} interrupts the wait, and so does the background half`, () =>
      detachedTest(
        async ({ env, kubectl, files, mark }) => {
          const program = runProgram([TARGET, '--detach'], { kubectl, env });
          await mark.appears('port-forward');
          assert.deepEqual(await program.end(signal), { code, signal: null });
          assert.equal(program.stdout(), '');
          await mark.gone();
          assert.deepEqual(files(), []);
        },
        { rules: [{ match: 'port-forward', hang: true }] },
      ));
  }

  test('a reader of its output sees the end of it', { skip: missing('bash') }, () =>
    detachedTest(async ({ env, kubectl }) => {
      const command = `exec 3>&1; x=$("$NODE" "$BUNDLE" ${TARGET} --detach 2>&1 | cat); echo "$x" | wc -l`;
      const text = execFileSync('bash', ['-c', command], {
        env: { ...process.env, ...env, KUBECTL_PATH: kubectl, NODE: process.execPath, BUNDLE },
        encoding: 'utf8',
        timeout: 20_000,
      });
      // Three variables, and where the session is.
      assert.equal(text.trim(), '4');
    }),
  );

  const HOMES: readonly [
    title: string,
    env: (state: string) => Record<string, string | undefined>,
    outcome: RegExp | string,
  ][] = [
    [
      'a relative XDG_STATE_HOME counts as none',
      (state) => ({ XDG_STATE_HOME: 'state', HOME: state }),
      '.local/state/draft-connect',
    ],
    [
      'an empty XDG_STATE_HOME counts as none',
      (state) => ({ XDG_STATE_HOME: '', HOME: state }),
      '.local/state/draft-connect',
    ],
    ['a missing XDG_STATE_HOME is made', (state) => ({ XDG_STATE_HOME: join(state, 'a', 'b') }), 'a/b/draft-connect'],
    [
      'a file in the way is an error',
      (state) => ({ XDG_STATE_HOME: join(state, 'file') }),
      /^Error: cannot make .*file.*: there is a file where a directory is needed\nHint: .*XDG_STATE_HOME\n$/,
    ],
    [
      'a read-only place is an error',
      () => ({ XDG_STATE_HOME: '/proc' }),
      /^Error: cannot make \/proc\/.*\nHint: .*XDG_STATE_HOME\n$/,
    ],
  ];
  for (const [title, env, outcome] of HOMES) {
    test(title, () =>
      detachedTest(async ({ run, state }) => {
        writeFileSync(join(state, 'file'), '');
        const end = await run([TARGET, '--detach'], env(state));
        if (typeof outcome === 'string') {
          assert.equal(end.code, 0, end.stderr);
          assert.ok(statSync(join(state, outcome, 'connections')).isDirectory());
        } else {
          assert.deepEqual([end.code, end.stdout], [1, '']);
          assert.match(end.stderr, outcome);
        }
      }),
    );
  }

  test('without HOME the home directory is the one the system knows', () =>
    detachedTest(async ({ run }) => {
      const { code, stderr } = await run(['list'], { HOME: undefined, XDG_STATE_HOME: undefined });
      assert.deepEqual([code, stderr.includes('Error')], [0, false]);
    }));

  test('a directory that nothing can be written to is an error', () =>
    detachedTest(async ({ env, kubectl, state, connections }) => {
      mkdirSync(connections, { recursive: true, mode: 0o700 });
      // Root may write everywhere.
      const uid = process.getuid?.() === 0 ? 65_534 : process.getuid?.();
      if (process.getuid?.() === 0) execFileSync('chown', ['-R', String(uid), state]);
      chmodSync(connections, 0o500);
      const { status, stdout, stderr } = spawnSync(process.execPath, [BUNDLE, TARGET, '--detach'], {
        env: { ...process.env, ...env, KUBECTL_PATH: kubectl },
        uid,
        encoding: 'utf8',
      });
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(stderr, /^Error: cannot make .*\.log: permission denied\nHint: .*XDG_STATE_HOME\n$/);
    }));

  test('a directory of somebody else is an error', { skip: process.getuid?.() !== 0 && 'needs root' }, () =>
    detachedTest(async ({ run, state }) => {
      const own = join(state, 'draft-connect');
      mkdirSync(own);
      execFileSync('chown', ['65534', own]);
      const { code, stdout, stderr } = await run([TARGET, '--detach']);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /^Error: the directory .* belongs to another user\n/);
      chmodSync(own, 0o700);
    }),
  );
});

describe('in a terminal', () => {
  for (const shell of ['bash', 'zsh'] as const) {
    const skip = missing('tmux', shell, 'curl', 'ps');
    test(`the reference text's lines work in ${shell}`, { skip }, () =>
      detachedTest(async ({ env, kubectl, mark }) => {
        const terminal = openTerminal(BARE[shell], { ...env, KUBECTL_PATH: kubectl, P: BUNDLE });
        terminal.type(`eval $($P ${TARGET} -p 18081:8080 -c go --detach); echo status $?`);
        await terminal.sees(/status 0/);
        terminal.type('curl -s localhost:18081; env | grep ^EXAMPLE_GO | wc -l');
        await terminal.sees(/port 8080\n *3/);
        // Keys at the prompt and for a foreground job are not for the background half.
        for (const key of ['C-c', 'C-z', 'C-\\']) {
          terminal.press(key);
          terminal.type('sleep 1000');
          // What a shell makes of a key at its prompt cannot be seen.
          await delay(200);
          terminal.press(key);
        }
        terminal.type('clear; jobs -p; curl -s localhost:18081; ps -a | grep -c draft');
        await terminal.sees(/port 8080\n1\n/);
        terminal.type("kill $(ps -a | grep -m1 draft | awk '{print $1}'); echo kill $?");
        await terminal.sees(/^kill 0$/m);
        await mark.gone(/^\d+ (tmux|sh -c|bash|zsh|sleep|-)/);
        terminal.close();
      }),
    );
  }

  test('a session survives the end of its terminal', { skip: missing('tmux', 'bash') }, () =>
    detachedTest(async ({ env, kubectl, run, mark }) => {
      const terminal = openTerminal(BARE.bash, { ...env, KUBECTL_PATH: kubectl, P: BUNDLE });
      terminal.type(`eval $($P ${TARGET} --detach); echo port $EXAMPLE_GO_1_GO_SERVICE_PORT`);
      const port = (await terminal.sees(/^port (\d+)/m))[1];
      terminal.close();
      await eventually(
        () => !mark.living().some((line) => line.includes(' bash ')),
        () => `still there: ${mark.living().join()}`,
      );
      assert.equal((await get(Number(port))).body, 'port 8080\n');
      assert.match((await run(['list'])).stdout, /Connected/);
      assert.match((await run(['stop', 'example-go-1'])).stdout, /stopped/);
      await mark.gone();
    }),
  );
});
