// Status lines on a terminal: marked and out of the way of the logs.
import { oneLine } from '../../values/quote.ts';
import type { Appearance } from './appearance.ts';
import type { Weight } from './messages.ts';
import { INDEXED_COLORS } from './palette.ts';

/** #808080 in the 256 colours: 3.9 : 1 on white, 5.3 : 1 on black. */
export const GRAY = '38;5;244';
const BOLD = '1';

/** Anywhere else it is the line alone. */
export function renderStatus(text: string, weight: Weight, { terminal, colors }: Appearance): string {
  const line = oneLine(text);
  if (!terminal) return line;
  const trouble = weight !== 'news';
  const marked = `${trouble ? '!' : '*'} ${line}`;
  if (colors === undefined) return marked;
  if (trouble) return `\x1b[${BOLD}m${marked}\x1b[0m`;
  return colors === INDEXED_COLORS ? `\x1b[${GRAY}m${marked}\x1b[0m` : marked;
}
