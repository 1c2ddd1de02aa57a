// How children end: asked, deaf, wrapped, and when the program that started them is killed.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { build } from 'esbuild';
import { DEFINITIONS } from '../../scripts/build.ts';
import { startChild, takeOver } from '../../src/processes/child.ts';
import { startEarly } from '../../src/processes/early-child.ts';
import { createWatchdog } from '../../src/processes/watchdog.ts';
import { eventually } from '../harness/eventually.ts';
import { newMark } from '../harness/processes.ts';
import { LINUX_ONLY, missing, which } from '../harness/tools.ts';

const directory = mkdtempSync(join(tmpdir(), 'ending-'));
const host = join(directory, 'host.cjs');

before(() =>
  build({
    entryPoints: [new URL('ending-host.ts', import.meta.url).pathname],
    outfile: host,
    bundle: true,
    platform: 'node',
    define: DEFINITIONS,
  }),
);

const hosts: ChildProcess[] = [];
after(() => {
  for (const child of hosts) child.kill('SIGKILL');
});

function startHost(scripts: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [host, ...scripts], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  hosts.push(child);
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    child,
    exited,
    order: (line: string) => child.stdin.write(`${line}\n`),
    said: (word: string) =>
      eventually(
        () => text.includes(word),
        () => `${word} in ${text}`,
      ),
  };
}

/** In a command line: the shell that ends our children when we cannot. */
const WATCHDOG = /trap/;

/** A shell script that prints `up` once it runs in a session of its own, and stays. */
const IN_OWN_SESSION = "setsid sh -c 'echo up; exec sleep 1000'";

/** As `startEarly`, with all that it starts marked, the watchdog too if there was none before. */
function startMarkedEarly(program: string, args: readonly string[]) {
  const mark = newMark();
  Object.assign(process.env, mark.env);
  const early = startEarly(program, args);
  for (const name of Object.keys(mark.env)) delete process.env[name];
  return { early, mark };
}

const STARTS: readonly [title: string, program: string, args: string[], expected: Record<string, unknown>][] = [
  ['an exit status', 'sh', ['-c', 'exit 7'], { exitCode: 7, signal: undefined, startError: undefined }],
  ['a signal', 'sh', ['-c', 'kill -9 $$'], { exitCode: undefined, signal: 'SIGKILL', startError: undefined }],
  ['a missing program', 'no-such-program', [], { exitCode: undefined, signal: undefined, startError: 'ENOENT' }],
  [
    'a file that is not executable',
    '/etc/passwd',
    [],
    { exitCode: undefined, signal: undefined, startError: 'EACCES' },
  ],
  ['a missing directory', '/nowhere/x', [], { exitCode: undefined, signal: undefined, startError: 'ENOENT' }],
  ['an impossible argument', 'sh', ['a\0b'], { exitCode: undefined, signal: undefined, startError: undefined }],
];

for (const [title, program, args, expected] of STARTS) {
  test(`startChild tells of ${title} and throws nothing`, async () => {
    const child = startChild(program, args);
    child.stdout.resume();
    const { exitCode, signal, startError } = await child.ended;
    assert.deepEqual({ exitCode, signal, startError: startError?.code }, expected);
    if (exitCode === undefined && signal === undefined) assert.ok(startError instanceof Error);
    await child.stop();
  });

  for (const when of ['at once', 'when it has ended']) {
    test(`a child that was started early and is taken over ${when} tells of ${title}`, async () => {
      const { early, mark } = startMarkedEarly(program, args);
      if (when === 'when it has ended') await mark.gone(WATCHDOG);
      // What cannot be started early is started again.
      const child = early === undefined ? startChild(program, args) : takeOver(early);
      child.stdout.resume();
      const { exitCode, signal, startError } = await child.ended;
      assert.deepEqual({ exitCode, signal, startError: startError?.code }, expected);
      await child.stop();
    });
  }
}

test('what a child says before it is taken over is not lost', async () => {
  const { early, mark } = startMarkedEarly('sh', ['-c', 'echo early']);
  assert.ok(early);
  await mark.gone(WATCHDOG);
  assert.equal(await text(takeOver(early).stdout), 'early\n');
});

test('a wrapper that ended before it was taken over leaves nothing that holds its outputs', LINUX_ONLY, async () => {
  const script = 'sleep 1000 & echo up';
  const { early, mark } = startMarkedEarly('sh', ['-c', script]);
  assert.ok(early);
  await mark.appears('sleep 1000');
  await mark.gone(/trap|^\d+ sleep 1000 $/);
  const child = takeOver(early);
  assert.equal(await text(child.stdout), 'up\n');
  assert.equal((await child.ended).exitCode, 0);
});

test('an early child that nobody takes over is ended', LINUX_ONLY, async () => {
  const { early, mark } = startMarkedEarly('sh', ['-c', 'sleep 1000 & wait']);
  await mark.appears('sleep 1000');
  early?.drop();
  await mark.gone(WATCHDOG);
});

/** All end with one `stop`, whatever they are: the scripts print `up` when they are ready for it. */
const STOPS: readonly [title: string, script: string][] = [
  ['an ordinary child', 'echo up; exec sleep 1000'],
  ['a child deaf to SIGTERM', "trap '' TERM; echo up; sleep 1000; sleep 1000"],
  ['a wrapper and what it started', 'sleep 1000 & echo up; wait'],
  ['a wrapper whose child is deaf', 'sh -c "trap \'\' TERM; echo up; sleep 1000; sleep 1000" & wait'],
  [
    'a deaf process that has the outputs elsewhere',
    'sh -c "trap \'\' TERM; echo up; exec >/dev/null 2>&1; sleep 1000; sleep 1000" & exec sleep 1000',
  ],
  ['a stopped child', 'echo up; kill -STOP $$'],
  ['a deaf wrapper and its child in a session of its own', `trap '' TERM; ${IN_OWN_SESSION} & wait; sleep 1000`],
  ['a helper in a session of its own that keeps the outputs', `${IN_OWN_SESSION} & exec sleep 1000`],
  [
    'a helper in a session of its own with outputs elsewhere',
    "setsid sh -c 'echo up; exec sleep 1000 >/dev/null 2>&1' & exec sleep 1000",
  ],
];

describe('stopping', LINUX_ONLY, () => {
  for (const [title, script] of STOPS) {
    test(`${title} ends when it is asked to`, async () => {
      const mark = newMark();
      const { order, said, exited } = startHost([script], mark.env);
      await said('up');
      order('stop');
      assert.equal(await exited, 0);
      await mark.gone();
    });
  }

  test('fifty children end together', async () => {
    const mark = newMark();
    const { order, said, exited } = startHost(
      Array.from({ length: 50 }, () => 'exec sleep 1000'),
      mark.env,
    );
    await said('started');
    order('stop');
    assert.equal(await exited, 0);
    await mark.gone();
  });

  test('a deaf child ends without ps, too', async () => {
    const mark = newMark();
    const bin = join(directory, 'bin-without-ps');
    mkdirSync(bin);
    for (const name of ['sh', 'sleep', 'setsid']) symlinkSync(which(name) ?? '', join(bin, name));
    const script = `trap '' TERM; ${IN_OWN_SESSION} & wait; sleep 1000`;
    const { order, said, exited } = startHost([script], { ...mark.env, PATH: bin });
    await said('up');
    order('stop');
    assert.equal(await exited, 0);
    await mark.gone();
  });

  test('what a child that ended in good order has left running goes on', async () => {
    const mark = newMark();
    const { order, said, exited } = startHost(['setsid sleep 1000 >/dev/null 2>&1 & echo up'], mark.env);
    await said('ended');
    order('stop');
    assert.equal(await exited, 0);
    // Nobody is there any more who could end it.
    await mark.gone(/^\d+ sleep 1000 $/);
    assert.equal(mark.living().length, 1);
    mark.kill();
  });

  for (const [order, status] of [
    ['exit', 3],
    ['throw', 1],
  ] as const) {
    test(`no child outlives a program that ends by ${order}`, async () => {
      const mark = newMark();
      const host = startHost(["trap '' TERM; echo up; sleep 1000; sleep 1000", 'sleep 1000 & wait'], mark.env);
      await host.said('up');
      host.order(order);
      assert.equal(await host.exited, status);
      await mark.gone();
    });
  }
});

test('the output of a child that has ended is whole, however late it is read', async (t) => {
  const mark = newMark();
  // The clock by which outputs are closed that stay silent after the child's end.
  t.mock.timers.enable({ apis: ['setInterval'] });
  const child = startChild('sh', ['-c', 'head -c 100000 /dev/zero'], { env: mark.env });
  let size = 0;
  let reading = false;
  // Who listens pauses again: node resumes the outputs of a child that has ended.
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (!reading) child.stdout.pause();
  });
  child.stdout.pause();
  child.stderr.resume();
  await mark.gone();
  for (let round = 0; round < 20; round += 1) {
    // Between two looks at the outputs node reads what there is.
    await turn();
    t.mock.timers.tick(250);
  }
  assert.ok(size < 100_000, 'nothing was left to be read late');
  reading = true;
  child.stdout.resume();
  await child.ended;
  assert.equal(size, 100_000);
});

describe('killed with SIGKILL', LINUX_ONLY, () => {
  const KINDS = [
    'exec sleep 1000',
    'sleep 1000 & wait',
    "trap '' TERM; sleep 1000; sleep 1000",
    'setsid sleep 1000 & wait',
    'setsid sleep 1000 & exec sleep 1000',
  ];
  const rounds = Number(process.env['KILL_ROUNDS'] ?? 25);

  test(`a program killed ${rounds} times at any moment leaves nothing`, async () => {
    for (let round = 0; round < rounds; round += 1) {
      const mark = newMark();
      const { child, exited, said } = startHost([...KINDS, ...KINDS], mark.env);
      // From before the first child is started until after the last one.
      if (round % 5 === 0) await said('started');
      // The moment is what is tried.
      await delay(30 + round * (150 / rounds));
      child.kill('SIGKILL');
      await exited;
      await mark.gone();
    }
  });

  test('children end although the watchdog was killed before', async () => {
    const mark = newMark();
    const { child, exited, said } = startHost(KINDS, mark.env);
    await said('started');
    const watchdog = await mark.appears('trap');
    process.kill(watchdog.pid, 'SIGKILL');
    await eventually(
      () => mark.living().some((line) => WATCHDOG.test(line) && !line.startsWith(`${watchdog.pid} `)),
      () => 'no other watchdog',
    );
    child.kill('SIGKILL');
    await exited;
    await mark.gone();
  });

  for (const shell of [['dash'], ['bash', '--posix'], ['busybox', 'sh'], ['zsh', '--emulate', 'sh']]) {
    const [program = '', ...flags] = shell;
    test(`the watchdog works in ${shell.join(' ')}`, { skip: missing(program) }, async () => {
      const mark = newMark();
      let dog: ChildProcess | undefined;
      const watchdog = createWatchdog((script, ...args) => {
        // It is started again when it ends while there is something to watch: not here.
        if (dog !== undefined) return { stdin: new PassThrough(), ended: new Promise(() => {}) };
        const started = spawn(program, [...flags, '-c', script, ...args], {
          stdio: ['pipe', 'ignore', 'ignore'],
          detached: true,
        });
        dog = started;
        return { stdin: started.stdin, ended: new Promise((resolve) => started.once('exit', resolve)) };
      });
      const start = (script: string, env: Record<string, string>, detached: boolean) =>
        spawn('sh', ['-c', script], { env: { ...process.env, ...mark.env, ...env }, stdio: 'ignore', detached }).pid ??
        0;
      watchdog.started(1, start('sleep 1000 & wait', {}, true));
      watchdog.started(2, start("trap '' TERM; sleep 1000; sleep 1000", {}, true));
      const ended = start('exec sleep 1003', {}, true);
      watchdog.started(3, ended);
      watchdog.ended(3, true);
      start('exec sleep 1002', { DRAFT_CONNECT_CHILD: watchdog.marker(3) }, true);
      start('sleep 1000', { DRAFT_CONNECT_CHILD: watchdog.marker(4) }, true);
      // One that was started just before we were killed, and one that was known.
      const command = { DRAFT_CONNECT_COMMAND: watchdog.commandMarker() };
      start('sleep 1000', command, true);
      const rest = newMark();
      start("trap '' TERM; sleep 1000; sleep 1000", { ...command, ...rest.env }, false);
      start('setsid sleep 1000 & exec sleep 1000', { ...command, ...rest.env }, false);
      watchdog.commandEnded();
      watchdog.endRestOfCommand();
      await rest.gone();
      watchdog.commandStarted(start('sleep 1000', command, false));
      assert.ok(mark.living().length >= 7);
      const exited = new Promise((resolve) => dog?.once('exit', resolve));
      // What our own death would do to the pipe.
      dog?.stdin?.end();
      await exited;
      await mark.gone(/sleep 100[23]/);
      const left = mark.living().map((line) => line.replace(/^\d+ /, '').trim());
      assert.deepEqual(left.sort(), ['sleep 1002', 'sleep 1003']);
      mark.kill();
    });
  }
});
