// What `eval` makes of the lines of --detach, in real shells: the expected variables and nothing else.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { renderExports, variablesOf } from '../../src/detached/core/variables.ts';
import type { OpenTunnel } from '../../src/output/core/events.ts';
import { UserError } from '../../src/values/errors.ts';
import { missing } from '../harness/tools.ts';

/** `$1` is the file with the lines; the names of all variables, then the environment, NUL between the two. */
const POSIX_NAMES = "set | sed -n 's/^\\([A-Za-z_][A-Za-z0-9_]*\\)=.*/\\1/p'";
const report = (names: string, assign: string) => `${names}; printf '\\0'; ${assign}; ${names}; printf '\\0'; env -0`;
const posix = (names: string) => [report(names, 'eval $(cat "$1")'), report(names, 'eval "$(cat "$1")"')];
const SHELLS = [
  { shell: 'sh', kind: 'sh', scripts: posix(POSIX_NAMES), args: ['sh'] },
  { shell: 'dash', kind: 'sh', scripts: posix(POSIX_NAMES), args: ['dash'] },
  { shell: 'bash', kind: 'sh', scripts: posix('compgen -v'), args: ['bash'] },
  { shell: 'zsh', kind: 'sh', scripts: posix('print -l $' + '{(k)parameters}'), args: ['zsh'] },
  {
    shell: 'fish',
    kind: 'fish',
    scripts: ['cat $argv[1] | source', 'eval (cat $argv[1])'].map((assign) => report('set -n', assign)),
    args: [],
  },
] as const;
/** Those that shells set by themselves as they go. */
const OWN =
  /^(_|PIPESTATUS|BASH_.*|FUNCNAME|LINENO|RANDOM|SECONDS|EPOCH.*|SRANDOM|status|pipestatus|LINES|COLUMNS|__fish.*)$/;

const fragment = fc.constantFrom(
  ...[
    "'",
    '"',
    '`touch pwned`',
    '$(touch pwned)',
    ';touch pwned;',
    '\n',
    '\r',
    '\0',
    ' ',
    '*',
    '?',
    '[a-z]',
    '\\',
    "\\'",
  ],
  ...[
    '#',
    '&',
    '|',
    '>pwned',
    '{a,b}',
    '~',
    '!',
    '$HOME',
    '%',
    '=',
    '-',
    '\u2019',
    'é',
    '1',
    '\u{1f600}',
    '\u2028',
    '\t',
  ],
);
const hostile = fc.oneof(
  fc
    .array(fc.oneof(fragment, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 6 })
    .map((parts) => parts.join('')),
  fc.constantFrom('go', 'multi-port', '2048'),
);
const address = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('localhost', '127.0.0.1', '::1', '0.0.0.0', '::', 'fe80::1%eth0') },
  { weight: 1, arbitrary: hostile },
);
const port = fc.integer({ min: 1, max: 65535 });
const tunnel = fc.record<OpenTunnel>({
  app: hostile,
  container: hostile,
  remotePort: port,
  portName: fc.option(hostile, { nil: undefined }),
  addresses: fc.array(address, { minLength: 1, maxLength: 2 }),
  localPort: port,
  pod: hostile,
});
const connection = fc.record({ app: hostile, tunnels: fc.array(tunnel, { maxLength: 4 }) });

for (const { shell, kind, scripts, args } of SHELLS) {
  test(`eval in ${shell} sets the expected variables and does nothing else`, { skip: missing(shell) }, () => {
    const directory = mkdtempSync(join(tmpdir(), 'eval-safety-'));
    // A pattern that escaped its quotes would find these.
    for (const name of ["A='", 'localhost', "'8';touch pwned;'"]) writeFileSync(join(directory, name), '');
    const before = readdirSync(directory).sort();
    const environment = { PATH: process.env['PATH'] ?? '', HOME: directory };
    const lines = join(mkdtempSync(join(tmpdir(), 'eval-lines-')), 'lines');
    fc.assert(
      fc.property(connection, fc.constantFrom(...scripts), ({ app, tunnels }, script) => {
        const variables = safeVariables(app, tunnels);
        if (variables === undefined) return;
        writeFileSync(lines, renderExports(variables, kind));
        const output = execFileSync(shell, ['-c', script, ...args, lines], {
          cwd: directory,
          env: environment,
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        const [namesBefore = '', namesAfter = '', ...entries] = output.split('\0');
        const expected = Object.fromEntries(variables.map(({ name, value }) => [name, value]));
        const known = new Set(namesBefore.split('\n'));
        const added = namesAfter.split('\n').filter((name) => !known.has(name) && !OWN.test(name));
        assert.deepEqual(added.sort(), Object.keys(expected).sort());
        const environmentAfter = new Map(
          entries.map((entry) => [entry.split('=', 1)[0], entry.replace(/^[^=]*=/, '')]),
        );
        for (const [name, value] of Object.entries(expected)) assert.equal(environmentAfter.get(name), value);
        assert.deepEqual(
          readdirSync(directory)
            .filter((name) => !name.startsWith('.'))
            .sort(),
          before,
        );
      }),
      { numRuns: Number(process.env['EVAL_RUNS'] ?? 60) },
    );
    rmSync(directory, { recursive: true });
  });
}

/** Undefined if the connection is refused, which is safe too. */
function safeVariables(app: string, tunnels: readonly OpenTunnel[]) {
  try {
    return variablesOf([{ app, tunnels }]);
  } catch (error) {
    assert.ok(error instanceof UserError);
    return undefined;
  }
}
