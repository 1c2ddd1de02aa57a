import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CommandName, FLAGS } from '../../../src/cli/flags.ts';
import { renderHelp } from '../../../src/cli/help.ts';
import { SUBCOMMANDS } from '../../../src/cli/subcommands.ts';

/** What is to be pasted stays on one line. */
const EXAMPLE = /^ {2}(?:kubectl|eval|\.) /;
const COMMANDS = [...new Set(FLAGS.flatMap(({ commands }) => commands))];

for (const [columns, limit] of [
  [80, 80],
  [60, 60],
  [40, 40],
  [400, 100],
] as const) {
  test(`the help keeps within ${limit} of ${columns} columns`, () => {
    for (const command of COMMANDS) {
      const tooLong = renderHelp(command, columns)
        .split('\n')
        .filter((line) => line.length > limit);
      assert.deepEqual(columns >= 80 ? tooLong : tooLong.filter((line) => !EXAMPLE.test(line)), []);
    }
  });

  test(`the help says the same in ${columns} columns as in 100`, () => {
    const words = (command: CommandName, width: number) => renderHelp(command, width).split(/\s+/);
    for (const command of COMMANDS) assert.deepEqual(words(command, columns), words(command, 100));
  });
}

test('the help starts with how the program is called', () => {
  assert.match(
    renderHelp('connect', 80),
    /^Usage: kubectl draft-connect \[TARGET\.\.\.\] \[flags\] \[-- COMMAND \[ARG\.\.\.\]\]\n/,
  );
});

test('what stands before the flags fits a screen, examples first', () => {
  for (const command of COMMANDS) {
    const [before = ''] = renderHelp(command, 80).split(/\n(?=(?:Flags|What to \w+(?: to)?):\n)/);
    assert.ok(before.split('\n').length <= 24, `${command}\n${before}`);
    const [heading = ''] = before.match(/^\w[^\n]*:$/m) ?? [];
    assert.equal(heading, 'Examples:', command);
    assert.match(before, /^ {2}kubectl draft-connect\b.* {2}\S/m);
  }
});

test('the help names every command', () => {
  const text = renderHelp('connect', 80);
  for (const word of Object.keys(SUBCOMMANDS).filter((each) => each !== 'ls' && each !== 'help')) {
    assert.match(text, new RegExp(`^  ${word} +\\S`, 'm'));
  }
});

test('the help names every flag that is not hidden, and no other', () => {
  const text = renderHelp('connect', 80);
  for (const { name, hidden, commands } of FLAGS.filter((flag) => flag.name.length > 1)) {
    const shown = new RegExp(`^ .*--${name}( |$)`, 'm').test(text);
    assert.equal(shown, hidden === undefined && commands.includes('connect'), name);
  }
});

test('the help has each heading once', () => {
  for (const command of COMMANDS) {
    const headings = renderHelp(command, 80).match(/^\S.*:$/gm) ?? [];
    assert.ok(headings.length > 0);
    assert.deepEqual(headings, [...new Set(headings)]);
  }
});

test('no two flags have the same name or letter', () => {
  const all = FLAGS.flatMap(({ name, short }) => (short === undefined || short === name ? [name] : [name, short]));
  assert.deepEqual(all, [...new Set(all)]);
});
