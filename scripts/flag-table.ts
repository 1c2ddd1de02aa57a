// The tables of flags in README.md and docs/, made from the list that the parser and the help text are made from. Run as a
// program it puts them into the files.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FLAGS, type Flag, renderFlag } from '../src/cli/flags.ts';

const END = '<!-- end of flags -->';
const NOTE = 'made by scripts/flag-table.ts';

/** What each file's tables show; a marker `<!-- flags of NAME: made by … -->` names one of them. */
export const FILES: Readonly<Record<string, readonly string[]>> = {
  'README.md': ['a session', 'kubectl'],
  'docs/up.md': ['up'],
};
const TABLES: Readonly<Record<string, (flag: Flag) => boolean>> = {
  'a session': (flag) => flag.commands.includes('connect') && flag.kubectl !== true,
  kubectl: (flag) => flag.kubectl === true,
  up: (flag) => flag.commands.includes('up') && !flag.commands.includes('connect'),
};

/** `text` with the tables that `file` has to have. */
export function withFlagTables(file: string, text: string): string {
  return (FILES[file] ?? []).reduce((changed, name) => withTable(file, name, changed), text);
}

function withTable(file: string, name: string, text: string): string {
  const marker = `<!-- flags of ${name}: ${NOTE} -->`;
  const begin = text.indexOf(marker);
  const end = text.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error(`${file} has no ${marker} … ${END}`);
  return `${text.slice(0, begin + marker.length)}\n\n${renderTable(name)}\n\n${text.slice(end)}`;
}

function renderTable(name: string): string {
  const shown = FLAGS.filter((flag) => flag.hidden === undefined && TABLES[name]?.(flag));
  const rows = shown.map((flag) => `| \`${renderFlag(flag)}\` | ${flag.help.replaceAll('|', '\\|')} |`);
  return ['| flag | meaning |', '| --- | --- |', ...rows].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of Object.keys(FILES)) {
    const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
    writeFileSync(path, withFlagTables(file, readFileSync(path, 'utf8')));
  }
}
