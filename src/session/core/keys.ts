// What can be typed while a session runs, each letter followed by Enter.

export type Key = 'help' | 'urls' | 'open' | 'clear' | 'end';

const KEYS: readonly (readonly [letter: string, key: Key, does: string])[] = [
  ['u', 'urls', 'the URLs again'],
  ['o', 'open', 'open in the browser'],
  ['c', 'clear', 'clear the screen'],
  ['q', 'end', 'end'],
  ['h', 'help', 'these keys'],
];

/** Undefined for anything else: an empty line spaces the log, as it does under kubectl. */
export function keyOf(line: string): Key | undefined {
  return KEYS.find(([letter]) => letter === line.trim())?.[1];
}

export const KEY_LINES = KEYS.map(([letter, , does]) => `${letter} and Enter: ${does}`);
