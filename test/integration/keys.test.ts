// What is typed into the terminal of a session, and what a session does to its terminal.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { eventually } from '../harness/eventually.ts';
import { deletedPod, withFake } from '../harness/fake-kubectl.ts';
import { BUNDLE, makeFolder, runToEnd } from '../harness/program.ts';
import { openTerminal, type Terminal } from '../harness/tmux.ts';
import { missing } from '../harness/tools.ts';

const TARGET = 'pod/example-go-1';
const CONNECTED = /Connect to .*\n.*h and Enter lists the keys\n\[go\]: hello from go\n/;

describe('keys', { skip: missing('tmux', 'bash'), concurrency: 3 }, () => {
  const folder = makeFolder();
  after(() => folder.remove());

  /** A shell in a terminal, with the program's own name for what the tests type. */
  function open(script: Parameters<typeof withFake>[0] = {}, opener?: string) {
    const { options, mark } = withFake(script);
    const opened = join(folder.path, `opened-${Math.random()}`);
    const bin = makeFolder(opener === undefined ? {} : { 'xdg-open': opener, open: opener });
    if (opener !== undefined) for (const name of ['xdg-open', 'open']) chmodSync(join(bin.path, name), 0o755);
    const path = [bin.path, ...(process.env['PATH'] ?? '').split(delimiter)].join(delimiter);
    const env = { ...options.env, KUBECTL_PATH: options.kubectl, PATH: path, OPENED: opened, TERM: 'xterm-256color' };
    const terminal = openTerminal('bash --norc', env);
    return {
      terminal,
      opened,
      mark,
      async end() {
        terminal.close();
        bin.remove();
        await mark.gone();
      },
    };
  }
  async function connected(terminal: Terminal, how = ''): Promise<void> {
    terminal.type(`clear; ${BUNDLE} ${TARGET} ${how}; echo status $?`);
    await terminal.sees(CONNECTED);
  }

  test('h lists the keys, u tells the URLs again, Enter spaces the log and q ends', async () => {
    const { terminal, end } = open();
    await connected(terminal);
    terminal.type('');
    terminal.type('h');
    await terminal.sees(/hello from go\n\nh\n.*u and Enter: [\s\S]*q and Enter: end\n/);
    terminal.type('u');
    await terminal.sees(/\nu\nConnect to go:8080 on localhost:\d+\n/);
    terminal.type('anything');
    terminal.type('q');
    await terminal.sees(/\nanything\nq\nstatus 0\n/);
    await end();
  });

  test('all tunnels come before the line about the keys', async () => {
    const { terminal, end } = open({
      pod: { containers: [{ name: 'go', ports: Array.from({ length: 5 }, (_, i) => 8080 + i) }] },
    });
    terminal.type(`clear; ${BUNDLE} ${TARGET}; echo status $?`);
    await terminal.sees(/(Connect to go:\d+ on .*\n){5}.*h and Enter lists the keys\n/);
    terminal.type('q');
    await terminal.sees(/status 0\n/);
    await end();
  });

  test('c clears the screen', async () => {
    const { terminal, end } = open();
    await connected(terminal);
    terminal.type('c');
    await eventually(
      () => !/Connect to/.test(terminal.screen()),
      () => terminal.screen(),
    );
    terminal.press('C-c');
    await terminal.sees(/\^Cstatus 0\n/);
    await end();
  });

  test('o opens the first URL in the browser, which lives on', async () => {
    const opener = '#!/bin/sh\necho "$1" >$OPENED.url\nsleep 0.3\nmv $OPENED.url $OPENED\n';
    const { terminal, opened, end } = open({}, opener);
    await connected(terminal);
    terminal.type('o');
    await eventually(
      () => existsSync(`${opened}.url`) || existsSync(opened),
      () => terminal.screen(),
    );
    terminal.type('q');
    await terminal.sees(/status 0\n/);
    await eventually(
      () => existsSync(opened),
      () => 'the browser was ended',
    );
    assert.match(readFileSync(opened, 'utf8'), /^http:\/\/localhost:\d+\n$/);
    await end();
  });

  const troubles: readonly (readonly [title: string, port: number, opener: string, said: RegExp])[] = [
    ['no port speaks HTTP', 5432, '#!/bin/sh\n', /\* no port is likely to speak HTTP/],
    [
      'the browser fails',
      8080,
      '#!/bin/sh\nexit 3\n',
      /! Warning: cannot open http:\/\/localhost:\d+ in a browser: \S+ ended with exit status 3/,
    ],
  ];
  for (const [title, port, opener, said] of troubles) {
    test(`when ${title}, o says so`, async () => {
      const { terminal, end } = open({ pod: { containers: [{ name: 'go', ports: [port] }] } }, opener);
      await connected(terminal);
      terminal.type('o');
      await terminal.sees(said);
      terminal.press('C-c');
      await terminal.sees(/status 0\n/);
      await end();
    });
  }

  test('Ctrl-Z stops it, in the background it runs on, and in the foreground the keys work again', async () => {
    const { terminal, end } = open();
    await connected(terminal);
    terminal.press('C-z');
    await terminal.sees(/Stopped/);
    terminal.type('bg; echo typ""ed in the shell; jobs');
    await terminal.sees(/typed in the shell\n\[1\]\+ {2}Running/);
    terminal.type('fg');
    await eventually(
      () => {
        terminal.type('h');
        return /u and Enter: /.test(terminal.screen());
      },
      () => terminal.screen(),
    );
    terminal.type('q');
    await terminal.sees(/\nq\n/);
    await end();
  });

  test('started in the background it is not stopped, and has keys once it is in the foreground', async () => {
    const { terminal, end } = open();
    terminal.type(`clear; ${BUNDLE} ${TARGET} &`);
    await terminal.sees(/hello from go\n/);
    for (const word of ['one', 'two', 'three']) terminal.type(`echo sh""ell ${word}`);
    await terminal.sees(/shell three\n/);
    terminal.type('jobs');
    await terminal.sees(/\[1\]\+ {2}Running/);
    terminal.type('fg');
    await eventually(
      () => {
        terminal.type('u');
        return /\nu\n[\s\S]*Connect to go/.test(terminal.screen());
      },
      () => terminal.screen(),
    );
    terminal.type('q');
    await terminal.sees(/\nq\n/);
    await end();
  });

  test('killed, it leaves the terminal as it was and nobody who reads there', async () => {
    const { terminal, mark, end } = open();
    terminal.type('stty -a >$OPENED.before');
    await connected(terminal);
    process.kill((await mark.appears(BUNDLE)).pid, 'SIGKILL');
    await terminal.sees(/status 137\n/);
    // What is left is this terminal.
    await eventually(
      () => mark.living().every((line) => /^\d+ (tmux|bash) /.test(line)),
      () => mark.living().join('\n'),
    );
    terminal.type('stty -a | cmp - $OPENED.before && echo sa""me');
    await terminal.sees(/\nsame\n/);
    await end();
  });

  test('what is typed after q is for the shell', async () => {
    const { terminal, end } = open();
    await connected(terminal);
    terminal.write('q\necho ty""ped\n');
    await terminal.sees(/status 0\n(.*\n)*typed\n/);
    await end();
  });

  test('a program that has started it, and reads itself, gets all that is typed', async () => {
    const { terminal, end } = open();
    const script = `${BUNDLE} ${TARGET} <&0 & read -r a; read -r b; echo got $a $b; kill $!; wait $!; echo status $?`;
    terminal.type(`clear; bash -c '${script}'`);
    await terminal.sees(/hello from go\n/);
    assert.doesNotMatch(terminal.screen(), /h and Enter/);
    terminal.type('h');
    terminal.type('q');
    await terminal.sees(/got h q\nstatus 0\n/);
    await end();
  });

  const without: readonly (readonly [title: string, how: string])[] = [
    ['stdin from a file', `<${BUNDLE}`],
    ['a closed stdin', '<&-'],
    ['stdout in a pipe', '| cat'],
    ['JSON', '-o json'],
  ];
  for (const [title, how] of without) {
    test(`with ${title} there are no keys and no error`, async () => {
      const { terminal, end } = open();
      terminal.type(`clear; ${BUNDLE} ${TARGET} ${how}`);
      await terminal.sees(/hello from go/);
      assert.doesNotMatch(terminal.screen(), /h and Enter|Error/);
      terminal.press('C-c');
      terminal.type('echo status""');
      await terminal.sees(/status\n/);
      await end();
    });
  }

  test('while a command has the terminal no status line comes into it', async () => {
    const calls = join(folder.path, 'calls');
    const rules = [{ match: '--watch', stdout: deletedPod('example-go-1'), hang: true }];
    const { terminal, end } = open({ calls, rules });
    terminal.type(`clear; ${BUNDLE} ${TARGET} -- sh -c 'echo re""ady; read -r line; exit 4'; echo status $?`);
    await terminal.sees(/ready\n/);
    // By then it has heard of the deletion, since it asks whether the pod is really gone.
    await eventually(
      () => /--watch [\s\S]* get pod\//.test(readFileSync(calls, 'utf8')),
      () => readFileSync(calls, 'utf8'),
    );
    assert.doesNotMatch(terminal.screen(), /!/);
    terminal.type('h');
    await terminal.sees(/\nready\nh\n! pod example-go-1 .*\nstatus 4\n/);
    await end();
  });

  test('--quiet leaves the status lines out', async () => {
    const { options } = withFake();
    const end = await runToEnd([TARGET, '-q', '--', 'true'], options);
    assert.deepEqual([end.code, end.stderr.replace(/^Connect to .*\n/, '')], [0, '']);
  });
});
