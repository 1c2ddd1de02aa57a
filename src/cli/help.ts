// The help text, laid out for the terminal's width.
import { type CommandName, FLAGS, type Flag, renderFlag } from './flags.ts';
import { SUBCOMMANDS } from './subcommands.ts';

/** What stands before a command's flags: no more than fits a screen of 24 lines. */
interface About {
  readonly usage: string;
  readonly purpose: string;
  readonly examples: readonly (readonly [command: string, meaning: string])[];
  /** What else there is to know before the flags. */
  readonly notes?: readonly string[];
}

const ABOUT: Readonly<Record<CommandName, About>> = {
  connect: {
    usage: 'kubectl draft-connect [TARGET...] [flags] [-- COMMAND [ARG...]]',
    purpose: "Opens a tunnel to each port of an app's pod and streams its logs, until Ctrl-C.",
    examples: [
      ['kubectl draft-connect', 'the app that draft.toml names'],
      ['kubectl draft-connect svc/web -p 8080:80', "a Service's port 80 on 8080"],
      ['kubectl draft-connect deploy/api svc/db', 'two apps in one run'],
      ['kubectl draft-connect -l app=web -c web', 'only the container web'],
      ['kubectl draft-connect -- npm test', 'while a command runs'],
      ['eval "$(kubectl draft-connect --detach)"', 'in the background'],
    ],
    notes: [
      'TARGET is NAME or pod/NAME, deploy/, sts/, ds/, rs/, job/, cronjob/ or svc/NAME. Without TARGET and -l, draft.toml names the app.',
    ],
  },
  up: {
    usage: 'kubectl draft-connect up [PATH] [flags] [-- COMMAND [ARG...]]',
    purpose:
      "Builds the app's image, pushes it and releases its chart with helm, as draft.toml says, and connects to the pod of that build if asked to. With COMMAND, any deploy tool, it runs that instead.",
    examples: [
      ['kubectl draft-connect up', 'build, push, release'],
      ['kubectl draft-connect up --auto-connect', 'and connect to it'],
      ['kubectl draft-connect up --watch', 'again when files change'],
      ['kubectl draft-connect up -- kubectl apply -k .', 'with another tool'],
    ],
    notes: ['PATH is the folder of the draft.toml; default the nearest one from the working directory upwards.'],
  },
  logs: {
    usage: 'kubectl draft-connect logs [BUILD_ID] [--follow]',
    purpose:
      'Shows the log of a build that up made; default the last one, of the app of draft.toml where there is one.',
    examples: [
      ['kubectl draft-connect logs', 'of the last build'],
      ['kubectl draft-connect logs --follow', 'while it is being made'],
    ],
  },
  completion: {
    usage: 'kubectl draft-connect completion SHELL|install [FOLDER]',
    purpose:
      "Prints a shell's script that completes kubectl-draft_connect. install writes the file by which kubectl 1.26 and newer complete kubectl draft-connect.",
    examples: [
      ['kubectl draft-connect completion install', "for kubectl's own completion"],
      ['. <(kubectl draft-connect completion bash)', 'for the executable, and aliases'],
    ],
    notes: ['SHELL is bash, zsh, fish or powershell. FOLDER is on the PATH; default the one that the program is in.'],
  },
  list: {
    usage: 'kubectl draft-connect list [-o json]',
    purpose: 'Shows the sessions that run, in the foreground and in the background, with their ports and state.',
    examples: [
      ['kubectl draft-connect list', 'a table'],
      ['kubectl draft-connect list -o json', 'for a program'],
    ],
  },
  env: {
    usage: 'kubectl draft-connect env [ID|APP] [--shell SHELL] [-o json]',
    purpose:
      'Prints the variables of a session that runs, for eval. Without ID and APP: of the app of draft.toml, or of the only session.',
    examples: [
      ['eval "$(kubectl draft-connect env)"', 'in sh, bash or zsh'],
      ['kubectl draft-connect env | source', 'in fish'],
      ['kubectl draft-connect env example-go -o json', 'for a program'],
    ],
    notes: [
      'For the container web of the app shop they are SHOP_WEB_SERVICE_HOST and SHOP_WEB_SERVICE_PORT (its first port); SHOP_WEB_SERVICE_PORT_8080 and, by its name, SHOP_WEB_SERVICE_PORT_HTTP are those of one port.',
    ],
  },
  stop: {
    usage: 'kubectl draft-connect stop [ID|APP...] [--all]',
    purpose: 'Ends detached sessions and waits until they are gone; one in the foreground only by its ID.',
    examples: [
      ['kubectl draft-connect stop example-go', 'every detached session of that app'],
      ['kubectl draft-connect stop --all', 'every detached session'],
    ],
  },
};

/** For the help of the program itself. */
const COMMANDS = Object.entries(SUBCOMMANDS).filter(([name]) => name !== 'ls' && name !== 'help');

/** @param columns of the terminal; the text keeps within 40 to 100. */
export function renderHelp(command: CommandName, columns: number): string {
  const width = Math.min(100, Math.max(40, columns));
  return `${[...renderAbout(command, width), ...renderFlags(command, width)].join('\n')}\n`;
}

function renderAbout(command: CommandName, width: number): readonly string[] {
  const { usage, purpose, examples, notes = [] } = ABOUT[command];
  const usageLines = wrap(usage, width - 7).map((line, index) => (index === 0 ? 'Usage: ' : ' '.repeat(7)) + line);
  const lines = [...usageLines, '', ...wrap(purpose, width), '', 'Examples:', ...renderPairs(examples, width)];
  for (const note of notes) lines.push('', ...wrap(note, width));
  if (command === 'connect') lines.push('', 'Commands (--help after one tells more):', ...renderPairs(COMMANDS, width));
  return lines;
}

/** What is typed, and what it means: beside it, or below it where one of them has no room. */
function renderPairs(pairs: readonly (readonly [string, string])[], width: number): readonly string[] {
  const column = Math.max(...pairs.map(([typed]) => typed.length)) + 4;
  if (pairs.some(([, meaning]) => column + meaning.length > width)) {
    return pairs.flatMap(([typed, meaning]) => [`  ${typed}`, ...wrapBelow(meaning, NARROW_COLUMN, width)]);
  }
  return pairs.map(([typed, meaning]) => `  ${typed}`.padEnd(column) + meaning);
}

function renderFlags(command: CommandName, width: number): readonly string[] {
  const shown = FLAGS.filter((flag) => flag.hidden === undefined && flag.commands.includes(command));
  const groupOf = (flag: Flag) => (command === 'connect' || command === 'up' ? flag.group : 'Flags');
  return [...new Set(shown.map(groupOf))].flatMap((group) => {
    const flags = shown.filter((flag) => groupOf(flag) === group);
    const head = (flag: Flag) =>
      `  ${flag.name.length > 1 && flag.short === undefined ? '    ' : ''}${renderFlag(flag)}`;
    return ['', `${group}:`, ...flags.flatMap((flag) => renderRow(head(flag), flag.help, width))];
  });
}

const COLUMN = 33;
const NARROW_COLUMN = 10;

/** A flag and what it means beside it, or below it where the flag is long or the screen narrow. */
function renderRow(head: string, text: string, width: number): readonly string[] {
  const indent = width < 70 ? NARROW_COLUMN : COLUMN;
  const below = wrapBelow(text, indent, width);
  if (head.length + 2 > indent) return [head, ...below];
  return [head.padEnd(indent) + (below[0] ?? '').slice(indent), ...below.slice(1)];
}

function wrapBelow(text: string, indent: number, width: number): readonly string[] {
  return wrap(text, width - indent).map((line) => ' '.repeat(indent) + line);
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
