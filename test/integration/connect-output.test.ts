// stdout and stderr of a connection: which lines, in what order and colour, and what happens when nobody reads them.
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { nowNs, stampOf } from '../cluster/clock.ts';
import type { Process } from '../cluster/program.ts';
import { goProgram, sitesProgram } from '../cluster/programs.ts';
import { get } from '../harness/http.ts';
import { BUNDLE, besidesPlace, makeFolder } from '../harness/program.ts';
import { missing } from '../harness/tools.ts';
import { endConnected, linesOf, newestKubectl, nothingLeftOf, type Place, startPlace } from './connect-setup.ts';

const HOUR_NS = 3_600_000_000_000n;
/** When the lines of the pods were written that have their times looked at. */
const writtenNs = nowNs();

describe('output', { concurrency: 3 }, () => {
  let place: Place;
  const cwd = tmpdir();
  const podOf = (workload: string): string => place.cluster.podNames(workload).at(-1) ?? '';

  before(async () => {
    place = await startPlace();
    const { cluster } = place;
    const ten = (process: Process) => {
      for (let n = 1; n <= 10; n++) process.log(`line ${n}\n`, n <= 4 ? writtenNs - HOUR_NS : writtenNs);
    };
    const strange = (process: Process) =>
      process.log(Buffer.from('\x1b[31mred\x1b[0m\rover\x00nul \xff\xfe\xc3(\n\n', 'latin1'));
    const go = { name: 'go', ports: [{ containerPort: 8080 }], program: goProgram(8080) };
    const db = { name: 'db', program: (process: Process) => process.log('db up\n') };
    cluster.deploy({ name: 'ten', containers: [{ name: 'ten', program: ten }] });
    cluster.deploy({ name: 'zero', containers: [{ name: 'zero', program: ten }] });
    cluster.deploy({ name: 'bytes', containers: [{ name: 'bytes', program: strange }] });
    cluster.deploy({
      name: 'colours',
      containers: [{ name: 'api', ports: [{ containerPort: 80 }], program: sitesProgram([80]) }, db],
    });
    cluster.deploy({ name: 'head', containers: [go] });
    cluster.deploy({ name: 'quiet', containers: [go, { ...db, ports: [{ containerPort: 53, protocol: 'UDP' }] }] });
    cluster.deploy({ name: 'flood', containers: [go, { name: 'flood', program: () => {} }] });
    for (const name of ['ten', 'zero', 'bytes', 'colours', 'head', 'quiet', 'flood']) {
      await cluster.workload(name).settled();
    }
  });
  after(() => place.stop());

  const recent: readonly (readonly [args: readonly string[], lines: readonly number[]])[] = [
    [[], [6, 7, 8, 9, 10]],
    [
      ['--tail', '2'],
      [9, 10],
    ],
    [['--tail=-1'], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    [
      ['--since', '5m'],
      [5, 6, 7, 8, 9, 10],
    ],
    [
      ['--since=5m', '--tail=2'],
      [9, 10],
    ],
  ];
  for (const [args, lines] of recent) {
    const title = args.length === 0 ? 'without --tail and --since' : args.join(' ');
    test(`${title}: ${lines.length} recent lines are shown`, async () => {
      const program = place.run(['deploy/ten', ...args], { cwd });
      await program.sees('stdout', /line 10\n/);
      assert.deepEqual(
        linesOf(program.stdout()),
        lines.map((n) => `[ten]: line ${n}`),
      );
      await endConnected(program);
    });
  }

  test('--tail 0 shows new lines only', async () => {
    const program = place.run(['deploy/zero', '--tail', '0'], { cwd });
    const log = place.cluster.logs(podOf('zero'), 'zero');
    // From when on lines are new is for kubelet to say.
    const writer = setInterval(() => log.write('new\n'), 50);
    await program.sees('stdout', /new\n/);
    clearInterval(writer);
    assert.doesNotMatch(program.stdout(), /line/);
    await endConnected(program);
  });

  test("--timestamps puts the cluster's time before each line", async () => {
    const program = place.run(['deploy/ten', '--timestamps', '--tail=1'], { cwd });
    await program.sees('stdout', /line 10\n/);
    assert.equal(program.stdout(), `[ten]: ${stampOf(writtenNs)}line 10\n`);
    await endConnected(program);
  });

  test('lines pass through byte for byte', async () => {
    const program = place.run(['deploy/bytes'], { cwd });
    const line = '[bytes]: \x1b[31mred\x1b[0m\rover\x00nul \xff\xfe\xc3(\n[bytes]: \n';
    await program.sees('stdout', /\n\[bytes\]: \n/);
    assert.equal(program.stdout(), line);
    await endConnected(program);
  });

  test('--no-logs opens the tunnels and shows no logs', async () => {
    const program = place.run(['deploy/quiet', '--no-logs'], { cwd });
    const ports = await program.connected(1);
    await get(ports.get('go:8080') ?? 0);
    await endConnected(program);
    assert.equal(program.stdout(), `Connect to go:8080 on localhost:${ports.get('go:8080')}\n`);
    assert.deepEqual(
      place.cluster.logRequests.filter(({ name }) => name === podOf('quiet')),
      [],
    );
  });

  const coloured: readonly (readonly [
    title: string,
    args: readonly string[],
    env: Record<string, string>,
    yes: boolean,
  ])[] = [
    ['--color always', ['--color', 'always'], {}, true],
    ['--color always despite NO_COLOR', ['--color=always'], { NO_COLOR: '1' }, true],
    ['FORCE_COLOR', [], { FORCE_COLOR: '1' }, true],
    ['no flag, no terminal', [], {}, false],
    ['--color never despite FORCE_COLOR', ['--color', 'never'], { FORCE_COLOR: '1' }, false],
  ];
  for (const [title, args, env, yes] of coloured) {
    test(`${title}: ${yes ? "a container's prefix and name share a colour" : 'no colour'}`, async () => {
      const program = place.run(['deploy/colours', ...args], { cwd, env });
      const [, connect = '', port] = await program.sees('stdout', /^Connect to (\S*)api\S* on localhost:(\d+)\n/);
      await get(Number(port));
      const [, api = ''] = await program.sees('stdout', /\n(\S*)\[api\]:\S* 127\.0\.0\.1 /);
      const [, db = ''] = await program.sees('stdout', /\n(\S*)\[db\]:\S* db up\n/);
      assert.equal(api, connect);
      if (yes) {
        assert.match(visible(api), /^<ESC>\[[\d;]+m$/);
        assert.match(visible(db), /^<ESC>\[[\d;]+m$/);
        assert.notEqual(api, db);
      } else assert.doesNotMatch(visible(program.stdout()), /<ESC>/);
      await endConnected(program);
    });
  }

  test('with NO_COLOR and FORCE_COLOR both set, node adds no warning of its own', async () => {
    const end = await place.toEnd(['deploy/quiet', '--dry-run'], { cwd, env: { NO_COLOR: '1', FORCE_COLOR: '1' } });
    assert.equal(end.code, 0);
    assert.doesNotMatch(end.stderr, /NO_COLOR|Warning/);
  });

  const terminals: readonly (readonly [env: Record<string, string>, yes: boolean])[] = [
    [{}, true],
    [{ NO_COLOR: '1' }, false],
  ];
  for (const [env, yes] of terminals) {
    const title = `in a terminal ${yes ? 'there are colours' : 'NO_COLOR means none'}`;
    test(title, { skip: missing('script') }, async () => {
      // `exec`, since script(1) takes $SHELL or sh, and a shell that stays in between gets the Ctrl-C too.
      const command = `exec '${process.execPath}' '${BUNDLE}' deploy/colours --kubectl '${newestKubectl()}'`;
      const child = spawn('script', ['-qefc', command, '/dev/null'], {
        cwd,
        env: { ...process.env, TERM: 'xterm', KUBECONFIG: place.cluster.kubeconfig, NO_COLOR: undefined, ...env },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const text = await readUntil(child, /\[db\]:.* db up/);
      assert.equal(/<ESC>\[\d+mapi<ESC>\[0m:80 on /.test(visible(text)), yes, JSON.stringify(text));
      // Ctrl-C as the terminal gives it.
      child.stdin?.write('\x03');
      const code = await new Promise((resolve) => child.once('close', resolve));
      assert.equal(code, 0);
    });
  }

  test('stdout closed (| head -2) ends it quietly with exit status 0', async () => {
    const child = start(['deploy/head']);
    let stderr = '';
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    const text = await readUntil(child, /^Connect to \S+ on \S+\n\[go\]: .*\n/);
    child.stdout?.destroy();
    const ended = new Promise((resolve) => child.once('close', resolve));
    // Whose line nobody reads any more; its answer may come too late, too.
    await get(Number(/localhost:(\d+)/.exec(text)?.[1])).catch(() => {});
    assert.equal(await ended, 0);
    assert.equal(besidesPlace(stderr), '');
    await nothingLeftOf(child.pid ?? 0);
  });

  const hasFull = existsSync('/dev/full');
  const results: readonly (readonly string[])[] = [
    [],
    ['--no-logs'],
    ['--dry-run'],
    ['-o', 'json'],
    ['-o', 'json', '--dry-run'],
  ];
  for (const args of results) {
    const title = `a full disk under stdout is an error (${args.join(' ') || 'no flags'})`;
    test(title, { skip: !hasFull && '/dev/full is missing' }, async () => {
      const full = openSync('/dev/full', 'w');
      const child = start(['deploy/head', ...args], 'pipe', full);
      closeSync(full);
      let stderr = '';
      child.stderr?.on('data', (chunk) => {
        stderr += chunk;
      });
      assert.equal(await new Promise((resolve) => child.once('close', resolve)), 1);
      assert.equal(besidesPlace(stderr), 'Error: stdout: no space left on device\n');
      await nothingLeftOf(child.pid ?? 0);
    });
  }

  test('a full disk under stderr is no reason to end', { skip: !hasFull && '/dev/full is missing' }, async () => {
    const full = openSync('/dev/full', 'w');
    const child = start(['deploy/quiet', '-p', '1:grpc'], full);
    const text = await readUntil(child, /\[db\]: db up\n/);
    assert.equal((await get(Number(/localhost:(\d+)/.exec(text)?.[1]))).status, 200);
    child.kill('SIGINT');
    assert.equal(await new Promise((resolve) => child.once('close', resolve)), 0);
    const ask = 'fetch("http://127.0.0.1:" + process.env.QUIET_GO_SERVICE_PORT).then(() => process.exit(7))';
    const command = ['--', process.execPath, '-e', ask];
    const other = start(['deploy/quiet', '-p', '1:grpc', '--logs', ...command], full);
    closeSync(full);
    assert.equal(await new Promise((resolve) => other.once('close', resolve)), 7);
  });

  test('stderr closed is no reason to end', async () => {
    const child = start(['deploy/quiet', '-p', '1:grpc']);
    child.stderr?.destroy();
    const text = await readUntil(child, /\[db\]: db up\n/);
    const port = Number(/localhost:(\d+)/.exec(text)?.[1]);
    assert.equal((await get(port)).status, 200);
    child.kill('SIGINT');
    assert.equal(await new Promise((resolve) => child.once('close', resolve)), 0);
    await nothingLeftOf(child.pid ?? 0);
  });

  test('notes that nobody reads stop nothing', { skip: process.platform !== 'linux' && 'Linux only' }, async () => {
    const folder = makeFolder();
    const fifo = join(folder.path, 'stderr');
    execFileSync('mkfifo', [fifo]);
    const filler = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const full = openSync(fifo, constants.O_WRONLY);
    try {
      for (;;) writeSync(filler, Buffer.alloc(4096));
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
    }
    const child = start(['deploy/quiet', '-p', '1:grpc'], full);
    // Against hanging alone.
    const killer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    const text = await readUntil(child, /^Connect to \S+ on \S+\n/);
    assert.equal((await get(Number(/localhost:(\d+)/.exec(text)?.[1]))).status, 200);
    child.kill('SIGINT');
    assert.equal(await new Promise((resolve) => child.once('close', resolve)), 0);
    clearTimeout(killer);
    closeSync(filler);
    closeSync(full);
    folder.remove();
  });

  test('a reader that pauses slows the source down: bounded memory, working tunnels, nothing lost', async () => {
    const LINES = 150_000;
    const child = start(['deploy/flood', '--tail=-1']);
    const text = await readUntil(child, /^Connect to [^\n]*\n\[go\]: [^\n]*\n/);
    const port = Number(/localhost:(\d+)/.exec(text)?.[1]);
    child.stdout?.pause();
    place.cluster.logs(podOf('flood'), 'flood').burst(LINES, { lineBytes: 1_000 });
    let steady = 0;
    let before = rssMiB(child.pid ?? 0);
    // Only time shows that nothing more comes: memory stands still while tunnels answer, eight looks on end.
    while (steady < 8) {
      assert.equal((await get(port)).status, 200);
      await delay(100);
      const now = rssMiB(child.pid ?? 0);
      steady = now <= before + 1 ? steady + 1 : 0;
      before = Math.max(before, now);
      assert.ok(now < 130, `${now} MiB`);
    }
    let expected = 1;
    let rest = '';
    let wrong: string | undefined;
    await new Promise<void>((resolve, reject) => {
      child.once('close', () => reject(new Error(`ended at line ${expected}`)));
      child.stdout?.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk.toString('latin1')).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (line.startsWith('[go]: ')) continue;
          const number = Number(/^\[flood\]: line 0*(\d+) x+$/.exec(line)?.[1]);
          if (number !== expected) wrong ??= `${expected} is: ${line}`;
          expected += 1;
        }
        if (expected > LINES) resolve();
      });
      child.stdout?.resume();
    });
    assert.equal(wrong, undefined);
    assert.equal(expected, LINES + 1);
    child.kill('SIGINT');
    assert.equal(await new Promise((resolve) => child.once('close', resolve)), 0);
  });

  function start(
    args: readonly string[],
    stderr: number | 'pipe' = 'pipe',
    stdout: number | 'pipe' = 'pipe',
  ): ChildProcess {
    return spawn(process.execPath, [BUNDLE, '--kubectl', newestKubectl(), ...args], {
      cwd,
      env: { ...process.env, KUBECONFIG: place.cluster.kubeconfig, NO_COLOR: undefined, FORCE_COLOR: undefined },
      stdio: ['ignore', stdout, stderr],
    });
  }
});

function visible(text: string): string {
  return text.replaceAll('\x1b', '<ESC>');
}

function readUntil(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const take = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!pattern.test(text)) return;
      child.stdout?.off('data', take);
      child.off('close', closed);
      resolve(text);
    };
    const closed = (code: number | null) => reject(new Error(`ended (${code}) without ${pattern}: ${text}`));
    child.stdout?.on('data', take);
    child.once('close', closed);
  });
}

function rssMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
