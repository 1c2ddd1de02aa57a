import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appearanceOf } from '../../../../src/output/core/appearance.ts';
import { BASIC_COLORS, INDEXED_COLORS } from '../../../../src/output/core/palette.ts';

const TTY = { isTTY: true, columns: 100 };
const XTERM = { TERM: 'xterm-256color' };

const COLORS: readonly (readonly [env: Record<string, string>, colors: 256 | 16 | 0, platform?: string])[] = [
  [XTERM, 256],
  [{ TERM: 'tmux-256color' }, 256],
  [{ TERM: 'xterm-kitty' }, 256],
  [{ TERM: 'xterm', COLORTERM: 'truecolor' }, 256],
  [{ TERM: 'xterm', FORCE_COLOR: '3' }, 256],
  [{}, 256, 'win32'],
  [{ TERM: 'xterm' }, 16],
  [{ TERM: 'linux' }, 16],
  [{ TERM: 'xterm', FORCE_COLOR: '1' }, 16],
  [{}, 16],
  [{ TERM: 'dumb' }, 0],
  [{ ...XTERM, NO_COLOR: '1' }, 0],
  [{ ...XTERM, FORCE_COLOR: '0' }, 0],
  [{ ...XTERM, NO_COLOR: '' }, 256],
];
for (const [env, colors, platform = 'linux'] of COLORS) {
  test(`${colors} colours with ${JSON.stringify(env)} on ${platform}`, () => {
    const expected = colors === 0 ? undefined : colors === 16 ? BASIC_COLORS : INDEXED_COLORS;
    assert.equal(appearanceOf(TTY, 'auto', env, platform).colors, expected);
  });
}

test('a flag counts more than the environment', () => {
  assert.equal(appearanceOf(TTY, 'never', { ...XTERM, FORCE_COLOR: '1' }, 'linux').colors, undefined);
  assert.equal(appearanceOf({}, 'always', { ...XTERM, NO_COLOR: '1' }, 'linux').colors, INDEXED_COLORS);
});

test('without a terminal there are no colours, links and columns', () => {
  assert.deepEqual(appearanceOf({}, 'auto', XTERM, 'linux'), {
    terminal: false,
    colors: undefined,
    columns: undefined,
    links: false,
  });
  assert.equal(appearanceOf({}, 'always', XTERM, 'linux').links, false);
});

test('a terminal that does not say how wide it is has 80 columns', () => {
  assert.equal(appearanceOf({ isTTY: true }, 'auto', XTERM, 'linux').columns, 80);
  assert.equal(appearanceOf(TTY, 'auto', XTERM, 'linux').columns, 100);
});

const LINKS: readonly (readonly [env: Record<string, string>, links: boolean])[] = [
  [XTERM, true],
  [{ TERM: 'screen' }, true],
  [{ TERM: 'alacritty' }, true],
  [{ TERM: 'unheard-of', TERM_PROGRAM: 'vscode' }, true],
  [{ WT_SESSION: 'a-guid' }, true],
  [{ TERM: 'linux' }, false],
  [{ TERM: 'dumb', TERM_PROGRAM: 'vscode' }, false],
  [{ ...XTERM, NO_COLOR: '1' }, false],
  [{}, false],
];
for (const [env, links] of LINKS) {
  test(`${links ? 'links' : 'no links'} with ${JSON.stringify(env)}`, () => {
    assert.equal(appearanceOf(TTY, 'auto', env, 'linux').links, links);
  });
}
