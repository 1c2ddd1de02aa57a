// The help text, laid out for the terminal's width.
import { type CommandName, FLAGS, type Flag, renderFlag } from './flags.ts';

const SUMMARY: Record<CommandName, readonly string[]> = {
  connect: [
    'Usage: kubectl draft-connect [TARGET] [flags] [-- COMMAND [ARG...]]',
    '       kubectl draft-connect up|list|stop|logs|completion',
    '',
    "Opens a tunnel to every port of every container of the app's pod and streams all its logs, until Ctrl-C. With COMMAND: until that ends.",
    '',
    'TARGET is NAME or pod/NAME, or deploy/, sts/, ds/, rs/, job/, cronjob/ or svc/NAME. Without TARGET and -l, draft.toml names the app.',
  ],
  up: [
    'Usage: kubectl draft-connect up [PATH] [flags] [-- COMMAND [ARG...]]',
    '',
    "Builds the app's image, pushes it and releases its chart with helm, as draft.toml says; then connects to the pod of that build if asked to. With COMMAND (any deploy tool): runs that instead.",
    '',
    'PATH is the folder of the draft.toml; default the nearest one from the working directory upwards.',
  ],
  logs: [
    'Usage: kubectl draft-connect logs [BUILD_ID] [--follow]',
    '',
    'Shows the log of a build that up made; default the last one, of the app of draft.toml where there is one.',
  ],
  completion: [
    'Usage: kubectl draft-connect completion bash|zsh|fish|powershell',
    '       kubectl draft-connect completion install [FOLDER]',
    '',
    "install writes kubectl_complete-draft_connect beside the program: where kubectl's own completion is set up, kubectl 1.26 and newer complete kubectl draft-connect with it. FOLDER: another one on the PATH.",
    '',
    'The scripts are for the executable kubectl-draft_connect itself, and for aliases in bash.',
  ],
  list: [
    'Usage: kubectl draft-connect list [-o json]',
    '',
    'Shows the sessions that --detach has started in the background.',
  ],
  stop: [
    'Usage: kubectl draft-connect stop [ID|APP...] [--all]',
    '',
    'Ends sessions in the background and waits until they are gone.',
  ],
};

const EXAMPLES = [
  'Examples:',
  '  kubectl draft-connect                          the app of draft.toml',
  '  kubectl draft-connect deploy/web -p 8080:80    a Deployment, 80 on port 8080',
  '  kubectl draft-connect -l app=web -c web        only the container web',
  '  kubectl draft-connect -- npm test              tunnels while a command runs',
];

/** @param columns of the terminal; the text keeps within 40 to 100. */
export function renderHelp(command: CommandName, columns: number): string {
  const width = Math.min(100, Math.max(40, columns));
  const lines = SUMMARY[command].flatMap((line) => (line.startsWith(' ') ? [line] : wrap(line, width)));
  if (command === 'connect') lines.push('', ...EXAMPLES);
  const shown = FLAGS.filter((flag) => flag.hidden === undefined && flag.commands.includes(command));
  const groupOf = (flag: Flag) => (command === 'connect' || command === 'up' ? flag.group : 'Flags');
  for (const group of new Set(shown.map(groupOf))) {
    lines.push('', `${group}:`);
    for (const flag of shown.filter((each) => groupOf(each) === group)) {
      const head = `  ${flag.name.length > 1 && flag.short === undefined ? '    ' : ''}${renderFlag(flag)}`;
      lines.push(...renderRow(head, flag.help, width));
    }
  }
  return `${lines.join('\n')}\n`;
}

const COLUMN = 33;

/** A flag and what it means beside it, or below it where the flag is long or the screen narrow. */
function renderRow(head: string, text: string, width: number): readonly string[] {
  const indent = width < 70 ? 10 : COLUMN;
  const below = wrap(text, width - indent).map((line) => ' '.repeat(indent) + line);
  if (head.length + 2 > indent) return [head, ...below];
  return [head.padEnd(indent) + (below[0] ?? '').slice(indent), ...below.slice(1)];
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
