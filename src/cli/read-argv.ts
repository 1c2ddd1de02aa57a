// Reads argv the way kubectl's flag library (pflag) does and spells every flag in one form, `--name=value`: what
// follows a flag that takes a value is its value whatever it looks like, and `-nx`, `-n=x`, `-n x` are the same.
import { usageError } from '../values/errors.ts';
import { nearest } from '../values/nearest.ts';
import { type CommandName, FLAGS, type Flag } from './flags.ts';

export interface Tokens {
  readonly flags: readonly string[];
  readonly words: readonly string[];
  /** What follows `--`, untouched. */
  readonly command: readonly string[] | undefined;
}

const byName = new Map(FLAGS.map((flag) => [flag.name, flag]));
const byShort = new Map(FLAGS.filter((flag) => flag.short !== undefined).map((flag) => [flag.short, flag]));

export function readTokens(argv: readonly string[]): Tokens {
  const flags: string[] = [];
  const words: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const token = argv[index] ?? '';
    if (token === '--') return { flags, words, command: argv.slice(index + 1) };
    if (token === '-' || !token.startsWith('-')) {
      words.push(token);
      continue;
    }
    const spelt = token.startsWith('--') ? readLong(token) : readShorts(token);
    for (const { flag, value, as } of spelt) {
      if (value !== undefined || flag.value === undefined) {
        flags.push(`--${flag.name}=${value ?? 'true'}`);
      } else if (index + 1 < argv.length) {
        flags.push(`--${flag.name}=${argv[++index]}`);
      } else {
        throw usageError(`flag needs a value: ${as}`, `write ${as} ${flag.value}`);
      }
    }
  }
  return { flags, words, command: undefined };
}

interface SpeltFlag {
  readonly flag: Flag;
  readonly value: string | undefined;
  /** As it was written, for messages. */
  readonly as: string;
}

function readLong(token: string): readonly SpeltFlag[] {
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

/** Throws for a flag that exists but has no meaning for this command. */
export function requireFlagsOf(command: CommandName, flags: readonly string[]): void {
  for (const token of flags) {
    const name = token.slice(2, token.indexOf('='));
    if (byName.get(name)?.commands.includes(command) !== true) {
      const help = command === 'connect' ? '--help' : `${command} --help`;
      throw usageError(
        `unknown flag: --${name} for ${command}`,
        `kubectl draft-connect ${help} lists the flags there are`,
      );
    }
  }
}
