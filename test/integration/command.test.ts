// `-- COMMAND`: its variables, its terminal, its signals, its exit status.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { deletedPod, withFake } from '../harness/fake-kubectl.ts';
import { BUNDLE, makeFolder, runProgram, runToEnd } from '../harness/program.ts';
import { NO_TMUX, openTerminal } from '../harness/tmux.ts';

const TARGET = 'pod/example-go-1';
const linux = { skip: process.platform !== 'linux' && 'looks at processes through /proc' };

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
  test(`after \`${script}\` the exit status is ${code}, and nothing is left`, linux, async () => {
    const { program, mark } = run(script);
    assert.deepEqual(await program.ended, { code, signal: null });
    assert.deepEqual(await mark.leftAfter(500), []);
  });
}

test('a command finds the tunnels by its variables, and stdout is its own', async () => {
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

test('a command runs although nobody takes what is said on stderr', linux, () => {
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
      `Error: cannot run '${join(folder.path, 'no-interpreter')}': its interpreter (first line) is not there\n`,
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

describe('without a terminal', linux, () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const) {
    test(`${signal} reaches the command, once, and its end is the end`, async () => {
      const name = signal.slice(3);
      const { program, mark } = run(
        `trap 'echo got; n=1$n' ${name}; echo ready; while [ -z "$n" ]; do sleep 0.05; done; sleep 0.3; exit 4$n`,
      );
      await program.sees('stdout', /ready/);
      program.child.kill(signal);
      assert.deepEqual(await program.ended, { code: 41, signal: null });
      assert.equal(program.stdout(), 'ready\ngot\n');
      assert.deepEqual(await mark.leftAfter(500), []);
    });
  }

  test('a command that ignores signals is killed two seconds after the second one', async () => {
    const { program, mark } = run("trap '' TERM; echo ready; while :; do sleep 0.1; done");
    await program.sees('stdout', /ready/);
    program.child.kill('SIGTERM');
    await delay(100);
    assert.deepEqual(await program.end('SIGTERM'), { code: 137, signal: null });
    assert.deepEqual(await mark.leftAfter(500), []);
  });

  test('what a command leaves running when it ends by itself goes on', async () => {
    const { program, mark } = run('sleep 2.5 >/dev/null 2>&1 & exit 0');
    assert.deepEqual(await program.ended, { code: 0, signal: null });
    await delay(500);
    assert.equal(mark.living().filter((line) => line.includes('sleep 2.5')).length, 1);
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
      assert.deepEqual(await mark.leftAfter(1000), []);
    });
  }

  test('what a command has started ends with it when the pod is gone for good', async () => {
    const { options, mark } = withFake({
      rules: [{ match: '--watch', stdout: deletedPod('example-go-1'), hang: true }],
    });
    const program = runProgram([TARGET, '--timeout', '1s', '--', 'sh', '-c', LEAVING], options);
    assert.deepEqual(await program.ended, { code: 1, signal: null });
    assert.match(program.stderr(), /^Error: pod example-go-1 was deleted$/m);
    assert.deepEqual(await mark.leftAfter(1000), []);
  });

  test('what another command has started is left alone', async () => {
    const other = run('sleep 1000 & echo ready; wait');
    const { program } = run(LEAVING);
    await Promise.all([program.sees('stdout', /ready/), other.program.sees('stdout', /ready/)]);
    await program.end('SIGTERM');
    await delay(500);
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
      assert.deepEqual(await mark.leftAfter(1000), [], script);
    }
  });
});

describe('in a terminal', { skip: NO_TMUX }, () => {
  const { options, mark } = withFake();
  const environment = { ...options.env, KUBECTL_PATH: options.kubectl };

  test("Ctrl-C is the command's alone, which gets it once", async () => {
    const folder = makeFolder();
    const script = join(folder.path, 'script');
    writeFileSync(
      script,
      'trap "echo got >>$0.log" INT\necho re""ady\nfor i in 1 2 3 4 5 6 7 8; do sleep 0.3; done\nexit 6\n',
    );
    const terminal = openTerminal('bash --norc', environment);
    terminal.type(`${BUNDLE} ${TARGET} -- sh ${script}; echo status $?`);
    await terminal.sees(/ready/);
    terminal.press('C-c');
    await delay(600);
    terminal.press('C-c');
    await terminal.sees(/status 6/);
    assert.equal(readFileSync(`${script}.log`, 'utf8'), 'got\ngot\n');
    terminal.close();
    assert.deepEqual(await mark.leftAfter(1000), []);
    folder.remove();
  });

  // A shell would take two that come together for one.
  const COUNTING = `const { appendFileSync: append, writeFileSync } = require('node:fs');
process.on('SIGINT', () => append(__filename + '.log', 'got\\n'));
writeFileSync(__filename + '.ready', '');
setTimeout(() => process.exit(6), 1500);`;
  const WAYS: readonly [title: string, how: string, interrupt: string][] = [
    ['Ctrl-C reaches a command once that has no output in the terminal', '</dev/null >/dev/null 2>&1', ''],
    ['a signal reaches a command in the background of a terminal', '&', 'kill -INT $!; wait $!'],
  ];
  for (const [title, how, interrupt] of WAYS) {
    test(title, linux, async () => {
      const folder = makeFolder();
      const script = join(folder.path, 'script.cjs');
      writeFileSync(script, COUNTING);
      const terminal = openTerminal('bash --norc', environment);
      terminal.type(`${BUNDLE} ${TARGET} -- node ${script} ${how}`);
      while (!existsSync(`${script}.ready`)) await delay(20);
      if (interrupt === '') terminal.press('C-c');
      else terminal.type(interrupt);
      terminal.type('echo status $?');
      await terminal.sees(/status 6/);
      assert.equal(readFileSync(`${script}.log`, 'utf8'), 'got\n');
      terminal.close();
      assert.deepEqual(await mark.leftAfter(1000), []);
      folder.remove();
    });
  }

  test('a command has the terminal, and Ctrl-C ends it as it would without us', async () => {
    const terminal = openTerminal('bash --norc', environment);
    terminal.type(
      `${BUNDLE} ${TARGET} -- sh -c 'test -t 0 && test -t 1 && test -t 2 && read x && echo "$x" is re""ad; exec sleep 1000'; echo status $?`,
    );
    await terminal.sees(/Connect to/);
    await delay(200);
    terminal.type('hello');
    await terminal.sees(/hello is read/);
    terminal.press('C-c');
    await terminal.sees(/status 130/);
    terminal.close();
    assert.deepEqual(await mark.leftAfter(1000), []);
  });

  test('Ctrl-C on a plain connection is quiet, and a closed terminal leaves nothing', async () => {
    const terminal = openTerminal('bash --norc', environment);
    terminal.type(`clear; ${BUNDLE} ${TARGET}; echo status $?`);
    await terminal.sees(/hello from go/);
    terminal.press('C-c');
    await terminal.sees(/status 0/);
    assert.match(terminal.screen(), /^Connect to go:8080 on localhost:\d+\n\[go\]: hello from go\n\^Cstatus 0\n/);
    terminal.type(`clear; ${BUNDLE} ${TARGET}; echo status $?`);
    await terminal.sees(/^Connect to.*\n\[go\]: hello/);
    terminal.close();
    assert.deepEqual(await mark.leftAfter(1000), []);
  });
});
