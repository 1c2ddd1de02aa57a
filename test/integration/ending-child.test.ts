// How children end: asked, deaf, wrapped, and when the program that started them is killed.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import { DEFINITIONS } from '../../scripts/build.ts';
import { startChild, takeOver } from '../../src/processes/child.ts';
import { startEarly } from '../../src/processes/early-child.ts';
import { createWatchdog } from '../../src/processes/watchdog.ts';
import { newMark, underLoad } from './processes.ts';

const linux = { skip: process.platform !== 'linux' && 'looks at processes through /proc' };
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
    async said(word: string): Promise<string> {
      while (!text.includes(word))
        await Promise.race([delay(5), exited.then(() => assert.ok(text.includes(word), text))]);
      return text;
    },
  };
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
  test(`${title} is how a child may end, and nothing is thrown`, async () => {
    const child = startChild(program, args);
    child.stdout.resume();
    const { exitCode, signal, startError } = await child.ended;
    assert.deepEqual({ exitCode, signal, startError: startError?.code }, expected);
    if (exitCode === undefined && signal === undefined) assert.ok(startError instanceof Error);
    await child.stop();
  });

  test(`${title} is how a child that was started early may end, too`, async () => {
    const early = startEarly(program, args);
    await delay(title.includes('signal') ? 0 : 100);
    // What cannot be started early is started again.
    const child = early === undefined ? startChild(program, args) : takeOver(early);
    child.stdout.resume();
    const { exitCode, signal, startError } = await child.ended;
    assert.deepEqual({ exitCode, signal, startError: startError?.code }, expected);
    await child.stop();
  });
}

test('what a child says before it is taken over is not lost', async () => {
  const early = startEarly('sh', ['-c', 'echo early']);
  assert.ok(early);
  await delay(100);
  assert.equal(await text(takeOver(early).stdout), 'early\n');
});

test('a wrapper that ended before it was taken over leaves nothing that holds its outputs', linux, async () => {
  const script = 'sleep 1000 & echo up';
  const early = startEarly('sh', ['-c', script]);
  assert.ok(early);
  await delay(100);
  const child = takeOver(early);
  assert.equal(await text(child.stdout), 'up\n');
  assert.equal((await child.ended).exitCode, 0);
});

test('an early child that nobody takes over is ended', linux, async () => {
  const mark = newMark();
  Object.assign(process.env, mark.env);
  const early = startEarly('sh', ['-c', 'sleep 1000 & wait']);
  for (const name of Object.keys(mark.env)) delete process.env[name];
  await mark.appears('sleep 1000');
  early?.drop();
  const left = await mark.leftAfter(1_000);
  assert.deepEqual(
    left.filter((line) => !line.includes('trap')),
    [],
  );
});

/** All end with one `stop`, whatever they are: the scripts print `up` when they are ready for it. */
const STOPS: readonly [title: string, script: string][] = [
  ['an ordinary child', 'echo up; exec sleep 1000'],
  ['a child deaf to SIGTERM', "trap '' TERM; echo up; sleep 1000; sleep 1000"],
  ['a wrapper and what it started', 'sleep 1000 & echo up; wait'],
  ['a wrapper whose child is deaf', 'sh -c "trap \'\' TERM; echo up; sleep 1000; sleep 1000" & wait'],
  [
    'a deaf process that has the outputs elsewhere',
    'sh -c "trap \'\' TERM; sleep 1000; sleep 1000" >/dev/null 2>&1 & sleep 0.1; echo up; exec sleep 1000',
  ],
  ['a stopped child', 'echo up; kill -STOP $$'],
  [
    'a deaf wrapper and its child in a session of its own',
    "trap '' TERM; setsid sleep 1000 & sleep 0.1; echo up; wait; sleep 1000",
  ],
  [
    'a helper in a session of its own that keeps the outputs',
    'setsid sleep 1000 & sleep 0.1; echo up; exec sleep 1000',
  ],
  [
    'a helper in a session of its own with outputs elsewhere',
    'setsid sleep 1000 >/dev/null 2>&1 & sleep 0.1; echo up; exec sleep 1000',
  ],
];

describe('stopping', linux, () => {
  for (const [title, script] of STOPS) {
    test(`${title} is gone a second after the end was asked for`, async () => {
      const mark = newMark();
      const { order, said, exited } = startHost([script], mark.env);
      await said('up');
      const begun = performance.now();
      order('stop');
      assert.equal(await exited, 0);
      assert.deepEqual(await mark.leftAfter(1000 - (performance.now() - begun)), []);
    });
  }

  test('fifty children end within 0.3 s', async () => {
    const mark = newMark();
    const { order, said, exited } = startHost(
      Array.from({ length: 50 }, () => 'exec sleep 1000'),
      mark.env,
    );
    await said('started');
    order('stop');
    const text = await said(' ms');
    assert.equal(await exited, 0);
    const took = Number(/stopped after (\d+) ms/.exec(text)?.[1]);
    assert.ok(took <= underLoad(300), `${took} ms`);
    assert.deepEqual(await mark.leftAfter(300), []);
  });

  test('without ps a deaf child ends all the same', async () => {
    const mark = newMark();
    const bin = join(directory, 'bin-without-ps');
    mkdirSync(bin);
    for (const name of ['sh', 'sleep', 'setsid']) symlinkSync(which(name), join(bin, name));
    const script = "trap '' TERM; setsid sleep 1000 & sleep 0.1; echo up; wait; sleep 1000";
    const { order, said, exited } = startHost([script], { ...mark.env, PATH: bin });
    await said('up');
    order('stop');
    assert.equal(await exited, 0);
    assert.deepEqual(await mark.leftAfter(1000), []);
  });

  test("what a child leaves that ended in good order is nobody else's to end", async () => {
    const mark = newMark();
    const { order, said, exited } = startHost(['setsid sleep 1.5 >/dev/null 2>&1 & echo up'], mark.env);
    await said('up');
    await delay(100);
    order('stop');
    assert.equal(await exited, 0);
    await delay(600);
    const left = mark.living();
    assert.equal(left.length, 1, left.join());
    assert.match(left[0] ?? '', /sleep 1\.5/);
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
      assert.deepEqual(await mark.leftAfter(1000), []);
    });
  }
});

test('the output of a child that has ended is whole, however late it is read', async () => {
  const child = startChild('sh', ['-c', 'head -c 300000 /dev/zero']);
  child.stdout.pause();
  child.stderr.resume();
  await delay(1200);
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
  });
  child.stdout.resume();
  await child.ended;
  assert.equal(size, 300_000);
});

describe('killed with SIGKILL', linux, () => {
  const KINDS = [
    'exec sleep 1000',
    'sleep 1000 & wait',
    "trap '' TERM; sleep 1000; sleep 1000",
    'setsid sleep 1000 & wait',
    'setsid sleep 1000 & exec sleep 1000',
  ];
  const rounds = Number(process.env['KILL_ROUNDS'] ?? 25);

  test(`a program killed ${rounds} times at any moment leaves nothing`, async () => {
    const lefts: (readonly string[])[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const mark = newMark();
      const { child, exited, said } = startHost([...KINDS, ...KINDS], mark.env);
      // From before the first child is started until after the last one.
      if (round % 5 === 0) await said('started');
      await delay(30 + round * (150 / rounds));
      child.kill('SIGKILL');
      await exited;
      lefts.push(await mark.leftAfter(1000));
    }
    assert.deepEqual(
      lefts.filter((left) => left.length > 0),
      [],
    );
  });

  test('children end also when the watchdog was killed before', async () => {
    const mark = newMark();
    const { child, exited, said } = startHost(KINDS, mark.env);
    await said('started');
    const [watchdog] = mark.living().filter((line) => line.includes('trap'));
    process.kill(Number(watchdog?.split(' ')[0]), 'SIGKILL');
    await delay(200);
    child.kill('SIGKILL');
    await exited;
    assert.deepEqual(await mark.leftAfter(1000), []);
  });

  for (const shell of [['dash'], ['bash', '--posix'], ['busybox', 'sh'], ['zsh', '--emulate', 'sh']]) {
    const [program = '', ...flags] = shell;
    const missing = which(program) === '' && `${program} is not installed`;
    test(`the watchdog works in ${shell.join(' ')}`, { skip: missing }, async () => {
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
      const ended = start('exec sleep 3', {}, true);
      watchdog.started(3, ended);
      watchdog.ended(3, true);
      start('exec sleep 2', { DRAFT_CONNECT_CHILD: watchdog.marker(3) }, true);
      start('sleep 1000', { DRAFT_CONNECT_CHILD: watchdog.marker(4) }, true);
      // One that was started just before we were killed, and one that was known.
      const command = { DRAFT_CONNECT_COMMAND: watchdog.commandMarker() };
      start('sleep 1000', command, true);
      const rest = newMark();
      start("trap '' TERM; sleep 1000; sleep 1000", { ...command, ...rest.env }, false);
      start('setsid sleep 1000 & exec sleep 1000', { ...command, ...rest.env }, false);
      watchdog.commandEnded();
      watchdog.endRestOfCommand();
      assert.deepEqual(await rest.leftAfter(1000), []);
      watchdog.commandStarted(start('sleep 1000', command, false));
      assert.ok(mark.living().length >= 7);
      const exited = new Promise((resolve) => dog?.once('exit', resolve));
      // What our own death would do to the pipe.
      dog?.stdin?.end();
      await exited;
      await delay(50);
      const left = mark.living().map((line) => line.replace(/^\d+ /, '').trim());
      assert.deepEqual(left.sort(), ['sleep 2', 'sleep 3']);
    });
  }
});

function which(program: string): string {
  const names = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program));
  return names.find((name) => existsSync(name)) ?? '';
}
