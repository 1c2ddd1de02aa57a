import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommandLine } from '../../../src/cli/parse-command-line.ts';
import type { ConnectFlags } from '../../../src/request/core/settings.ts';
import { UserError } from '../../../src/values/errors.ts';
import { NO_FLAGS } from '../no-flags.ts';

function connectFlags(argv: readonly string[]): ConnectFlags {
  const command = parseCommandLine(argv);
  assert.equal(command.kind, 'connect');
  return command.kind === 'connect' ? command.flags : NO_FLAGS;
}

function errorOf(argv: readonly string[]): UserError {
  try {
    parseCommandLine(argv);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: `no error for ${argv.join(' ')}` });
}

const inX = { namespace: 'x', kubectlFlags: ['--namespace=x'] };
const connectCases: readonly [string, readonly string[], Partial<ConnectFlags>][] = [
  ['nothing at all', [], {}],
  ['a target', ['deploy/web'], { targets: ['deploy/web'] }],
  ['a target among flags', ['--dry-run', 'web', '--no-logs'], { targets: ['web'], dryRun: true, noLogs: true }],
  ['-n x', ['-n', 'x'], inX],
  ['-nx', ['-nx'], inX],
  ['-n=x', ['-n=x'], inX],
  ['--namespace x', ['--namespace', 'x'], inX],
  ['--namespace=x', ['--namespace=x'], inX],
  ['a value that looks like a flag', ['-l', '-n', '--since', '--tail'], { selector: '-n', since: '--tail' }],
  ['a value that is --', ['-l', '--', 'web'], { selector: '--', targets: ['web'] }],
  ['a value with = in it', ['-l=app=web', '-e=a=b'], { selector: 'app=web', environment: 'a=b' }],
  ['an empty value', ['--context=', '-l', ''], { context: '', selector: '', kubectlFlags: ['--context='] }],
  ['a quoted value', ['-l', '"x"', '-e', "'y'"], { selector: '"x"', environment: "'y'" }],
  ['a value of several lines', ['-l', 'a\nb'], { selector: 'a\nb' }],
  ['numbers kept as text', ['-l', '007', '0x10', '-c', '1'], { selector: '007', targets: ['0x10'], containers: ['1'] }],
  ['a negative number', ['--tail', '-1'], { tail: -1 }],
  ['a large number', ['--tail', '9999999999'], { tail: 9_999_999_999 }],
  ['the largest number', ['--tail', '9223372036854775807'], { tail: Number.MAX_SAFE_INTEGER }],
  ['the last of a repeated flag', ['--tail=3', '--tail=7', '-e', 'a', '-e', 'b'], { tail: 7, environment: 'b' }],
  [
    'all of a repeatable flag, as written',
    ['-p', '1:2,3:4', '-p5', '-c', 'a', '--container=b', '--address', '::1'],
    { overridePorts: ['1:2,3:4', '5'], containers: ['a', 'b'], addresses: ['::1'] },
  ],
  ['a switch that is off beside what it would exclude', ['--detach=false', '--dry-run'], { dryRun: true }],
  ['a switch that is given twice, the last time off', ['--no-logs', '--no-logs=f', '--logs'], { commandLogs: true }],
  ['a quoted target', ['"web"'], { targets: ['"web"'] }],
  ['switches that are given a value', ['--no-logs=false', '--dry-run=T', '--detach=0'], { dryRun: true }],
  [
    "kubectl's flags in their order",
    ['-v6', '--as-group', 'x,y', '--as-group=z', '-s', 'http://h', '--insecure-skip-tls-verify', '--user', 'u'],
    {
      kubectlFlags: [
        '--v=6',
        '--as-group=x,y',
        '--as-group=z',
        '--server=http://h',
        '--insecure-skip-tls-verify=true',
        '--user=u',
      ],
    },
  ],
  ['--v=6', ['--v=6'], { kubectlFlags: ['--v=6'] }],
  ['--request-timeout apart from the others', ['--request-timeout', '5s'], { requestTimeout: '5s' }],
  [
    'a command and its flags untouched',
    ['web', '--logs', '--', 'npm', 'test', '--tail', '-x', '--', '', '--help'],
    { targets: ['web'], commandLogs: true, command: ['npm', 'test', '--tail', '-x', '--', '', '--help'] },
  ],
  ['a pod called like a subcommand', ['pod/list'], { targets: ['pod/list'] }],
  ['a subcommand as a value', ['-l', 'list', 'web'], { selector: 'list', targets: ['web'] }],
  [
    'names of Object.prototype',
    ['constructor', '-l', '__proto__'],
    { targets: ['constructor'], selector: '__proto__' },
  ],
  ['a lone -', ['-'], { targets: ['-'] }],
  ['several targets', ['deploy/api', '--no-logs', 'svc/db'], { targets: ['deploy/api', 'svc/db'], noLogs: true }],
];

for (const [title, argv, expected] of connectCases) {
  test(`connect understands ${title}`, () => {
    assert.deepEqual(connectFlags(argv), { ...NO_FLAGS, ...expected });
  });
}

test('the request in one spelling asks for the same again', () => {
  const argv = ['-nx', 'web', '-p', '80', '--tail', '-1', '--detach', '-l', '--detach'];
  const once = parseCommandLine(argv);
  assert.ok(once.kind === 'connect');
  assert.deepEqual(once.argv, [
    '--namespace=x',
    '--override-port=80',
    '--tail=-1',
    '--detach=true',
    '--selector=--detach',
    'web',
  ]);
  assert.deepEqual(parseCommandLine(once.argv), once);
});

const otherCases: readonly [readonly string[], ReturnType<typeof parseCommandLine>][] = [
  [['list'], { kind: 'list', output: 'text' }],
  [['ls', '-o', 'json'], { kind: 'list', output: 'json' }],
  [['-ojson', 'list'], { kind: 'list', output: 'json' }],
  [['env'], { kind: 'env', name: undefined, shell: undefined, output: 'text' }],
  [['env', 'web', '--shell', 'fish'], { kind: 'env', name: 'web', shell: 'fish', output: 'text' }],
  [['env', '-o', 'json'], { kind: 'env', name: undefined, shell: undefined, output: 'json' }],
  [['stop', '--all'], { kind: 'stop', names: [], all: true }],
  [['stop', 'a', 'b'], { kind: 'stop', names: ['a', 'b'], all: false }],
  [['version'], { kind: 'version' }],
  [['--version'], { kind: 'version' }],
  [['--help'], { kind: 'help', command: 'connect' }],
  [['web', '-h'], { kind: 'help', command: 'connect' }],
  [['list', '--help'], { kind: 'help', command: 'list' }],
  [['help', 'stop'], { kind: 'help', command: 'stop' }],
  [['stop', '-h'], { kind: 'help', command: 'stop' }],
];

for (const [argv, expected] of otherCases) {
  test(`${argv.join(' ')} is understood`, () => {
    assert.deepEqual(parseCommandLine(argv), expected);
  });
}

const errorCases: readonly [readonly string[], string, string | undefined][] = [
  [['--tial', '5'], 'unknown flag: --tial', 'did you mean --tail?'],
  [['--selektor=x'], 'unknown flag: --selektor', 'did you mean --selector?'],
  [['--time', '5m'], 'unknown flag: --time', 'did you mean --timeout?'],
  [['--qqqqqq'], 'unknown flag: --qqqqqq', 'kubectl draft-connect --help lists the flags there are'],
  [['--__proto__=1'], 'unknown flag: --__proto__', 'kubectl draft-connect --help lists the flags there are'],
  [['-x'], 'unknown flag: -x', 'kubectl draft-connect --help lists the flags there are'],
  [['-n'], 'flag needs a value: -n', 'write -n NAME'],
  [['web', '--override-port'], 'flag needs a value: --override-port', 'write --override-port LOCAL:REMOTE'],
  [
    ['--tail', 'many'],
    "invalid value 'many' for --tail: it is not a whole number",
    'kubectl draft-connect --help lists the flags there are',
  ],
  [
    ['--tail='],
    "invalid value '' for --tail: it is not a whole number",
    'kubectl draft-connect --help lists the flags there are',
  ],
  [
    ['-v', '1.5'],
    "invalid value '1.5' for -v: it is not a whole number",
    'kubectl draft-connect --help lists the flags there are',
  ],
  [
    ['-o', 'yaml'],
    'invalid value for --output: "yaml" is not one of "text", "json"',
    'kubectl draft-connect --help lists the flags there are',
  ],
  [
    ['--shell=csh'],
    'invalid value for --shell: "csh" is not one of "sh", "bash", "zsh", "fish", "powershell"',
    'kubectl draft-connect --help lists the flags there are',
  ],
  [
    ['--color', 'yes'],
    'invalid value for --color: "yes" is not one of "auto", "always", "never"',
    'kubectl draft-connect --help lists the flags there are',
  ],
  [['--no-logs=maybe'], "invalid value 'maybe' for --no-logs", 'write --no-logs or --no-logs=false'],
  [['deploy', 'web'], 'deploy is not a target', 'a kind is written as deploy/web'],
  [['svc/db', 'Services', 'web'], 'Services is not a target', 'a kind is written as Services/web'],
  [['deploy/web', '8080:80'], '8080:80 is not a target', 'ports are given with -p 8080:80'],
  [['deploy/web', 'svc/db', '8080'], '8080 is not a target', 'ports are given with -p 8080'],
  [['stopp', 'web'], 'stopp is not a subcommand', 'did you mean stop? A pod of that name is pod/stopp'],
  [['web', ''], 'TARGET is empty', 'leave it out to connect to the app of draft.toml'],
  [[''], 'TARGET is empty', 'leave it out to connect to the app of draft.toml'],
  [['web', '--'], 'no COMMAND after --', 'for example: kubectl draft-connect -- npm test'],
  [['--detach', '--dry-run'], '--detach and --dry-run exclude each other', undefined],
  [
    ['list', '-o', 'yaml'],
    'invalid value for --output: "yaml" is not one of "text", "json"',
    'kubectl draft-connect list --help lists the flags there are',
  ],
  [['list', '-c', 'x', '--tail=3'], 'unknown flags for list: container, tail', undefined],
  [['--logs', '--no-logs'], '--logs and --no-logs exclude each other', undefined],
  [['--no-tunnels', '--no-logs'], '--no-logs and --no-tunnels exclude each other', undefined],
  [['--all-pods', '--no-logs'], '--no-logs and --all-pods exclude each other', undefined],
  [
    ['--detach', '--', 'ls'],
    '--detach and -- COMMAND exclude each other',
    'COMMAND has tunnels of its own while it runs',
  ],
  [['up', 'a', 'b'], 'only one PATH is allowed: a b', 'what follows -- is a command to run'],
  [['up', ''], 'PATH is empty', 'leave it out to take the nearest draft.toml'],
  [['up', '--'], 'no COMMAND after --', 'kubectl draft-connect up -- kubectl apply -k .'],
  [['up', '--detach'], 'unknown flag: --detach for up', 'kubectl draft-connect up --help lists the flags there are'],
  [['up', '-l', 'a=b'], 'unknown flag: --selector for up', 'kubectl draft-connect up --help lists the flags there are'],
  [
    ['--auto-connect'],
    'unknown flag: --auto-connect for connect',
    'kubectl draft-connect --help lists the flags there are',
  ],
  [['logs', 'A', 'B'], 'only one BUILD_ID is allowed: A B', undefined],
  [['logs', '--', 'x'], 'logs takes no -- COMMAND', undefined],
  [['logs', '-f', 'x'], 'unknown flag: --file for logs', 'kubectl draft-connect logs --help lists the flags there are'],
  [
    ['completion', 'tcsh'],
    "there is no completion for 'tcsh'",
    'kubectl draft-connect completion bash|zsh|fish|powershell|install',
  ],
  [['completion', 'bash', 'zsh'], 'completion bash takes no further argument: zsh', undefined],
  [['completion', 'install', 'a', 'b'], 'completion install takes no further argument: b', undefined],
  [
    ['-n', 'x', 'completion', 'bash'],
    'unknown flag: --namespace for completion',
    'kubectl draft-connect completion --help lists the flags there are',
  ],
  [
    ['list', '-c', 'x'],
    'unknown flag: --container for list',
    'kubectl draft-connect list --help lists the flags there are',
  ],
  [['list', 'x'], 'list takes no argument: x', 'a pod of that name is pod/list'],
  [['version', 'x'], 'version takes no argument: x', 'a pod of that name is pod/version'],
  [['env', 'a', 'b'], 'only one ID or APP is allowed: a b', undefined],
  [['env', '--', 'x'], 'env takes no -- COMMAND', undefined],
  [['stop'], 'stop needs an ID, an app or --all', 'kubectl draft-connect list shows the IDs and apps'],
  [['stop', 'a', '--all'], 'stop takes names or --all, not both', undefined],
  [['--all'], 'unknown flag: --all for connect', 'kubectl draft-connect --help lists the flags there are'],
];

for (const [argv, message, hint] of errorCases) {
  test(`${JSON.stringify(argv.join(' '))} is refused`, () => {
    const error = errorOf(argv);
    assert.equal(error.message, message);
    assert.equal(error.exitCode, 2);
    if (hint !== undefined) assert.equal(error.hint, hint);
  });
}
