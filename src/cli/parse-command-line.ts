// argv as one of the things the program can be asked to do. The only module that knows yargs, which has the commands, the
// options with their types, choices, conversions and conflicts, and finds what is wrong with them. Before it `read-argv`
// brings kubectl's spelling into one form. The help is ours: what yargs lays its own out with takes 8 to 15 ms of each start.
import yargs, { type ArgumentsCamelCase, type Argv, type Options } from 'yargs';
import type { ConnectFlags } from '../request/core/settings.ts';
import { resourceOf } from '../request/core/target.ts';
import { usageError } from '../values/errors.ts';
import { oneLine, quoted } from '../values/quote.ts';
import type { CompletionRequest } from './completion.ts';
import { SHELLS } from './completion-shells.ts';
import { connectFlags, handedOn } from './connect-flags.ts';
import type { EnvRequest } from './env.ts';
import { COMMANDS, type CommandName, FLAGS, type Flag } from './flags.ts';
import { readArgv, type Tokens } from './read-argv.ts';
import { nearestSubcommand } from './subcommands.ts';
import type { UpRequest } from './up-round.ts';

export type ParsedCommand =
  | {
      readonly kind: 'connect';
      readonly flags: ConnectFlags;
      /** The same request in one spelling, each flag as `--name=value`, for the program that `--detach` starts. */
      readonly argv: readonly string[];
    }
  | { readonly kind: 'up'; readonly request: UpRequest; readonly argv: readonly string[] }
  | {
      readonly kind: 'logs';
      readonly id: string | undefined;
      readonly follow: boolean;
      readonly environment: string | undefined;
    }
  | { readonly kind: 'list'; readonly output: 'text' | 'json' }
  | ({ readonly kind: 'env' } & EnvRequest)
  | { readonly kind: 'stop'; readonly names: readonly string[]; readonly all: boolean }
  | { readonly kind: 'completion'; readonly request: CompletionRequest }
  | { readonly kind: 'version' }
  | { readonly kind: 'help'; readonly command: CommandName };

/** @throws UserError (exit status 2) with what is wrong and, where something is near, what may have been meant. */
export function parseCommandLine(argv: readonly string[]): ParsedCommand {
  const tokens = readArgv(argv);
  let parsed: ParsedCommand | undefined;
  const define = (command: string | readonly string[], name: CommandName, read: ReadCommand) => ({
    command,
    builder: (parser: Argv) =>
      parser.updateStrings(sentences(name)).fail(refuse(name)).options(optionsOf(name, tokens)),
    handler: (given: Given) => {
      parsed = given['help'] === true ? { kind: 'help', command: name } : read(given, tokens);
    },
  });
  yargs()
    .help(false)
    .version(false)
    .exitProcess(false)
    .detectLocale(false)
    .parserConfiguration({ 'camel-case-expansion': false, 'dot-notation': false, 'boolean-negation': false })
    .strictOptions()
    .conflicts('detach', 'dry-run')
    .conflicts('logs', 'no-logs')
    .conflicts('no-logs', ['no-tunnels', 'all-pods'])
    .command(define('$0', 'connect', readConnect))
    .command(define('up', 'up', readUp))
    .command(define('logs', 'logs', readLogs))
    .command(define(['list', 'ls'], 'list', readList))
    .command(define('env', 'env', readEnv))
    .command(define('stop', 'stop', readStop))
    .command(define('completion', 'completion', readCompletion))
    .command(define('version', 'connect', readVersion))
    .command(define('help', 'connect', readHelp))
    .parseSync([...tokens.words, ...tokens.flags.map(protect)]);
  if (parsed === undefined) throw new Error(`yargs ran no command for ${argv.join(' ')}`);
  return parsed;
}

/** What yargs makes of the flags; those that are not given are undefined. */
type Given = ArgumentsCamelCase<Readonly<Record<string, unknown>>>;
type ReadCommand = (given: Given, tokens: Tokens) => ParsedCommand;

/** Only of the flags that were given: making an option takes yargs longer than parsing one. */
function optionsOf(command: CommandName, { flags }: Tokens): Readonly<Record<string, Options>> {
  const own = FLAGS.filter((flag) => flag.commands.includes(command));
  const present = own.filter(({ name }) => flags.some((token) => token.startsWith(`--${name}=`)));
  return Object.fromEntries(present.map((flag) => [flag.name, optionOf(flag)]));
}

function optionOf(flag: Flag): Options {
  // A switch that is off conflicts with nothing.
  if (flag.value === undefined) return { type: 'boolean', coerce: (on: boolean) => on || undefined };
  if (flag.repeatable) return { type: 'string', array: true, nargs: 1 };
  // yargs gathers repeated values; the last one counts. Its own numbers are doubles in every spelling of JavaScript's.
  const convert = (given: string | string[]) => {
    const text = Array.isArray(given) ? (given.at(-1) ?? '') : given;
    return flag.integer ? wholeNumber(text, flag) : text;
  };
  return { type: 'string', coerce: convert, ...(flag.choices && { choices: flag.choices }) };
}

/** A 64-bit number, as kubectl takes them; beyond what a double holds exactly it means no limit. */
function wholeNumber(text: string, flag: Flag): number {
  const whole = /^[+-]?\d{1,19}$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
  if (whole === undefined || BigInt.asIntN(64, whole) !== whole) {
    const spelt = flag.name.length === 1 ? `-${flag.name}` : `--${flag.name}`;
    throw new Error(`invalid value '${text}' for ${spelt}: it is not a whole number`);
  }
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number(text), Number.MAX_SAFE_INTEGER));
}

/** `message` is undefined for what a command throws itself. */
function refuse(command: CommandName) {
  const help = command === 'connect' ? '--help' : `${command} --help`;
  return (message: string | undefined, error: Error): never => {
    if (!message) throw error;
    throw usageError(oneLine(message), `kubectl draft-connect ${help} lists the flags there are`);
  };
}

/** yargs' own sentences in the words of all our messages. Its types know no plurals. */
function sentences(command: CommandName): Record<string, string> {
  return {
    'Unknown argument: %s': { one: `unknown flag: --%s for ${command}`, other: `unknown flags for ${command}: %s` },
    'Arguments %s and %s are mutually exclusive': '--%s and --%s exclude each other',
    'Invalid values:': 'invalid value',
    'Argument: %s, Given: %s, Choices: %s': 'for --%s: %s is not one of %s',
  } as unknown as Record<string, string>;
}

/** yargs strips one pair of quotes from a value: it gets this one, so that the user's own stay. */
function protect(token: string): string {
  const start = token.indexOf('=') + 1;
  return `${token.slice(0, start)}"${token.slice(start)}"`;
}

function readConnect(given: Given, { flags, words, command }: Tokens): ParsedCommand {
  if (given['version'] === true) return { kind: 'version' };
  words.forEach(refuseWord);
  if (given['detach'] === true && command !== undefined) {
    throw usageError('--detach and -- COMMAND exclude each other', 'COMMAND has tunnels of its own while it runs');
  }
  if (command?.length === 0) throw usageError('no COMMAND after --', 'for example: kubectl draft-connect -- npm test');
  return {
    kind: 'connect',
    flags: { ...connectFlags(given), targets: words, kubectlFlags: handedOn(flags), command },
    argv: [...flags, ...words, ...(command === undefined ? [] : ['--', ...command])],
  };
}

function readUp(given: Given, { flags, words, command }: Tokens): ParsedCommand {
  const [, path, ...more] = words;
  if (more.length > 0) {
    throw usageError(`only one PATH is allowed: ${words.slice(1).join(' ')}`, 'what follows -- is a command to run');
  }
  if (path === '') throw usageError('PATH is empty', 'leave it out to take the nearest draft.toml');
  if (command?.length === 0) throw usageError('no COMMAND after --', 'kubectl draft-connect up -- kubectl apply -k .');
  const kubectlFlags = handedOn(flags);
  /** draft.toml's word may be taken back: `--watch=false`. */
  const maybe = (name: string) =>
    given[name] === true || (flags.some((token) => token.startsWith(`--${name}=`)) ? false : undefined);
  const request: UpRequest = {
    path,
    flags: { ...connectFlags(given), targets: [], kubectlFlags, command: undefined },
    autoConnect: maybe('auto-connect'),
    watch: maybe('watch'),
    skipPush: given['skip-image-push'] === true,
    command,
  };
  return { kind: 'up', request, argv: flags };
}

function readLogs(given: Given, tokens: Tokens): ParsedCommand {
  refuseCommand(tokens);
  const [, id, ...more] = tokens.words;
  if (more.length > 0) throw usageError(`only one BUILD_ID is allowed: ${tokens.words.slice(1).join(' ')}`);
  const { follow = false, environment } = given as { follow?: boolean; environment?: string };
  return { kind: 'logs', id, follow, environment };
}

function readList(given: Given, tokens: Tokens): ParsedCommand {
  refuseArguments(tokens);
  return { kind: 'list', output: (given['output'] as 'text' | 'json' | undefined) ?? 'text' };
}

function readEnv(given: Given, tokens: Tokens): ParsedCommand {
  refuseCommand(tokens);
  const [, name, ...more] = tokens.words;
  if (more.length > 0) throw usageError(`only one ID or APP is allowed: ${tokens.words.slice(1).join(' ')}`);
  const { shell, output = 'text' } = given as Partial<EnvRequest>;
  return { kind: 'env', name, shell, output };
}

function readVersion(_: Given, tokens: Tokens): ParsedCommand {
  refuseArguments(tokens);
  return { kind: 'version' };
}

function readHelp(_: Given, { words: [, name] }: Tokens): ParsedCommand {
  return { kind: 'help', command: COMMANDS.find((each) => each === name) ?? 'connect' };
}

function readCompletion(_: Given, tokens: Tokens): ParsedCommand {
  refuseCommand(tokens);
  const [, what, folder, ...more] = tokens.words;
  const surplus = what === 'install' ? more[0] : folder;
  if (surplus !== undefined) throw usageError(`completion ${what} takes no further argument: ${surplus}`);
  if (what === 'install') return { kind: 'completion', request: { kind: 'install', folder } };
  const shell = SHELLS.find((each) => each === what);
  if (shell !== undefined) return { kind: 'completion', request: { kind: 'print', shell } };
  const problem = what === undefined ? 'completion needs a shell' : `there is no completion for ${quoted(what)}`;
  throw usageError(problem, `kubectl draft-connect completion ${SHELLS.join('|')}|install`);
}

function readStop(given: Given, tokens: Tokens): ParsedCommand {
  refuseCommand(tokens);
  const names = tokens.words.slice(1);
  const all = given['all'] === true;
  if (all && names.length > 0) throw usageError('stop takes names or --all, not both');
  if (!all && names.length === 0) {
    throw usageError('stop needs an ID, an app or --all', 'kubectl draft-connect list shows the IDs and apps');
  }
  return { kind: 'stop', names, all };
}

function refuseArguments(tokens: Tokens): void {
  refuseCommand(tokens);
  const [word, name] = tokens.words;
  if (name !== undefined) throw usageError(`${word} takes no argument: ${name}`, `a pod of that name is pod/${word}`);
}

function refuseCommand({ words: [word], command }: Tokens): void {
  if (command !== undefined) throw usageError(`${word} takes no -- COMMAND`);
}

/** Refuses a word that cannot be a target. */
function refuseWord(word: string, index: number, words: readonly string[]): void {
  if (word === '') throw usageError('TARGET is empty', 'leave it out to connect to the app of draft.toml');
  const next = words[index + 1];
  if (words.length === 1 || word.includes('/')) return;
  if (/^[\w-]*:[\w-]+$|^\d+$/.test(word)) {
    throw usageError(`${oneLine(word)} is not a target`, `ports are given with -p ${oneLine(word)}`);
  }
  if (next !== undefined && resourceOf(word) !== undefined)
    throw usageError(`${word} is not a target`, `a kind is written as ${word}/${next}`);
  const meant = index === 0 ? nearestSubcommand(word) : undefined;
  if (meant !== undefined) {
    throw usageError(`${word} is not a subcommand`, `did you mean ${meant}? A pod of that name is pod/${word}`);
  }
}
