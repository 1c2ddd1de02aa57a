// Logs through cut streams, restarts, replaced pods and API restarts, with the real kubectl: every line once, in order.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Program as Process } from '../cluster/program.ts';
import type { Program } from '../harness/program.ts';
import { kubectlsUnderTest } from '../kubectls.ts';
import { type Place, startPlace } from './connect-setup.ts';

const WRITE_EVERY_MS = 5;

/** What the containers have written, by `POD/CONTAINER#INSTANCE`. */
class Writers {
  readonly written = new Map<string, string[]>();
  silent = false;

  readonly program: Process = (process) => {
    const key = `${process.pod}/${process.container}#${process.instance}`;
    const lines: string[] = [];
    this.written.set(key, lines);
    const write = () => {
      if (process.ended.aborted || this.silent) return;
      let text = '';
      for (let n = 0; n < WRITE_EVERY_MS; n++) {
        const line = `${key} ${lines.length} h\u00e9llo \u{1f389}`;
        lines.push(line);
        text += `${line}\n`;
      }
      process.log(text);
    };
    const timer = setInterval(write, WRITE_EVERY_MS);
    process.ended.addEventListener('abort', () => clearInterval(timer));
    write();
  };

  get total(): number {
    return [...this.written.values()].reduce((sum, lines) => sum + lines.length, 0);
  }
}

function shownBy(program: Program): Map<string, string[]> {
  const shown = new Map<string, string[]>();
  const text = Buffer.from(program.stdout(), 'latin1').toString();
  for (const line of text.split('\n')) {
    const [, container, rest = ''] = /^\[(\w+)\]: (.*)$/.exec(line) ?? [];
    if (container === undefined) continue;
    const key = rest.split(' ')[0] ?? '';
    const lines = shown.get(key);
    if (lines) lines.push(rest);
    else shown.set(key, [rest]);
  }
  return shown;
}

/** CPU of a process and of its children that have ended; a tick of the kernel's is 10 ms. */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
}

for (const kubectl of kubectlsUnderTest()) {
  describe(`logs with kubectl ${kubectl.version}`, () => {
    async function start(): Promise<{ place: Place; writers: Writers; program: Program }> {
      const place = await startPlace(kubectl.path);
      const writers = new Writers();
      const containers = ['a', 'b'].map((name) => ({ name, program: writers.program }));
      await place.cluster.deploy({ name: 'writers', selector: { app: 'writers' }, containers }).settled();
      const program = place.run(['deploy/writers', '--tail', '-1']);
      for (const container of ['a', 'b']) await program.sees('stdout', new RegExp(`\\[${container}\\]: `));
      return { place, writers, program };
    }

    /** Lets them fall silent, waits for the last line of all and compares. */
    async function finish({ place, writers, program }: Awaited<ReturnType<typeof start>>): Promise<void> {
      await delay(300);
      writers.silent = true;
      const count = () => program.stdout().split('\n').length - 1;
      const untilMs = performance.now() + 15_000;
      while (count() < writers.total && performance.now() < untilMs) await delay(50);
      await program.end();
      place.stop();
      const shown = shownBy(program);
      for (const [key, lines] of writers.written) {
        const got = shown.get(key) ?? [];
        const at = lines.findIndex((line, index) => line !== got[index]);
        const around = `${key}: ${lines.length} written, ${got.length} shown, first difference at ${at}: ${got.slice(Math.max(0, at - 1), at + 2).join(' | ')}`;
        assert.ok(at < 0 && got.length === lines.length, `${around}\n${program.stderr()}`);
      }
      assert.doesNotMatch(program.stderr(), /may be missing|cannot be read/);
    }

    test('streams that are cut, end or are reset in any byte', { timeout: 60_000 }, async () => {
      const run = await start();
      for (const how of ['end', 'drop', 'reset', 'end', 'drop', 'reset'] as const) {
        for (const container of ['a', 'b']) {
          run.place.cluster.cutStreams({ kind: 'logs', how, container, afterBytes: 40 + 17 * how.length });
        }
        await delay(350);
      }
      await finish(run);
    });

    test('containers that restart', { timeout: 60_000 }, async () => {
      const run = await start();
      const pod = run.place.cluster.podNames('writers').at(-1) ?? '';
      for (const [index, restartAfterMs] of [10, 300, 800].entries()) {
        run.place.cluster.crash(pod, 'a', { restartAfterMs });
        // Two restarts within one re-attach cannot be lossless.
        await run.program.sees('stdout', new RegExp(`^\\[a\\]: ${pod}/a#${index + 1} `, 'm'));
      }
      await finish(run);
    });

    test('a container in back-off is told, shown once, and costs next to nothing', { timeout: 60_000 }, async () => {
      const place = await startPlace(kubectl.path);
      const program: Process = (process) => process.log(`instance ${process.instance} was here\n`);
      await place.cluster
        .deploy({ name: 'crasher', selector: { app: 'crasher' }, containers: [{ name: 'a', program }] })
        .settled();
      const ours = place.run(['deploy/crasher', '--tail', '-1']);
      await ours.sees('stdout', /instance 0 was here/);
      const pod = place.cluster.podNames('crasher').at(-1) ?? '';
      place.cluster.crash(pod, 'a', { exitCode: 3, crashLoop: true, restartAfterMs: 8_000 });
      // In one line if the end was not seen before the back-off.
      await ours.sees('stderr', /ended with exit code 3.*back-off/s);
      await delay(1_500);
      const asked = place.cluster.requests.length;
      const before = cpuMs(ours.pid);
      await delay(4_000);
      const share = (cpuMs(ours.pid) - before) / 4_000;
      assert.ok(share < 0.02, `${share} of a core`);
      assert.ok(place.cluster.requests.length - asked <= 1, 'nothing is asked again and again');
      await ours.sees('stdout', /instance 1 was here/);
      assert.deepEqual(ours.stdout().match(/instance \d/g), ['instance 0', 'instance 1'], ours.stdout());
      assert.equal(ours.stderr().match(/back-off/g)?.length, 1, ours.stderr());
      await ours.end();
      place.stop();
    });

    test('a pod that is replaced', { timeout: 60_000 }, async () => {
      const run = await start();
      await run.place.cluster.rollout('writers');
      await delay(500);
      await finish(run);
    });

    test('a pod that lacks the container which was asked for shows nothing instead', { timeout: 60_000 }, async () => {
      const place = await startPlace(kubectl.path);
      const says = (text: string): Process => {
        return (process) => process.log(`${text}\n`);
      };
      const a = { name: 'a', ports: [{ containerPort: 80 }], program: says('a was not asked for') };
      const b = (text: string) => ({ name: 'b', program: says(text) });
      const deployed = { name: 'changing', selector: { app: 'changing' }, containers: [a, b('first')] };
      await place.cluster.deploy(deployed).settled();
      const ours = place.run(['deploy/changing', '-c', 'b']);
      await ours.sees('stdout', /^\[b\]: first\n/);
      await place.cluster.rollout('changing', { containers: [a] });
      await ours.sees('stderr', /replaced by/);
      await place.cluster.rollout('changing', { containers: [a, b('third')] });
      await ours.sees('stdout', /\[b\]: third\n/);
      await ours.end();
      place.stop();
      assert.equal(ours.stdout(), '[b]: first\n[b]: third\n');
      assert.doesNotMatch(ours.stderr(), /also exposes/);
    });

    test('an API server that restarts', { timeout: 60_000 }, async () => {
      const run = await start();
      run.place.cluster.stopApi();
      await delay(1200);
      await run.place.cluster.startApi();
      await delay(2500);
      await finish(run);
    });
  });
}
