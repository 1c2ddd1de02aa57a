import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BASIC_COLORS, INDEXED_COLORS, Palette } from '../../../../src/output/core/palette.ts';
import { GRAY } from '../../../../src/output/core/status-line.ts';

// Default palettes, in the order 0-15, of the entries that are used: XTerm-col.ad, Terminal's Basic profile, and
// terminalColorRegistry.ts of VS Code.
const PALETTES: Readonly<Record<string, { readonly colors: Readonly<Record<string, string>>; readonly on: string[] }>> =
  {
    xterm: {
      colors: { 31: 'cd0000', 35: 'cd00cd', 91: 'ff0000', 94: '5c5cff', 95: 'ff00ff' },
      on: ['000000', 'ffffff'],
    },
    'macOS Terminal': {
      colors: { 31: 'c23621', 35: 'd338d3', 91: 'fc391f', 94: '5833ff', 95: 'f935f8' },
      on: ['000000', 'ffffff'],
    },
    'VS Code dark': {
      colors: { 31: 'cd3131', 35: 'bc3fbc', 91: 'f14c4c', 94: '3b8eea', 95: 'd670d6' },
      on: ['1e1e1e', '000000'],
    },
    'VS Code light': {
      colors: { 31: 'cd3131', 35: 'bc05bc', 91: 'cd3131', 94: '0451a5', 95: 'bc05bc' },
      on: ['ffffff'],
    },
  };
/** Of all three; macOS Terminal's and VS Code's dark backgrounds are no pure black. */
const BACKGROUNDS = ['000000', 'ffffff', '1e1e1e', '1f1f1f'];

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio */
function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

/** Of the 6 x 6 x 6 cube and the grays behind it, which all terminals share. */
function indexed(index: number): string {
  if (index >= 232) return (8 + (index - 232) * 10).toString(16).padStart(2, '0').repeat(3);
  const levels = ['00', '5f', '87', 'af', 'd7', 'ff'];
  const at = index - 16;
  return [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map((level) => levels[level]).join('');
}

test('contrast is what WCAG says', () => {
  assert.equal(contrast('000000', 'ffffff'), 21);
  assert.equal(contrast('ffff00', 'ffffff').toFixed(2), '1.07');
});

for (const color of [...INDEXED_COLORS, GRAY]) {
  test(`colour ${color} is legible on white and black`, () => {
    const hex = indexed(Number(color.split(';')[2]));
    for (const background of BACKGROUNDS) {
      const ratio = contrast(hex, background);
      assert.ok(ratio >= 3.5, `#${hex} on #${background}: ${ratio.toFixed(2)}`);
    }
  });
}

for (const [name, { colors, on }] of Object.entries(PALETTES)) {
  test(`the 16 colours that are used are legible in ${name}`, () => {
    for (const color of BASIC_COLORS) {
      for (const background of on) {
        const ratio = contrast(colors[color] ?? '', background);
        assert.ok(ratio >= 3, `${color} on #${background}: ${ratio.toFixed(2)}`);
      }
    }
  });
}

const NAMES = Array.from({ length: 40 }, (_, index) => `container-${index}`);

for (const [what, colors] of [
  ['256', INDEXED_COLORS],
  ['16', BASIC_COLORS],
] as const) {
  test(`with ${what} colours, containers of one pod never share one`, () => {
    for (let count = 1; count <= colors.length * 4; count++) {
      const palette = new Palette(colors);
      const names = NAMES.slice(0, count);
      palette.add(names);
      assert.equal(new Set(names.map((name) => palette.colorOf(name))).size, names.length);
    }
  });
}

test('as long as there are colours, nothing is underlined', () => {
  const palette = new Palette(INDEXED_COLORS);
  palette.add(NAMES.slice(0, 12));
  assert.deepEqual(
    NAMES.slice(0, 12)
      .map((name) => palette.colorOf(name))
      .sort(),
    [...INDEXED_COLORS].sort(),
  );
});

test('more names than there are colours have one all the same', () => {
  const palette = new Palette(['35']);
  palette.add(NAMES);
  assert.equal(palette.colorOf('container-39'), '35');
});

// Written down, so that a change of the rule shows: people get used to their container's colour.
test('a container keeps its colour from run to run', () => {
  const palette = new Palette(INDEXED_COLORS);
  const names = ['go', 'multi-port', 'web', 'db', 'istio-proxy'];
  palette.add(names);
  assert.deepEqual(
    names.map((name) => Number(palette.colorOf(name).split(';')[2])),
    [32, 100, 133, 28, 63],
  );
});

test('who comes first in the pod keeps its colour, and who comes later keeps off', () => {
  const collide = ['a', 'b', 'c', 'd', 'e', 'f'].filter((name) => new Palette(['31', '35']).colorOf(name) === '31');
  const [one = '', two = ''] = collide;
  for (const names of [
    [one, two],
    [two, one],
  ]) {
    const palette = new Palette(['31', '35']);
    palette.add(names);
    palette.add(['later']);
    assert.deepEqual(
      names.map((name) => palette.colorOf(name)),
      ['31', '35'],
    );
  }
});
