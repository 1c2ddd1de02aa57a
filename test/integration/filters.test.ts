// --include, --exclude, --highlight and --exclude-container: which lines come through, and that those are what they were.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { after, before, describe, test } from 'node:test';
import type { Process } from '../cluster/program.ts';
import { endConnected, type Place, startPlace } from './connect-setup.ts';

const MANY_A = 'a'.repeat(60);

describe('filters', { concurrency: 3 }, () => {
  let place: Place;
  const cwd = tmpdir();

  before(async () => {
    place = await startPlace();
    const lines = [
      'INFO start',
      'ERROR gr\u00fcn',
      'INFO health',
      'ERROR health',
      `${MANY_A}b`,
      'caf\udce9',
      'END of it',
    ];
    const go = {
      name: 'go',
      program: (process: Process) => {
        for (const line of lines) process.log(Buffer.concat([bytesOf(line), Buffer.from('\n')]));
      },
    };
    const proxy = { name: 'istio-proxy', program: (process: Process) => process.log('proxy up\n') };
    place.cluster.deploy({ name: 'app', containers: [go, proxy] });
    await place.cluster.workload('app').settled();
  });
  after(() => place.stop());

  /** A surrogate stands for a byte that is no UTF-8. */
  function bytesOf(line: string): Buffer {
    return Buffer.concat(
      [...line].map((letter) =>
        letter >= '\udc80' && letter <= '\udcff' ? Buffer.of(letter.charCodeAt(0) & 0xff) : Buffer.from(letter),
      ),
    );
  }
  const shown = (...lines: string[]) => lines.map((line) => `[go]: ${bytesOf(line).toString('latin1')}\n`).join('');

  const cases: readonly (readonly [args: readonly string[], stdout: string])[] = [
    [['-i', 'ERROR', '--exclude', 'health', '-i', 'END'], shown('ERROR gr\u00fcn', 'END of it')],
    [['--include', 'gr\u00fcn|caf|END'], shown('ERROR gr\u00fcn', 'caf\udce9', 'END of it')],
    [['-i=(?i)info|end'], shown('INFO start', 'INFO health', 'END of it')],
    [
      ['--exclude', 'INFO|ERROR|aaa|proxy', '--highlight', 'of', '--color=always'],
      `\x1b[COLOURm[go]:\x1b[0m ${bytesOf('caf\udce9').toString('latin1')}\n\x1b[COLOURm[go]:\x1b[0m END \x1b[7mof\x1b[27m it\n`,
    ],
  ];
  for (const [args, stdout] of cases) {
    test(args.join(' '), async () => {
      const program = place.run(['deploy/app', '--tail=-1', '--exclude-container', '^istio', ...args], { cwd });
      await program.sees('stdout', /END.*\n/);
      assert.equal(program.stdout().replace(/\[[\d;]+m(?=\[go\])/g, '[COLOURm'), stdout);
      await endConnected(program);
    });
  }

  test('as JSON, too, only lines that match are shown', async () => {
    const program = place.run(['deploy/app', '--tail=-1', '-o', 'json', '-i', 'ERR|END', '--highlight', 'R'], { cwd });
    await program.sees('stdout', /END.*\n/);
    const lines = program
      .stdout()
      .split('\n')
      .filter((line) => line.includes('"type":"log"'))
      .map((line) => JSON.parse(Buffer.from(line, 'latin1').toString()).line);
    assert.deepEqual(lines, ['ERROR gr\u00fcn', 'ERROR health', 'END of it']);
    await endConnected(program);
  });

  test('a pattern that takes for ever does not stop the program', async () => {
    const program = place.run(['deploy/app', '--tail=-1', '-c', 'go', '-i', '^(a+)+$', '-i', 'END'], { cwd });
    await program.sees('stdout', /END.*\n/);
    assert.equal(program.stdout(), shown(`${MANY_A}b`, 'END of it'));
    await program.sees(
      'stderr',
      /Warning: --include '\^\(a\+\)\+\$' takes too long: the line that it was at is shown as it is\n/,
    );
    await endConnected(program);
  });

  test('what is no regular expression is an error before anything is asked for', async () => {
    const end = await place.toEnd(['deploy/app', '--exclude', '('], { cwd });
    assert.equal(end.code, 2);
    assert.match(end.stderr, /^Error: --exclude: '\(' is not a regular expression: Unterminated group\n/);
  });
});
