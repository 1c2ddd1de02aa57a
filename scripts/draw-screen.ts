// A terminal's screen as an SVG: rows of text with the escape sequences of their colours in, as `tmux capture-pane -e`
// gives them. One picture serves light and dark: its colours follow the reader's `prefers-color-scheme`.

interface Style {
  /** A class of PALETTE, or a colour of its own. */
  readonly color?: string | undefined;
  readonly bold?: boolean;
  readonly dim?: boolean;
}

interface Run {
  readonly text: string;
  /** Of its first cell, from 0. */
  readonly column: number;
  readonly style: Style;
}

const THEMES = ['light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

/** What each class is painted with: the terminal's sixteen colours from `c0` on. All are legible on `screen`. */
export const PALETTE: Readonly<Record<string, Readonly<Record<Theme, string>>>> = {
  screen: { light: '#ffffff', dark: '#0d1117' },
  edge: { light: '#d0d7de', dark: '#30363d' },
  text: { light: '#1f2328', dark: '#e6edf3' },
  dim: { light: '#59636e', dark: '#9198a1' },
  c0: { light: '#24292f', dark: '#8b949e' },
  c1: { light: '#c31c28', dark: '#ff7b72' },
  c2: { light: '#116329', dark: '#3fb950' },
  c3: { light: '#7d4e00', dark: '#d29922' },
  c4: { light: '#0550ae', dark: '#58a6ff' },
  c5: { light: '#8250df', dark: '#bc8cff' },
  c6: { light: '#17697a', dark: '#39c5cf' },
  c7: { light: '#57606a', dark: '#b1bac4' },
  c8: { light: '#4d555e', dark: '#8b949e' },
  c9: { light: '#a40e26', dark: '#ffa198' },
  c10: { light: '#0a6b2b', dark: '#56d364' },
  c11: { light: '#633c01', dark: '#e3b341' },
  c12: { light: '#0757ba', dark: '#79c0ff' },
  c13: { light: '#6639ba', dark: '#d2a8ff' },
  c14: { light: '#0b6275', dark: '#56d4dd' },
  c15: { light: '#24292f', dark: '#f0f6fc' },
};

const ESC = '\\u001b';
/** Colours (SGR), links (OSC 8, which go unseen), and text. */
const PIECES = new RegExp(`${ESC}\\[([\\d;:]*)m|${ESC}\\]8;[^${ESC}]*${ESC}\\\\|([^${ESC}]+)`, 'g');

const CELL = { width: 8.4, height: 19, font: 14 };
const MARGIN = 16;

/** @param title what a reader hears who does not see it. */
export function drawScreen(screen: string, title: string): string {
  const rows = readRows(screen.trimEnd());
  const columns = Math.max(...rows.flat().map(({ column, text }) => column + text.length));
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = Math.ceil(rows.length * CELL.height + 2 * MARGIN);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title" xml:space="preserve">`,
    `<title id="title">${escapeXml(title)}</title>`,
    `<style>\n${styleSheet(rows)}\n</style>`,
    `<rect class="screen" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>`,
    ...rows.flatMap((row, at) => row.map((run) => drawRun(run, at))),
    '</svg>\n',
  ].join('\n');
}

function drawRun({ text, column, style }: Run, row: number): string {
  const x = round(MARGIN + column * CELL.width);
  const y = round(MARGIN + row * CELL.height + CELL.font);
  const classes = [styleClass(style), style.bold ? 'bold' : ''].filter(Boolean).join(' ');
  const own = classOf(style) === undefined && style.color !== undefined ? ` style="fill:${style.color}"` : '';
  // Whatever font there is, each character keeps its cell.
  return `<text class="${classes}"${own} x="${x}" y="${y}" textLength="${round(text.length * CELL.width)}">${escapeXml(text)}</text>`;
}

function classOf({ color, dim }: Style): string | undefined {
  if (color === undefined) return dim ? 'dim' : 'text';
  return PALETTE[color] === undefined ? undefined : color;
}

function styleClass(style: Style): string {
  return classOf(style) ?? '';
}

function styleSheet(rows: readonly (readonly Run[])[]): string {
  const used = new Set(rows.flat().map(({ style }) => styleClass(style)));
  const rules = (theme: Theme) =>
    Object.entries(PALETTE)
      .filter(([name]) => used.has(name))
      .map(([name, paint]) => `.${name}{fill:${paint[theme]}}`)
      .concat(`.screen{fill:${PALETTE['screen']?.[theme]};stroke:${PALETTE['edge']?.[theme]}}`)
      .join('');
  return [
    `text{font:${CELL.font}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}`,
    '.bold{font-weight:bold}',
    rules('light'),
    `@media (prefers-color-scheme:dark){${rules('dark')}}`,
  ].join('\n');
}

/** Each row's runs of one style. A style goes on in the next row until the terminal is told otherwise. */
export function readRows(screen: string): readonly (readonly Run[])[] {
  let style: Style = {};
  return screen.split('\n').map((row) => {
    const runs: Run[] = [];
    let column = 0;
    for (const [piece, codes, text] of row.matchAll(PIECES)) {
      if (codes !== undefined) style = restyle(style, codes);
      if (text === undefined) continue;
      const blanks = text.length - text.trimStart().length;
      if (blanks < text.length) runs.push({ text: text.slice(blanks), column: column + blanks, style });
      column += piece.length;
    }
    return runs;
  });
}

function restyle(style: Style, codes: string): Style {
  const rest = codes.split(/[;:]/).map(Number);
  let now = style;
  while (rest.length > 0) {
    const code = rest.shift() ?? 0;
    now = code === 38 ? { ...now, color: readColor(rest) } : { ...now, ...changeOf(code) };
  }
  return now;
}

function changeOf(code: number): Style {
  if (code === 0) return { color: undefined, bold: false, dim: false };
  if (code === 1) return { bold: true };
  if (code === 2) return { dim: true };
  if (code === 22) return { bold: false, dim: false };
  if (code === 39) return { color: undefined };
  if (code >= 30 && code <= 37) return { color: `c${code - 30}` };
  if (code >= 90 && code <= 97) return { color: `c${code - 90 + 8}` };
  return {};
}

/** What follows 38: `5;N` of 256 colours, or `2;R;G;B`. */
function readColor(rest: number[]): string {
  if (rest.shift() === 2) return hex(rest.splice(0, 3));
  const index = rest.shift() ?? 0;
  if (index < 16) return `c${index}`;
  if (index >= 232) return hex(Array<number>(3).fill(8 + (index - 232) * 10));
  const cube = index - 16;
  return hex([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((level) => level && 55 + level * 40));
}

function hex(parts: readonly number[]): string {
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function round(length: number): number {
  return Math.round(length * 10) / 10;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
