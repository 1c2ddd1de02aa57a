// How text looks where it goes: on a terminal, by what that can show; anywhere else it is plain.
import { BASIC_COLORS, INDEXED_COLORS } from './palette.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Where text goes, as node's streams say it. */
export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Appearance {
  readonly terminal: boolean;
  /** SGR parameters for names; undefined: no colours at all. */
  readonly colors: readonly string[] | undefined;
  /** Undefined where it is no terminal. */
  readonly columns: number | undefined;
  /** It is likely to know OSC 8. */
  readonly links: boolean;
}

export function appearanceOf(
  { isTTY = false, columns = 80 }: Stream,
  choice: 'auto' | 'always' | 'never',
  env: Variables,
  platform: string,
): Appearance {
  const coloured = wantsColor(choice, env, isTTY);
  return {
    terminal: isTTY,
    colors: coloured ? colorsOf(env, platform) : undefined,
    columns: isTTY ? columns : undefined,
    links: isTTY && coloured && knowsLinks(env),
  };
}

/** A flag decides; else NO_COLOR (https://no-color.org) and FORCE_COLOR, by being set to anything; else the terminal. */
function wantsColor(choice: 'auto' | 'always' | 'never', env: Variables, isTTY: boolean): boolean {
  if (choice !== 'auto') return choice === 'always';
  const { NO_COLOR, FORCE_COLOR, TERM } = env;
  if (FORCE_COLOR) return FORCE_COLOR !== '0';
  if (NO_COLOR) return false;
  return isTTY && TERM !== 'dumb';
}

function colorsOf({ TERM = '', COLORTERM = '', FORCE_COLOR = '' }: Variables, platform: string): readonly string[] {
  const many =
    platform === 'win32' ||
    /^(truecolor|24bit)$/.test(COLORTERM) ||
    /256|direct|kitty|alacritty|ghostty|wezterm|foot/.test(TERM) ||
    /^[23]$/.test(FORCE_COLOR);
  return many ? INDEXED_COLORS : BASIC_COLORS;
}

/** These show links or at least leave out what they do not know; others, Linux's console say, would show rubbish. */
function knowsLinks({ TERM = '', TERM_PROGRAM, WT_SESSION }: Variables): boolean {
  const known = /^(xterm|screen|tmux|rxvt-unicode|alacritty|foot|ghostty|wezterm|konsole|vte|contour)/;
  return TERM !== 'dumb' && (known.test(TERM) || Boolean(TERM_PROGRAM ?? WT_SESSION));
}
