// What may stand where the cursor is: read from the words before it, as kubectl's completion hands them over.

/** A flag as far as it matters here. */
export interface CompletedFlag {
  readonly name: string;
  readonly short?: string;
  /** What its value is called; a switch has none. */
  readonly value?: string;
  readonly choices?: readonly string[];
}

export type Source =
  /** A subcommand or a target. */
  | 'first-word'
  | 'targets'
  | 'flags'
  | 'choices'
  | 'namespaces'
  | 'contexts'
  | 'clusters'
  | 'users'
  | 'environments'
  | 'containers'
  | 'ports'
  | 'sessions'
  | 'builds'
  | 'subcommands'
  | 'shells'
  | 'files'
  | 'folders'
  | 'nothing';

export interface CompletedWord {
  readonly source: Source;
  readonly typed: string;
  /** What stands before it in the same word and is part of every suggestion. */
  readonly lead: string;
  readonly choices: readonly string[];
  /** The words before, without a flag whose value is completed. */
  readonly before: readonly string[];
}

const SOURCES: Readonly<Record<string, Source>> = {
  namespace: 'namespaces',
  context: 'contexts',
  cluster: 'clusters',
  user: 'users',
  environment: 'environments',
  container: 'containers',
  'override-port': 'ports',
  file: 'files',
  kubeconfig: 'files',
  kubectl: 'files',
  'certificate-authority': 'files',
  'client-certificate': 'files',
  'client-key': 'files',
  'cache-dir': 'folders',
};

/** Flags whose value is a list. */
const LISTS: ReadonlySet<Source> = new Set(['containers', 'ports']);

/** By subcommand: what its first word is, and all that follow. */
const WORDS: Readonly<Record<string, readonly [first: Source, more: Source]>> = {
  up: ['folders', 'nothing'],
  list: ['nothing', 'nothing'],
  ls: ['nothing', 'nothing'],
  env: ['sessions', 'nothing'],
  stop: ['sessions', 'sessions'],
  logs: ['builds', 'nothing'],
  completion: ['shells', 'nothing'],
  version: ['nothing', 'nothing'],
  help: ['subcommands', 'nothing'],
};

/** @param words those after the program's name; the last one is completed and may be empty */
export function completedWord(words: readonly string[], flags: readonly CompletedFlag[]): CompletedWord {
  const before = words.slice(0, -1);
  const typed = words.at(-1) ?? '';
  const { positional, pending, isCommand } = readBefore(before, flags);
  const word = (source: Source): CompletedWord => ({ source, typed, lead: '', choices: [], before });
  if (isCommand) return word('files');
  if (pending !== undefined) return valueOfFlag(pending, typed, before.slice(0, -1));
  if (typed.startsWith('-')) return flagOf(typed, flags, before);
  const [first, ...more] = positional;
  if (first === undefined) return word('first-word');
  const own = Object.hasOwn(WORDS, first) ? WORDS[first] : undefined;
  if (own === undefined) return word('targets');
  return word(more.length === 0 ? own[0] : own[1]);
}

interface Before {
  readonly positional: readonly string[];
  /** The flag whose value comes next. */
  readonly pending: CompletedFlag | undefined;
  /** What follows `--` is a command of the user's. */
  readonly isCommand: boolean;
}

function readBefore(words: readonly string[], flags: readonly CompletedFlag[]): Before {
  const positional: string[] = [];
  let pending: CompletedFlag | undefined;
  for (const word of words) {
    if (pending !== undefined) pending = undefined;
    else if (word === '--') return { positional, pending: undefined, isCommand: true };
    else if (word === '-' || !word.startsWith('-')) positional.push(word);
    else pending = wantsValue(word, flags);
  }
  return { positional, pending, isCommand: false };
}

/** The flag at the word's end, if its value is another word. */
function wantsValue(word: string, flags: readonly CompletedFlag[]): CompletedFlag | undefined {
  if (word.startsWith('--')) return flags.find(({ name, value }) => word === `--${name}` && value !== undefined);
  const found = valueInShorts(word, flags);
  return found?.value === '' ? found.flag : undefined;
}

/** `-n`, `-nx`, `-n=x`: the flag with a value among single letters. `lead`: what stands before the value. */
function valueInShorts(word: string, flags: readonly CompletedFlag[]) {
  for (let index = 1; index < word.length; index += 1) {
    const flag = flags.find(({ short }) => short === word[index]);
    if (flag === undefined) return undefined;
    if (flag.value !== undefined) return { flag, lead: word.slice(0, index + 1), value: word.slice(index + 1) };
  }
  return undefined;
}

function flagOf(typed: string, flags: readonly CompletedFlag[], before: readonly string[]): CompletedWord {
  if (typed.startsWith('--')) {
    const equals = typed.indexOf('=');
    const flag = flags.find(({ name, value }) => value !== undefined && typed.slice(0, equals) === `--${name}`);
    // After `=`, shells want the value alone.
    if (equals > 0) return valueOfFlag(flag, typed.slice(equals + 1), before);
  } else {
    const found = valueInShorts(typed, flags);
    if (found?.value.startsWith('=')) return valueOfFlag(found.flag, found.value.slice(1), before);
    if (found !== undefined && found.value !== '') {
      const word = valueOfFlag(found.flag, found.value, before);
      return { ...word, lead: `${found.lead}${word.lead}` };
    }
  }
  return { source: 'flags', typed, lead: '', choices: [], before };
}

function valueOfFlag(flag: CompletedFlag | undefined, text: string, before: readonly string[]): CompletedWord {
  const choices = flag?.choices ?? [];
  const source = choices.length > 0 ? 'choices' : (SOURCES[flag?.name ?? ''] ?? 'nothing');
  const start = LISTS.has(source) ? text.lastIndexOf(',') + 1 : 0;
  return { source, typed: text.slice(start), lead: text.slice(0, start), choices, before };
}

export interface Suggestion {
  readonly value: string;
  readonly description?: string | undefined;
}

/** kubectl's (cobra's) word to the shell on what it has not been told. */
export const DIRECTIVE = { files: 0, noSpace: 2, noFiles: 4, folders: 16 } as const;

/** The text that kubectl's shell scripts read: a suggestion a line, then the directive. */
export function renderSuggestions({ source, typed, lead }: CompletedWord, suggestions: readonly Suggestion[]): string {
  const fitting = suggestions.filter(({ value }) => value.startsWith(typed));
  const lines = fitting.map(({ value, description }) => {
    const said = description === undefined ? '' : `\t${description}`;
    return `${lead}${value}${said}`.replace(/[\r\n]/g, ' ');
  });
  return [...lines, `:${directiveOf(source, fitting)}`, ''].join('\n');
}

function directiveOf(source: Source, suggestions: readonly Suggestion[]): number {
  if (source === 'files') return DIRECTIVE.files;
  if (source === 'folders') return DIRECTIVE.folders;
  const isOpen = suggestions.length > 0 && suggestions.every(({ value }) => /[/:]$/.test(value));
  return DIRECTIVE.noFiles + (isOpen ? DIRECTIVE.noSpace : 0);
}
