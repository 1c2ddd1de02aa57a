// Typed reading of one TOML table that goes on after a problem, so that all of them can be shown together.
import { typeName } from '../../values/decode.ts';
import { UserError } from '../../values/errors.ts';
import { isDnsLabel } from '../../values/names.ts';
import { nearest } from '../../values/nearest.ts';
import { quoted } from '../../values/quote.ts';
import { type Mapping, parseMappings } from './mapping.ts';

type Test = (text: string) => boolean;

/** A value that reaches a child as an argument or a path: one line, not to be taken for an option. */
const isPlain: Test = (text) => !text.startsWith('-') && !/\p{Cc}/u.test(text);

export class Fields {
  /** `KEY: what is wrong`, in the order of reading. */
  readonly problems: string[] = [];
  /** Every key that was asked for. */
  readonly known: string[] = [];
  readonly #table: Readonly<Record<string, unknown>>;

  constructor(table: Readonly<Record<string, unknown>>) {
    this.#table = table;
  }

  /** The value as it stands; undefined when the key is missing. */
  raw(key: string): unknown {
    this.known.push(key);
    return Object.hasOwn(this.#table, key) ? this.#table[key] : undefined;
  }

  /** A text; an empty one, as old tools wrote it for a missing value, is undefined. */
  text(key: string, test: Test = isPlain, expected = "one line that doesn't start with '-'"): string | undefined {
    const value = this.raw(key);
    if (value === undefined || value === '') return undefined;
    return this.#checked(key, value, test, expected);
  }

  namespace(): string | undefined {
    return this.text('namespace', isDnsLabel, 'a namespace (a-z, 0-9 and - inside, at most 63)');
  }

  flag(key: string, otherwise = false): boolean {
    const value = this.raw(key);
    if (typeof value === 'boolean') return value;
    if (value !== undefined) this.problem(key, 'true or false', value);
    return otherwise;
  }

  /** A whole number from 0 to `most`. */
  count(key: string, otherwise: number, most: number): number {
    const value = this.raw(key);
    if (value === undefined) return otherwise;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return value;
    this.problem(key, `a whole number from 0 to ${most}`, value);
    return otherwise;
  }

  list(key: string, test: Test = isPlain, expected = "texts that don't start with '-'"): readonly string[] {
    const value = this.raw(key);
    if (value === undefined) return [];
    if (Array.isArray(value)) {
      return value.flatMap((entry, index) => this.#checked(`${key}[${index}]`, entry, test, expected) ?? []);
    }
    this.problem(key, 'a list', value);
    return [];
  }

  /** LOCAL:REMOTE each; only -p names an app. */
  mappings(key: string): readonly Mapping[] {
    const texts = this.list(key, () => true);
    const mappings = this.parsed(key, () => parseMappings(texts), []);
    for (const { app, text } of mappings) if (app !== undefined) this.problem(key, 'LOCAL:REMOTE', text);
    return mappings;
  }

  /** A table of texts. */
  texts(key: string): Readonly<Record<string, string>> {
    const value = this.raw(key);
    if (value === undefined) return {};
    const table = asTable(value);
    if (table === undefined) this.problem(key, 'a table', value);
    // fromEntries defines members, so that `__proto__` stays a key like any other
    return Object.fromEntries(
      Object.entries(table ?? {}).map(([name, entry]) => {
        if (!isPlain(name)) this.problems.push(`${key}: ${quoted(name)} is not a name that can be passed on`);
        if (typeof entry !== 'string') this.problem(`${key}.${name}`, 'a text', entry);
        else if (entry.includes('\0')) this.problems.push(`${key}.${name}: a NUL character cannot be passed on`);
        return [name, String(entry)];
      }),
    );
  }

  /** Runs a parser whose UserErrors are this field's problems. */
  parsed<T>(key: string, parse: () => T, otherwise: T): T {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.problems.push(`${key}: ${error.message}`);
      return otherwise;
    }
  }

  problem(key: string, expected: string, value: unknown): void {
    this.problems.push(`${key}: expected ${expected}, got ${typeof value === 'string' ? quoted(value) : shown(value)}`);
  }

  #checked(key: string, value: unknown, test: Test, expected: string): string | undefined {
    if (typeof value === 'string' && test(value)) return value;
    this.problem(key, typeof value === 'string' ? expected : 'a text', value);
    return undefined;
  }
}

/** One sentence each; `place` is where the keys stand. */
export function unknownKeys(keys: readonly string[], known: readonly string[], place: string): readonly string[] {
  return keys
    .filter((key) => !known.includes(key))
    .map((key) => {
      const meant = nearest(key, known);
      return `${place}: unknown key ${quoted(key)}${meant === undefined ? '' : `, did you mean '${meant}'?`}`;
    });
}

/** A TOML table's members; undefined for everything else. */
export function asTable(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeName(value) === 'an object' ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function shown(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeName(value) === 'an object' ? 'a table' : typeName(value);
}
