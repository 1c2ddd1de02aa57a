// argv in, exit status out. Loads each command only when it is asked for, so that `version` costs little more than
// starting node. Prints whatever a command throws.
import { fstatSync, statSync } from 'node:fs';
import { bugs, version } from '../../package.json';
import { print } from '../output/print.ts';
import type { ConnectFlags } from '../request/core/settings.ts';
import { EXIT, renderError, UserError } from '../values/errors.ts';
import type { CommandName } from './flags.ts';

function printVersion(): number {
  print(1, `kubectl draft-connect ${version}\n`);
  return 0;
}

/** Asks node's terminal code only where there can be a terminal: loading it takes a quarter of a start. */
function columnsOfStdout(): number | undefined {
  const stdout = fstatSync(1);
  const isDevice = stdout.isCharacterDevice() && stdout.rdev !== statSync('/dev/null', { throwIfNoEntry: false })?.rdev;
  return isDevice ? process.stdout.columns : undefined;
}

async function printHelp(command: CommandName): Promise<number> {
  const { renderHelp } = await import('./help.ts');
  print(1, renderHelp(command, columnsOfStdout() ?? 80));
  return 0;
}

/** npm installs the program there with no more than a warning. */
function refuseOldNode(): void {
  const { node } = process.versions;
  const [major = 0, minor = 0] = node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new UserError(`Node 20.19 or newer is needed, not ${node}`, {
    hint: 'the executables of a release need no Node',
  });
}

/** The first kubectl starts before most of the program is loaded: tunnels answer 19 ms earlier. */
async function connect(flags: ConnectFlags, argv: readonly string[]): Promise<number> {
  const { beginConnect } = await import('./begin-connect.ts');
  const begun = beginConnect(flags);
  return (await import('./connect.ts')).runConnect(flags, begun, argv);
}

async function run(argv: readonly string[]): Promise<number> {
  const only = argv.length === 1 ? argv[0] : undefined;
  if (only === 'version' || only === '--version') return printVersion();
  if (only === 'help' || only === '--help' || only === '-h') return printHelp('connect');
  if (argv[0] === '__complete') return (await import('./complete.ts')).runComplete(argv.slice(1));
  refuseOldNode();
  const { parseCommandLine } = await import('./parse-command-line.ts');
  const command = parseCommandLine(argv);
  switch (command.kind) {
    case 'connect':
      return connect(command.flags, command.argv);
    case 'up':
      return (await import('./up.ts')).runUp(command.request, command.argv);
    case 'logs':
      return (await import('./logs.ts')).runLogs(command);
    case 'list':
      return (await import('./list.ts')).runList(command);
    case 'env':
      return (await import('./env.ts')).runEnv(command);
    case 'stop':
      return (await import('./stop.ts')).runStop(command);
    case 'completion':
      return (await import('./completion.ts')).runCompletion(command.request);
    case 'version':
      return printVersion();
    case 'help':
      return printHelp(command.command);
  }
}

/** Says what went wrong and returns the exit status that goes with it. */
function report(error: unknown): number {
  if (error instanceof UserError) {
    print(2, renderError(error));
    return error.exitCode;
  }
  const stack = error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
  const place = `kubectl draft-connect ${version}, node ${process.version}, ${process.platform}`;
  print(2, `Error: a bug in ${place}\n${stack}\nHint: please report it: ${bugs}\n`);
  return EXIT.bug;
}

// Nothing is known about the state any more: no orderly end, the watchdog ends the children.
process.on('uncaughtException', (error) => process.exit(report(error)));

run(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.exitCode = report(error);
  },
);
