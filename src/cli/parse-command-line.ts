// argv as one of the things the program can be asked to do. The only module that knows yargs, which turns the spelt
// flags into typed values; how they are spelt and what the help says follow kubectl and are ours.
import yargs, { type Options } from 'yargs';
import type { ConnectFlags } from '../request/core/settings.ts';
import { usageError } from '../values/errors.ts';
import { type CommandName, FLAGS, type Flag } from './flags.ts';
import { readTokens, requireFlagsOf, type Tokens } from './read-argv.ts';
import { nearestSubcommand, SUBCOMMANDS } from './subcommands.ts';

export type ParsedCommand =
  | {
      readonly kind: 'connect';
      readonly flags: ConnectFlags;
      /** The same request in one spelling, each flag one `--name=value`: what `--detach` hands on. */
      readonly argv: readonly string[];
    }
  | { readonly kind: 'list'; readonly output: 'text' | 'json' }
  | { readonly kind: 'stop'; readonly names: readonly string[]; readonly all: boolean }
  | { readonly kind: 'version' }
  | { readonly kind: 'help'; readonly command: CommandName };

const NOT_YET = ['up', 'logs', 'completion'];

/** @throws UserError (exit status 2) with what is wrong and, where something is near, what may have been meant. */
export function parseCommandLine(argv: readonly string[]): ParsedCommand {
  // Before its flags are read: they are not known here either.
  refuseLater(argv[0]);
  const tokens = readTokens(argv);
  const [first, ...rest] = tokens.words;
  refuseLater(first);
  if (first !== undefined && SUBCOMMANDS.includes(first)) return parseSubcommand(first, rest, tokens);
  const values = readValues('connect', tokens.flags);
  if (values.is('help')) return { kind: 'help', command: 'connect' };
  if (values.is('version')) return { kind: 'version' };
  if (rest.length > 0) throw tooManyWords(tokens.words);
  if (first === '') throw usageError('TARGET is empty', 'leave it out to connect to the app of draft.toml');
  if (values.is('detach') && tokens.command !== undefined) {
    throw usageError('--detach and -- COMMAND exclude each other', 'COMMAND has tunnels of its own while it runs');
  }
  if (tokens.command?.length === 0) throw usageError('no COMMAND after --', 'kubectl draft-connect -- npm test');
  return {
    kind: 'connect',
    flags: readConnectFlags(first, values, tokens),
    argv: [...tokens.flags, ...tokens.words, ...(tokens.command === undefined ? [] : ['--', ...tokens.command])],
  };
}

function refuseLater(word: string | undefined): void {
  if (word === undefined || !NOT_YET.includes(word)) return;
  throw usageError(`'${word}' is not available in this version`, `a pod of that name is pod/${word}`);
}

function parseSubcommand(word: string, names: readonly string[], tokens: Tokens): ParsedCommand {
  if (word === 'help')
    return { kind: 'help', command: names[0] === 'list' || names[0] === 'stop' ? names[0] : 'connect' };
  const command = word === 'stop' ? 'stop' : 'list';
  const values = readValues(word === 'version' ? 'connect' : command, tokens.flags);
  if (values.is('help')) return { kind: 'help', command: word === 'version' ? 'connect' : command };
  if (tokens.command !== undefined) throw usageError(`${word} takes no -- COMMAND`);
  if (word === 'stop') {
    const all = values.is('all');
    if (all && names.length > 0) throw usageError('stop takes names or --all, not both');
    if (!all && names.length === 0) {
      throw usageError('stop what?', 'name an ID or an app of kubectl draft-connect list, or give --all');
    }
    return { kind: 'stop', names, all };
  }
  if (names.length > 0) throw usageError(`${word} takes no argument: ${names[0]}`, `a pod of that name is pod/${word}`);
  return word === 'version' ? { kind: 'version' } : { kind: 'list', output: values.choice('output') ?? 'text' };
}

interface Values {
  is(name: string): boolean;
  text(name: string): string | undefined;
  list(name: string): readonly string[];
  integer(name: string): number | undefined;
  /** The flag's own choices have been checked against its entry in FLAGS. */
  choice<Choice extends string>(name: string): Choice | undefined;
}

function readValues(command: CommandName, flags: readonly string[]): Values {
  requireFlagsOf(command, flags);
  // Only those that are there: making an option takes yargs longer than parsing one.
  const present = FLAGS.filter(({ name }) => flags.some((token) => token.startsWith(`--${name}=`)));
  const given: Readonly<Record<string, unknown>> = yargs([])
    .help(false)
    .version(false)
    .exitProcess(false)
    .detectLocale(false)
    .parserConfiguration({ 'boolean-negation': false, 'camel-case-expansion': false, 'dot-notation': false })
    .options(Object.fromEntries(present.map((flag) => [flag.name, parserOption(flag)])))
    .fail((message, error) => {
      throw error ?? new Error(message);
    })
    .parseSync(flags.map(protect));
  const parsed = Object.fromEntries(present.map((flag) => [flag.name, convert(flag, given[flag.name])]));
  for (const [one, other] of EXCLUSIVE) {
    if (parsed[one] === true && parsed[other] === true) throw usageError(`--${one} and --${other} exclude each other`);
  }
  return {
    is: (name) => parsed[name] === true,
    text: (name) => parsed[name] as string | undefined,
    list: (name) => (parsed[name] as readonly string[] | undefined) ?? [],
    integer: (name) => parsed[name] as number | undefined,
    choice: <Choice extends string>(name: string) => parsed[name] as Choice | undefined,
  };
}

const EXCLUSIVE = [
  ['detach', 'dry-run'],
  ['logs', 'no-logs'],
] as const;

/** yargs takes one pair of quotes off a value: these, so that the user's own stay. */
function protect(token: string): string {
  const start = token.indexOf('=') + 1;
  return `${token.slice(0, start)}"${token.slice(start)}"`;
}

/** Every value is text to yargs: its own conversions accept what kubectl refuses, and its messages name no remedy. */
function parserOption(flag: Flag): Options {
  return flag.repeatable ? { type: 'string', array: true, nargs: 1 } : { type: 'string' };
}

function convert(flag: Flag, text: unknown): unknown {
  if (flag.repeatable) return text;
  // yargs gathers repeated values; the last one counts.
  const given = String(Array.isArray(text) ? text.at(-1) : text);
  const spelt = flag.name.length === 1 ? `-${flag.name}` : `--${flag.name}`;
  if (flag.value === undefined) {
    // The spellings of Go's strconv.ParseBool, as for kubectl's own switches.
    if (/^(1|t|T|TRUE|true|True)$/.test(given)) return true;
    if (/^(0|f|F|FALSE|false|False)$/.test(given)) return false;
    throw usageError(`invalid value '${given}' for ${spelt}`, 'it is true or false, or stands alone');
  }
  if (flag.integer) {
    const number = wholeNumber(given);
    if (number === undefined) throw usageError(`invalid value '${given}' for ${spelt}`, 'it is a whole number');
    return number;
  }
  if (flag.choices?.includes(given) === false) {
    throw usageError(`invalid value '${given}' for ${spelt}`, `it is one of ${flag.choices.join(', ')}`);
  }
  return given;
}

/** One of 64 bits, as kubectl takes them; what no double holds exactly is as good as endless. */
function wholeNumber(text: string): number | undefined {
  if (!/^[+-]?\d{1,19}$/.test(text)) return undefined;
  const whole = BigInt(text.replace('+', ''));
  if (BigInt.asIntN(64, whole) !== whole) return undefined;
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number(text), Number.MAX_SAFE_INTEGER));
}

function readConnectFlags(target: string | undefined, values: Values, tokens: Tokens): ConnectFlags {
  return {
    target,
    selector: values.text('selector'),
    environment: values.text('environment'),
    file: values.text('file'),
    overridePorts: values.list('override-port'),
    containers: values.list('container'),
    addresses: values.list('address'),
    tail: values.integer('tail'),
    since: values.text('since'),
    timestamps: values.is('timestamps'),
    noLogs: values.is('no-logs'),
    timeout: values.text('timeout'),
    hold: values.text('hold'),
    dryRun: values.is('dry-run'),
    detach: values.is('detach'),
    export: values.is('export'),
    shell: values.choice('shell'),
    output: values.choice('output'),
    color: values.choice('color'),
    kubectl: values.text('kubectl'),
    namespace: values.text('namespace'),
    context: values.text('context'),
    requestTimeout: values.text('request-timeout'),
    kubectlFlags: tokens.flags.filter((token) => HANDED_ON.has(token.slice(2, token.indexOf('=')))),
    command: tokens.command,
    commandLogs: values.is('logs'),
  };
}

/** What every kubectl child gets as it was given; the time-out only those that end by themselves. */
const HANDED_ON = new Set(
  FLAGS.filter((flag) => flag.kubectl && flag.name !== 'request-timeout').map(({ name }) => name),
);

function tooManyWords(words: readonly string[]): Error {
  const [first = '', second = ''] = words;
  const meant = nearestSubcommand(first);
  const hint =
    meant !== undefined
      ? `did you mean ${meant}?`
      : `a kind is written as ${first}/${second}; what follows -- is a command to run`;
  return usageError(`one TARGET at most: ${words.join(' ')}`, hint);
}
