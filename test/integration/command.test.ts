// `-- COMMAND`: its variables, its terminal, its signals, its exit status.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { eventually } from '../harness/eventually.ts';
import { deletedPod, withFake } from '../harness/fake-kubectl.ts';
import { BUNDLE, makeFolder, runProgram, runToEnd } from '../harness/program.ts';
import { openTerminal } from '../harness/tmux.ts';
import { LINUX_ONLY, missing } from '../harness/tools.ts';

const TARGET = 'pod/example-go-1';

function run(script: string, before: readonly string[] = []) {
  const { options, mark } = withFake();
  return { program: runProgram([TARGET, ...before, '--', 'sh', '-c', script], { ...options, ownSession: true }), mark };
}

const STATUSES: readonly [script: string, code: number][] = [
  ['exit 0', 0],
  ['exit 7', 7],
  ['exit 255', 255],
  ['kill -KILL $$', 137],
  ['kill -TERM $$', 143],
  ['kill -SEGV $$', 139],
];

for (const [script, code] of STATUSES) {
  test(`after \`${script}\` the exit status is ${code}, and nothing is left`, LINUX_ONLY, async () => {
    const { program, mark } = run(script);
    assert.deepEqual(await program.ended, { code, signal: null });
    await mark.gone();
  });
}

test('a command finds the tunnels by its variables, and stdout is its own', { skip: missing('curl') }, async () => {
  const { options } = withFake({
    pod: { containers: [{ name: 'go', ports: [{ containerPort: 8080, name: 'http' }] }] },
  });
  const script =
    'env | grep ^EXAMPLE | sort; curl -s http://$EXAMPLE_GO_1_GO_SERVICE_HOST:$EXAMPLE_GO_1_GO_SERVICE_PORT_HTTP';
  const { stdout, code } = await runToEnd([TARGET, '--', 'sh', '-c', script], options);
  const port = /_PORT=(\d+)/.exec(stdout)?.[1];
  assert.equal(
    stdout,
    [
      'EXAMPLE_GO_1_GO_SERVICE_HOST=localhost',
      `EXAMPLE_GO_1_GO_SERVICE_PORT=${port}`,
      `EXAMPLE_GO_1_GO_SERVICE_PORT_8080=${port}`,
      `EXAMPLE_GO_1_GO_SERVICE_PORT_HTTP=${port}`,
      'port 8080\n',
    ].join('\n'),
  );
  assert.equal(code, 0);
});

test('a command runs although stderr is full', LINUX_ONLY, () => {
  const { options } = withFake();
  const full = openSync('/dev/full', 'w');
  const { status, stdout } = spawnSync(process.execPath, [BUNDLE, TARGET, '-o', 'json', '--', 'echo', 'run'], {
    env: { ...process.env, KUBECTL_PATH: options.kubectl, ...options.env },
    stdio: ['ignore', 'pipe', full],
    encoding: 'utf8',
  });
  closeSync(full);
  assert.deepEqual([stdout, status], ['run\n', 0]);
});

test('arguments reach the command as they are, without a shell', async () => {
  const { options } = withFake();
  const args = ['$HOME', "a'b", 'x y', '*', '', '--detach', '-o', 'json', '--'];
  const { stdout } = await runToEnd([TARGET, '--', 'printf', '[%s]', ...args], options);
  assert.equal(stdout, args.map((arg) => `[${arg}]`).join(''));
});

test('a command reads our stdin', async () => {
  const { options } = withFake();
  const child = spawn(process.execPath, [BUNDLE, TARGET, '--', 'cat'], {
    env: { ...process.env, KUBECTL_PATH: options.kubectl, ...options.env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.end('one\ntwo\n');
  let text = '';
  for await (const chunk of child.stdout) text += String(chunk);
  assert.equal(text, 'one\ntwo\n');
});

test('a command that is not found is an error with exit status 127, one that is no program 126', async () => {
  const folder = makeFolder({ plain: 'text', 'no-interpreter': '#!/nowhere/sh\n' });
  chmodSync(join(folder.path, 'no-interpreter'), 0o755);
  const cases = [
    ['no-such-command', 127, "Error: command not found: 'no-such-command'\n"],
    [join(folder.path, 'plain'), 126, `Error: cannot run '${join(folder.path, 'plain')}': it is not executable\n`],
    [
      join(folder.path, 'no-interpreter'),
      127,
      `Error: cannot run '${join(folder.path, 'no-interpreter')}': the interpreter in its first line does not exist\n`,
    ],
    [join(folder.path, 'none'), 127, `Error: command not found: '${join(folder.path, 'none')}'\n`],
  ] as const;
  for (const [command, code, message] of cases) {
    const { options } = withFake();
    const end = await runToEnd([TARGET, '--', command], options);
    assert.equal(end.code, code);
    assert.ok(end.stderr.includes(message), end.stderr);
    assert.equal(end.stdout, '');
  }
  folder.remove();
});

describe('without a terminal', LINUX_ONLY, () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const) {
    test(`${signal} reaches the command once, and the program ends when the command does`, async () => {
      // What comes after it: a second one that we had sent would be there before.
      const marker = signal === 'SIGUSR2' ? 'SIGUSR1' : 'SIGUSR2';
      const { program, mark } = run(
        `trap 'n=1$n; echo got' ${signal.slice(3)}; trap 'exit 4$n' ${marker.slice(3)}; echo ready; while :; do sleep 0.05; done`,
      );
      await program.sees('stdout', /ready/);
      program.child.kill(signal);
      await program.sees('stdout', /got/);
      program.child.kill(marker);
      assert.deepEqual(await program.ended, { code: 41, signal: null });
      assert.equal(program.stdout(), 'ready\ngot\n');
      await mark.gone();
    });
  }

  test('a command that ends on no signal is killed after the second one', async () => {
    const { program, mark } = run("trap 'echo got' TERM; echo ready; while :; do sleep 0.1; done");
    await program.sees('stdout', /ready/);
    program.child.kill('SIGTERM');
    await program.sees('stdout', /got/);
    assert.deepEqual(await program.end('SIGTERM'), { code: 137, signal: null });
    await mark.gone();
  });

  test('a command that handles SIGHUP may get any number of them, and what it leaves later goes on', async () => {
    const { program, mark } = run(
      "trap 'echo got' HUP; sleep 1000 >/dev/null 2>&1 & trap 'exit 5' USR1; echo ready; while :; do sleep 0.1; done",
    );
    await program.sees('stdout', /ready/);
    for (const times of [1, 2, 3]) {
      program.child.kill('SIGHUP');
      await program.sees('stdout', new RegExp(`(?:got\n){${times}}`));
    }
    program.child.kill('SIGUSR1');
    assert.deepEqual(await program.ended, { code: 5, signal: null });
    await mark.gone(/^\d+ sleep 1000/);
    assert.equal(mark.living().length, 1);
    mark.kill();
  });

  test('what a command that ends by itself has left running goes on', async () => {
    const { program, mark } = run('sleep 1000 >/dev/null 2>&1 & exit 0');
    assert.deepEqual(await program.ended, { code: 0, signal: null });
    // Nobody is there any more who could end it.
    await mark.gone(/^\d+ sleep 1000/);
    assert.equal(mark.living().length, 1);
    mark.kill();
  });

  const LEAVING = `{ sleep 1000 & setsid sleep 1000 & sh -c "trap '' TERM HUP INT; sleep 1000; sleep 1000" & } >/dev/null 2>&1; echo ready; wait`;

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    test(`what a command has started ends with it after ${signal}`, async () => {
      const { program, mark } = run(LEAVING);
      await program.sees('stdout', /ready/);
      assert.deepEqual(await program.end(signal), { code, signal: null });
      await mark.gone();
    });
  }

  test('what a command has started ends with it when the pod is gone for good', async () => {
    const { options, mark } = withFake({
      rules: [{ match: '--watch', stdout: deletedPod('example-go-1'), hang: true }],
    });
    const program = runProgram([TARGET, '--timeout', '1s', '--', 'sh', '-c', LEAVING], options);
    assert.deepEqual(await program.ended, { code: 1, signal: null });
    assert.match(program.stderr(), /^Error: pod example-go-1 was deleted$/m);
    await mark.gone();
  });

  test('what another command has started is left alone', async () => {
    const other = run('sleep 1000 & echo ready; wait');
    const { program, mark } = run(LEAVING);
    await Promise.all([program.sees('stdout', /ready/), other.program.sees('stdout', /ready/)]);
    await program.end('SIGTERM');
    await mark.gone();
    assert.equal(other.mark.living().filter((line) => /^\d+ sleep 1000 $/.test(line)).length, 1);
    await other.program.end('SIGTERM');
  });

  test('killed with SIGKILL, the program takes the command and all of its processes along', async () => {
    for (const script of [
      'echo ready; sleep 1000',
      "trap '' TERM HUP INT; echo ready; sleep 1000 & sleep 1000; sleep 1000",
      'setsid sleep 1000 & echo ready; wait',
    ]) {
      const { program, mark } = run(script);
      await program.sees('stdout', /ready/);
      program.child.kill('SIGKILL');
      await mark.gone();
    }
  });
});

describe('in a terminal', { skip: missing('tmux', 'bash') }, () => {
  const { options, mark } = withFake();
  const environment = { ...options.env, KUBECTL_PATH: options.kubectl };
  /** A signal that only we pass on, for the command to end with: what we had sent it besides Ctrl-C would be there before. */
  const sendMarker = async () => process.kill((await mark.appears(BUNDLE)).pid, 'SIGUSR2');

  test('the command alone gets Ctrl-C, and gets it once', async () => {
    const folder = makeFolder();
    const script = join(folder.path, 'script');
    writeFileSync(
      script,
      'trap "echo got >>$0.log" INT\ntrap "exit 6" USR2\necho re""ady\nwhile :; do sleep 0.1; done\n',
    );
    writeFileSync(`${script}.log`, '');
    const terminal = openTerminal('bash --norc', environment);
    terminal.type(`${BUNDLE} ${TARGET} -- sh ${script}; echo status $?`);
    await terminal.sees(/ready/);
    for (const heard of ['got\n', 'got\ngot\n']) {
      terminal.press('C-c');
      await eventually(
        () => readFileSync(`${script}.log`, 'utf8').length >= heard.length,
        () => terminal.screen(),
      );
    }
    await sendMarker();
    await terminal.sees(/status 6/);
    assert.equal(readFileSync(`${script}.log`, 'utf8'), 'got\ngot\n');
    terminal.close();
    await mark.gone();
    folder.remove();
  });

  // A shell would take two that come together for one.
  const COUNTING = `const { appendFileSync: append, writeFileSync } = require('node:fs');
process.on('SIGINT', () => append(__filename + '.log', 'got\\n'));
process.on('SIGUSR2', () => process.exit(6));
setInterval(() => {}, 1 << 30);
writeFileSync(__filename + '.ready', '');`;
  const WAYS: readonly [title: string, how: string, interrupt: string][] = [
    ['Ctrl-C reaches a command once that has no output in the terminal', '</dev/null >/dev/null 2>&1', ''],
    ['a signal reaches a command in the background of a terminal', '&', 'kill -INT $!; wait $!'],
  ];
  for (const [title, how, interrupt] of WAYS) {
    test(title, LINUX_ONLY, async () => {
      const folder = makeFolder();
      const script = join(folder.path, 'script.cjs');
      writeFileSync(script, COUNTING);
      const terminal = openTerminal('bash --norc', environment);
      terminal.type(`${BUNDLE} ${TARGET} -- node ${script} ${how}`);
      const written = (name: string) =>
        eventually(
          () => existsSync(`${script}.${name}`),
          () => `${name}: ${terminal.screen()}`,
        );
      await written('ready');
      if (interrupt === '') terminal.press('C-c');
      else terminal.type(interrupt);
      await written('log');
      await sendMarker();
      terminal.type('echo status $?');
      await terminal.sees(/status 6/);
      assert.equal(readFileSync(`${script}.log`, 'utf8'), 'got\n');
      terminal.close();
      await mark.gone();
      folder.remove();
    });
  }

  test('a command has the terminal, and Ctrl-C ends it as it would without us', async () => {
    const terminal = openTerminal('bash --norc', environment);
    terminal.type(
      `${BUNDLE} ${TARGET} -- sh -c 'test -t 0 && test -t 1 && test -t 2 && echo rea""dy && read x && echo "$x" is re""ad; exec sleep 1000'; echo status $?`,
    );
    await terminal.sees(/ready/);
    terminal.type('hello');
    await terminal.sees(/hello is read/);
    terminal.press('C-c');
    await terminal.sees(/status 130/);
    terminal.close();
    await mark.gone();
  });

  test('Ctrl-C on a plain session is quiet, and a closed terminal leaves nothing', async () => {
    const terminal = openTerminal('bash --norc', environment);
    terminal.type(`clear; ${BUNDLE} ${TARGET}; echo status $?`);
    await terminal.sees(/hello from go/);
    terminal.press('C-c');
    await terminal.sees(/status 0/);
    assert.match(
      terminal.screen(),
      /^\* pod example-go-1 in namespace default \(context fake\)\nConnect to go:8080 on localhost:\d+\n\* h and Enter lists the keys\n\[go\]: hello from go\n\^Cstatus 0\n/,
    );
    terminal.type(`clear; ${BUNDLE} ${TARGET}; echo status $?`);
    await terminal.sees(/^Connect to.*\n.*\n\[go\]: hello/m);
    terminal.close();
    await mark.gone();
  });
});
