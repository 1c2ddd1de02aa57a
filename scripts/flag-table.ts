// The README's table of flags, made from the list that the parser and the help text are made from. Run as a program it
// puts the table into README.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FLAGS, renderFlag } from '../src/cli/flags.ts';

const BEGIN = '<!-- flags: made by scripts/flag-table.ts -->';
const END = '<!-- end of flags -->';

/** `readme` with its table as it has to be. */
export function withFlagTable(readme: string): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`README.md has no ${BEGIN} … ${END}`);
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${renderTable()}\n\n${readme.slice(end)}`;
}

function renderTable(): string {
  const shown = FLAGS.filter((flag) => flag.hidden === undefined && flag.commands.includes('connect'));
  const rows = shown.map((flag) => `| \`${renderFlag(flag)}\` | ${flag.help.replaceAll('|', '\\|')} |`);
  return ['| flag | meaning |', '| --- | --- |', ...rows].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = fileURLToPath(new URL('../README.md', import.meta.url));
  writeFileSync(file, withFlagTable(readFileSync(file, 'utf8')));
}
