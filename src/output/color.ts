// Whether to colour what goes to a stream.

/** A flag decides; else NO_COLOR (https://no-color.org) and FORCE_COLOR, by being set to anything; else the terminal. */
export function wantsColor(choice: 'auto' | 'always' | 'never', stream: NodeJS.WriteStream): boolean {
  if (choice !== 'auto') return choice === 'always';
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (FORCE_COLOR) return FORCE_COLOR !== '0';
  if (NO_COLOR) return false;
  return stream.isTTY === true && TERM !== 'dumb';
}
