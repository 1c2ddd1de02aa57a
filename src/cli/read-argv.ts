// Reads argv the way kubectl's flag library (pflag) does and spells every flag in one form, `--name=value`: what
// follows a flag that takes a value is its value whatever it looks like, and `-nx`, `-n=x`, `-n x` are the same.
import { usageError } from '../values/errors.ts';
import { nearest } from '../values/nearest.ts';
import { FLAGS, type Flag } from './flags.ts';

export interface Tokens {
  readonly flags: readonly string[];
  readonly words: readonly string[];
  /** What follows `--`, untouched. */
  readonly command: readonly string[] | undefined;
}

const byName = new Map(FLAGS.map((flag) => [flag.name, flag]));
const byShort = new Map(FLAGS.filter((flag) => flag.short !== undefined).map((flag) => [flag.short, flag]));

export function readArgv(argv: readonly string[]): Tokens {
  const flags: string[] = [];
  const words: string[] = [];
  const rest = [...argv];
  for (let token = rest.shift(); token !== undefined; token = rest.shift()) {
    if (token === '--') return { flags, words, command: rest };
    if (token === '-' || !token.startsWith('-')) words.push(token);
    else for (const spelt of readFlags(token)) flags.push(`--${spelt.flag.name}=${spelledValue(spelt, rest)}`);
  }
  return { flags, words, command: undefined };
}

/** What it was given itself, else what follows it. */
function spelledValue({ flag, value, as }: SpeltFlag, rest: string[]): string {
  if (flag.value === undefined) return String(value === undefined || parseBool(value, flag));
  const given = value ?? rest.shift();
  if (given === undefined) throw usageError(`flag needs a value: ${as}`, `write ${as} ${flag.value}`);
  return given;
}

/** The spellings of Go's strconv.ParseBool, as for kubectl's own switches. */
function parseBool(text: string, { name }: Flag): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw usageError(`invalid value '${text}' for --${name}`, `write --${name} or --${name}=false`);
}

interface SpeltFlag {
  readonly flag: Flag;
  readonly value: string | undefined;
  /** As it was written, for messages. */
  readonly as: string;
}

function readFlags(token: string): readonly SpeltFlag[] {
  if (!token.startsWith('--')) return readShorts(token);
  const equals = token.indexOf('=');
  const as = equals < 0 ? token : token.slice(0, equals);
  const flag = byName.get(as.slice(2));
  if (flag === undefined) throw unknownFlag(as);
  return [{ flag, value: equals < 0 ? undefined : token.slice(equals + 1), as }];
}

/** One or more single-letter flags: switches, and at the end possibly one with a value (`-nx`, `-n=x`). */
function readShorts(token: string): readonly SpeltFlag[] {
  const spelt: SpeltFlag[] = [];
  for (let index = 1; index < token.length; index++) {
    const letter = token[index] ?? '';
    const flag = byShort.get(letter);
    const as = `-${letter}`;
    if (flag === undefined) throw unknownFlag(token.length === 2 ? token : `${as} in ${token}`, token);
    const rest = token.slice(index + 1);
    if (flag.value === undefined && !rest.startsWith('=')) {
      spelt.push({ flag, value: undefined, as });
      continue;
    }
    spelt.push({ flag, value: rest === '' ? undefined : rest.replace(/^=/, ''), as });
    break;
  }
  return spelt;
}

function unknownFlag(text: string, as: string = text) {
  const names = FLAGS.filter((flag) => flag.hidden === undefined && flag.name.length > 1).map((flag) => flag.name);
  const word = as.replace(/^-+/, '').replace(/=.*/s, '');
  const begun = word.length > 1 ? names.filter((name) => name.startsWith(word)) : [];
  const meant = begun.sort((a, b) => a.length - b.length)[0] ?? nearest(word, names);
  return usageError(
    `unknown flag: ${text}`,
    meant === undefined ? 'kubectl draft-connect --help lists the flags there are' : `did you mean --${meant}?`,
  );
}
