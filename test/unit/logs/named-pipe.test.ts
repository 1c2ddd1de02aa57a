// Pipes for children that write a lot: real ones where the system has them, none without a word of complaint elsewhere.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { makeNamedPipe } from '../../../src/logs/named-pipe.ts';
import { startChild } from '../../../src/processes/child.ts';
import { eventually } from '../../harness/eventually.ts';

describe('a named pipe', { skip: process.platform !== 'linux' && 'for Linux only' }, () => {
  const before = { state: process.env['XDG_STATE_HOME'], path: process.env['PATH'] };
  let state: string;
  const left = () => readdirSync(join(state, 'draft-connect', 'pipes'));
  const descriptors = () => readdirSync('/proc/self/fd').length;
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'draft-connect-test-'));
    process.env['XDG_STATE_HOME'] = state;
  });
  afterEach(() => {
    if (before.state === undefined) delete process.env['XDG_STATE_HOME'];
    else process.env['XDG_STATE_HOME'] = before.state;
    process.env['PATH'] = before.path;
    rmSync(state, { recursive: true, force: true });
  });

  test('is the stdout of a child, to its end', async () => {
    const pipe = await makeNamedPipe();
    assert.ok(pipe !== undefined);
    assert.deepEqual(left(), []);
    const child = startChild('sh', ['-c', 'stat -L -c %F /dev/stdout; seq 100000; exit 3'], { pipe });
    let text = '';
    pipe.onBytes((bytes) => {
      text += bytes;
    });
    child.stderr.resume();
    const { exitCode } = await child.ended;
    assert.equal(exitCode, 3);
    assert.equal(text, `fifo\n${Array.from({ length: 100_000 }, (_, at) => `${at + 1}\n`).join('')}`);
  });

  test('gathers what comes while it is paused', async () => {
    const pipe = await makeNamedPipe();
    assert.ok(pipe !== undefined);
    const child = startChild('sh', ['-c', 'for i in $(seq 40); do echo $i; sleep 0.01; done'], { pipe });
    const pieces: string[] = [];
    pipe.onBytes((bytes) => {
      pieces.push(bytes.toString());
      child.stdout.pause();
      setTimeout(() => child.stdout.resume(), 100);
    });
    child.stderr.resume();
    await child.ended;
    assert.equal(pieces.join(''), Array.from({ length: 40 }, (_, at) => `${at + 1}\n`).join(''));
    assert.ok(pieces.length < 20, `${pieces.length} pieces`);
  });

  test('ends with a child that is stopped, read or not', async () => {
    const pipe = await makeNamedPipe();
    const child = startChild('yes', [], { pipe });
    child.stdout.pause();
    child.stderr.resume();
    await child.stop();
    assert.equal((await child.ended).signal, 'SIGTERM');
  });

  test('is closed with a program that cannot be started', async () => {
    const pipe = await makeNamedPipe();
    const child = startChild('/nonexistent', [], { pipe });
    child.stdout.resume();
    child.stderr.resume();
    assert.equal((await child.ended).startError?.code, 'ENOENT');
  });

  test('many are made at once, leave no name, and are given back', async () => {
    await makeNamedPipe().then((pipe) => pipe?.discard());
    const descriptorsBefore = descriptors();
    const pipes = await Promise.all(Array.from({ length: 50 }, () => makeNamedPipe()));
    assert.deepEqual(left(), []);
    assert.equal(new Set(pipes.map((pipe) => pipe?.writer)).size, 50);
    for (const pipe of pipes) pipe?.discard();
    await eventually(
      () => descriptors() === descriptorsBefore,
      () => `${descriptors()} descriptors, ${descriptorsBefore} before`,
    );
  });

  test("two programs that share a state directory and a process id do not get each other's", async () => {
    // Two copies of the module are as far apart as two programs in pid namespaces of their own.
    const copies = ['?one', '?two'].map((copy) => import(`../../../src/logs/named-pipe.ts${copy}`));
    const programs: typeof import('../../../src/logs/named-pipe.ts')[] = await Promise.all(copies);
    const pipes = await Promise.all(programs.map((program) => program.makeNamedPipe()));
    const texts = pipes.map(async (pipe, index) => {
      assert.ok(pipe !== undefined);
      const child = startChild('sh', ['-c', `seq ${index} 2 1000`], { pipe });
      let text = '';
      pipe.onBytes((bytes) => {
        text += bytes;
      });
      child.stderr.resume();
      await child.ended;
      return text;
    });
    const numbers = (first: number) => Array.from({ length: 1000 }, (_, at) => at).filter((at) => at % 2 === first);
    const [even, odd] = await Promise.all(texts);
    assert.equal(even, [...numbers(0), 1000].map((at) => `${at}\n`).join(''));
    assert.equal(
      odd,
      numbers(1)
        .map((at) => `${at}\n`)
        .join(''),
    );
  });

  test('a name that exists is not taken', async () => {
    const bin = join(state, 'bin');
    mkdirSync(bin);
    // It does what mkfifo(1) does, but somebody else is always faster.
    const mkfifo = execFileSync('sh', ['-c', 'command -v mkfifo'], { encoding: 'utf8' }).trim();
    writeFileSync(join(bin, 'mkfifo'), `#!/bin/sh\n${mkfifo} "$@"; exec ${mkfifo} "$@"\n`, { mode: 0o755 });
    process.env['PATH'] = `${bin}:${before.path}`;
    assert.equal(await makeNamedPipe(), undefined);
    assert.deepEqual(left(), []);
  });

  test('one that was left by a program that was killed is removed when it is old', async () => {
    await makeNamedPipe().then((pipe) => pipe?.discard());
    const folder = join(state, 'draft-connect', 'pipes');
    for (const [name, seconds] of [
      ['1-1', 90],
      ['1-2', 30],
    ] as const) {
      execFileSync('mkfifo', [join(folder, name)]);
      utimesSync(join(folder, name), new Date(), new Date(Date.now() - seconds * 1000));
    }
    await makeNamedPipe().then((pipe) => pipe?.discard());
    assert.deepEqual(left(), ['1-2']);
  });

  test('there is none without mkfifo', async () => {
    process.env['PATH'] = '/nonexistent';
    assert.equal(await makeNamedPipe(), undefined);
  });

  test('there is none without a state directory', async () => {
    writeFileSync(join(state, 'file'), '');
    process.env['XDG_STATE_HOME'] = join(state, 'file');
    assert.equal(await makeNamedPipe(), undefined);
  });
});
