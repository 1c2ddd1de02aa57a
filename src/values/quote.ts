// Shows foreign text (the user's, draft.toml's, the cluster's) inside a one-line message, so that no terminal obeys it.

const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const LONGEST = 2000;

/** One line: every run of control characters and white space is one space; very long text is cut. */
export function oneLine(text: string): string {
  const line = text.replace(CONTROL, ' ').replace(/\s+/g, ' ').trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}…`;
}

/** The text in single quotes, control characters written as `\u001b`. */
export function quoted(text: string): string {
  const shown = text.replace(CONTROL, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `'${shown.length <= 100 ? shown : `${shown.slice(0, 100)}…`}'`;
}
