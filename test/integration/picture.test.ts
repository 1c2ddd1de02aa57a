// The README's picture: what it is drawn from, that it can be read, and that the script still makes it of a real session.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { drawScreen, PALETTE, readRows } from '../../scripts/draw-screen.ts';
import { makeFolder } from '../harness/program.ts';
import { missing } from '../harness/tools.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const committed = readFileSync(`${root}docs/session.svg`, 'utf8');
const ESC = '\x1b';

for (const [title, screen, expected] of [
  ['text has no style', 'a b', [[0, 'a b', {}]]],
  ['blanks before a text move it', '  a', [[2, 'a', {}]]],
  [
    'a colour lasts until the next',
    `${ESC}[36m[go]:${ESC}[39m x`,
    [
      [0, '[go]:', { color: 'c6' }],
      [6, 'x', { color: undefined }],
    ],
  ],
  ['bright colours are the second eight', `${ESC}[94mx`, [[0, 'x', { color: 'c12' }]]],
  ["the first sixteen of 256 are the terminal's own", `${ESC}[38;5;9mx`, [[0, 'x', { color: 'c9' }]]],
  ['of 256, the cube', `${ESC}[38;5;202mx`, [[0, 'x', { color: '#ff5f00' }]]],
  ['of 256, the greys', `${ESC}[38;5;244mx`, [[0, 'x', { color: '#808080' }]]],
  ['any colour', `${ESC}[1;38;2;1;2;255mx`, [[0, 'x', { bold: true, color: '#0102ff' }]]],
  ['dim', `${ESC}[2mx`, [[0, 'x', { dim: true }]]],
  ['a reset ends all', `${ESC}[1;31m${ESC}[0mx`, [[0, 'x', { bold: false, dim: false, color: undefined }]]],
  ['links go unseen', `${ESC}]8;;http://localhost:1${ESC}\\x${ESC}]8;;${ESC}\\`, [[0, 'x', {}]]],
] as const) {
  test(`in the picture: ${title}`, () => {
    const runs = readRows(screen).flat();
    assert.deepEqual(
      runs.map(({ column, text, style }) => [column, text, style]),
      expected,
    );
  });
}

test('a style goes on in the next row of the picture', () => {
  const [, second] = readRows(`${ESC}[35ma\nb`);
  assert.deepEqual(second, [{ text: 'b', column: 0, style: { color: 'c5' } }]);
});

test('what is markup in SVG is text in the picture', () => {
  assert.match(drawScreen('<a> & b', 'x'), />&lt;a&gt; &amp; b<\/text>/);
});

for (const theme of ['light', 'dark'] as const) {
  test(`every colour of the picture is legible on its ${theme} background`, () => {
    const background = PALETTE['screen']?.[theme] ?? '';
    const paints = Object.entries(PALETTE).filter(([name]) => name !== 'screen' && name !== 'edge');
    const own = [...committed.matchAll(/fill:(#\w{6})"/g)].map(([, color = '']) => color);
    const faint = [...paints.map(([name, paint]) => [name, paint[theme]] as const), ...own.map((c) => [c, c] as const)]
      .map(([name, color]) => [name, contrast(color, background)] as const)
      // WCAG 2's limits: 4.5 for text; a colour that has to do on both backgrounds cannot have much more than that.
      .filter(([name, ratio]) => ratio < (name.startsWith('#') ? 3.5 : 4.5));
    assert.deepEqual(faint, []);
  });
}

/** By WCAG 2, from 1 to 21. */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const level = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return level <= 0.03928 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const SHOWN = [
  /^\$ kubectl draft-connect/,
  /^Connect to go:8080 on localhost:\d+$/,
  / GET \/before$/,
  /replaced by/,
  / GET \/after$/,
];

test('the picture in docs shows a session that goes on after a rollout', () => {
  assertShown(committed);
});

test('the picture can be made again', { skip: missing('tmux', 'kubectl') }, (t) => {
  const folder = makeFolder();
  t.after(() => folder.remove());
  const file = join(folder.path, 'session.svg');
  execFileSync(process.execPath, ['--import', 'tsx', 'scripts/picture.ts', file, '-p', ':8080,:80,:81'], { cwd: root });
  assertShown(readFileSync(file, 'utf8'));
});

function assertShown(svg: string): void {
  assert.match(svg, /^<svg [^>]*role="img"[^>]*>\n<title /);
  assert.match(svg, /@media \(prefers-color-scheme:dark\)/);
  const rows = rowsOf(svg);
  const found = SHOWN.map((pattern) => rows.findIndex((row) => pattern.test(row)));
  assert.deepEqual(
    found,
    [...found].sort((a, b) => a - b),
    rows.join('\n'),
  );
  assert.ok(!found.includes(-1), rows.join('\n'));
}

/** The picture's text, row by row. */
function rowsOf(svg: string): readonly string[] {
  const rows = new Map<string, string>();
  for (const [, x = '', y = '', text = ''] of svg.matchAll(/<text [^>]*x="([\d.]+)" y="([\d.]+)"[^>]*>(.*)<\/text>/g)) {
    const column = Math.round((Number(x) - 16) / 8.4);
    rows.set(y, (rows.get(y) ?? '').padEnd(column) + text);
  }
  return [...rows.values()];
}
