import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ForwardLine,
  isVerbose,
  kubectlMessage,
  logLines,
  parseForwardLine,
} from '../../../../src/kubectl/core/kubectl-lines.ts';

const LINES: readonly (readonly [line: string, expected: ForwardLine])[] = [
  ['Forwarding from 127.0.0.1:41077 -> 9999', { kind: 'listening', localPort: 41077, remotePort: 9999 }],
  ['Forwarding from [::1]:41077 -> 80', { kind: 'listening', localPort: 41077, remotePort: 80 }],
  ['Forwarding from 127.0.0.1:41077 -> 80\r', { kind: 'listening', localPort: 41077, remotePort: 80 }],
  ['Handling connection for 41077', { kind: 'handling', localPort: 41077 }],
  ['error: lost connection to pod', { kind: 'lost', message: 'lost connection to pod' }],
  [
    'E1122 11:51:36.975813   13229 portforward.go:233] lost connection to pod',
    { kind: 'lost', message: 'lost connection to pod' },
  ],
  [
    'E1122 11:51:36.975813   13229 portforward.go:400] "Unhandled Error" err="lost connection to pod"',
    { kind: 'lost', message: 'lost connection to pod' },
  ],
  [
    'Error from server (NotFound): pods "nope" not found',
    { kind: 'fatal', message: 'Error from server (NotFound): pods "nope" not found' },
  ],
  [
    'error: unable to forward port because pod is not running. Current status=Pending',
    { kind: 'fatal', message: 'unable to forward port because pod is not running. Current status=Pending' },
  ],
  [
    'error: error upgrading connection: unable to upgrade connection: pod does not exist',
    { kind: 'fatal', message: 'error upgrading connection: unable to upgrade connection: pod does not exist' },
  ],
  ['error: remote port must be > 0', { kind: 'fatal', message: 'remote port must be > 0' }],
  [
    'Unable to listen on port 28080: Listeners failed',
    { kind: 'fatal', message: 'Unable to listen on port 28080: Listeners failed' },
  ],
  [
    'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
    {
      kind: 'fatal',
      message: 'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
    },
  ],
  [
    'Error in configuration: context was not found for specified context: nope',
    { kind: 'fatal', message: 'Error in configuration: context was not found for specified context: nope' },
  ],
];

for (const [line, expected] of LINES) {
  test(`${expected.kind}: ${line.trimEnd()}`, () => {
    assert.deepEqual(parseForwardLine(line), expected);
  });
}

const NOISE = [
  '',
  'Forwarding from somewhere',
  'Forwarding from 127.0.0.1:x -> 80',
  'Handling connection for 41077 and more',
  'I1122 11:51:36.975813   13229 round_trippers.go:553] GET https://127.0.0.1/api/v1/pods 200 OK in 5 milliseconds',
  'E1122 11:51:36.975813   13229 portforward.go:381] error copying from remote stream to local connection: readfrom tcp4 127.0.0.1:1->127.0.0.1:2: write tcp4 127.0.0.1:1->127.0.0.1:2: write: broken pipe',
  'E1122 11:51:36.975813   13229 portforward.go:381] "Unhandled Error" err="error copying from local connection to remote stream: connection reset"',
  'E1122 11:51:36.975813   13229 portforward.go:413] "Unhandled Error" err=<',
  ' >',
  'E1122 11:51:36.975813   13229 memcache.go:265] couldn\'t get current server API group list: Get "https://127.0.0.1:1/api": connect: connection refused',
  'Warning: something is deprecated',
];

for (const line of NOISE) {
  test(`noise: ${line}`, () => {
    assert.deepEqual(parseForwardLine(line), { kind: 'noise' });
  });
}

const POD = 'error forwarding port 9999 to pod ff4196, uid : ';
const NAMESPACE = 'failed to execute portforward in network namespace "/run/netns/cni-4648a85f": ';
const REFUSED = `${POD}${NAMESPACE}failed to connect to localhost:9999 inside namespace "ff4196", IPv4: dial tcp4 127.0.0.1:9999: connect: connection refused IPv6 dial tcp6: address localhost: no suitable address found`;

const REASONS: readonly (readonly [title: string, reached: 'no' | 'unknown', reason: string])[] = [
  ['nothing listens (containerd)', 'no', REFUSED],
  [
    'nothing listens (CRI-O)',
    'no',
    `${POD}failed to connect to localhost:9999 inside namespace "ff4196": dial tcp 127.0.0.1:9999: connect: connection refused`,
  ],
  [
    'nothing listens (dockershim)',
    'no',
    `${POD}exit status 1: 2020/01/02 03:04:05 socat[9] E connect(5, AF=2 127.0.0.1:9999, 16): Connection refused`,
  ],
  ['the sandbox is gone', 'no', `${POD}failed to find sandbox "ff4196" in store: not found`],
  ['the sandbox is going', 'no', `${POD}network namespace for sandbox "ff4196" is closed`],
  ['the sandbox has stopped', 'no', `${POD}sandbox container "ff4196" is not running`],
  ['the container has stopped (dockershim)', 'no', `${POD}container not running (ff4196)`],
  ['the pod is gone', 'no', `${POD}pod not found ("a_default")`],
  ['the port cannot be reached', 'no', `${POD}${NAMESPACE}dial tcp4 127.0.0.1:9999: i/o timeout`],
  ['no tool on the node', 'no', `${POD}unable to do port forwarding: socat not found`],
  [
    'the server reset the connection',
    'unknown',
    `${POD}${NAMESPACE}read tcp4 127.0.0.1:4->127.0.0.1:9999: read: connection reset by peer`,
  ],
  [
    'the server hung up while it was written to',
    'unknown',
    `${POD}${NAMESPACE}write tcp4 127.0.0.1:4->127.0.0.1:9999: write: broken pipe`,
  ],
  ['a refusal and a reset together', 'unknown', `${REFUSED}; read: connection reset by peer`],
  [
    'a reset while connecting',
    'unknown',
    `${POD}${NAMESPACE}dial tcp4 127.0.0.1:9999: connect: connection reset by peer`,
  ],
  ['time ran out on something', 'unknown', `${POD}context deadline exceeded`],
  ['nothing known', 'unknown', `${POD}the dog ate it`],
];

for (const [title, reached, reason] of REASONS) {
  const said = `an error occurred forwarding 41077 -> 9999: ${reason}`;
  const escaped = said.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  const forms: readonly (readonly [form: string, line: string])[] = [
    ['up to 1.30', `E1123 16:35:12.787207   25476 portforward.go:409] ${said}`],
    ['from 1.31', `E1123 16:35:17.121365   25683 portforward.go:413] "Unhandled Error" err="${escaped} "`],
    [
      'with a logger',
      `E1123 16:35:17.121365   25683 portforward.go:413] "Unhandled Error" err="${escaped}" logger="UnhandledError"`,
    ],
    [
      'from 1.37',
      `E1123 17:14:19.370616   11897 portforward.go:549] "An error occurred forwarding" err="${escaped.replace('an error occurred forwarding 41077 -> 9999: ', '')} " localPort=41077 remotePort=9999`,
    ],
    ['of several lines', `\t${said}`],
  ];
  for (const [form, line] of forms) {
    test(`reached ${reached}: ${title}, ${form}`, () => {
      assert.deepEqual(parseForwardLine(line), {
        kind: 'connection-failed',
        localPort: 41077,
        reached,
        reason,
        hung: false,
      });
    });
  }
}

const STREAMS: readonly (readonly [said: string, reached: 'no' | 'unknown', hung: boolean])[] = [
  ['error creating error stream for port 41077 -> 80: Timeout occurred', 'no', true],
  ['error creating forwarding stream for port 41077 -> 80: timeout occured', 'no', true],
  ['error creating forwarding stream for port 41077 -> 80: EOF', 'no', false],
  ['error reading from error stream for port 41077 -> 80: EOF', 'unknown', false],
];

for (const [reason, reached, hung] of STREAMS) {
  test(`reached ${reached}${hung ? ', and it hangs' : ''}: ${reason}`, () => {
    const line = `E1123 16:35:12.787207   25476 portforward.go:368] ${reason}`;
    assert.deepEqual(parseForwardLine(line), { kind: 'connection-failed', localPort: 41077, reached, reason, hung });
  });
}

test('escapes of a structured line are undone and nothing of them reaches a terminal', () => {
  const line =
    'E1123 16:35:17.1   1 p.go:1] "Unhandled Error" err="an error occurred forwarding 1 -> 2: a \\"b\\" \\\\ \\u001b[2J\\x1b\\n\\tc"';
  assert.deepEqual(parseForwardLine(line), {
    kind: 'connection-failed',
    localPort: 1,
    reached: 'unknown',
    reason: 'a "b" \\ [2J c',
    hung: false,
  });
});

test('a line of a million characters is read in linear time', () => {
  const long = 'a "b\\" '.repeat(150_000);
  const started = performance.now();
  for (const head of [
    '',
    'E1123 16:35:17.1   1 p.go:1] "',
    'E1123 16:35:17.1   1 p.go:1] an error occurred forwarding 1 -> 2: ',
    'error: ',
  ]) {
    parseForwardLine(head + long);
    kubectlMessage(head + long);
  }
  assert.ok(performance.now() - started < 10_000);
});

const MEMCACHE = `E1123 16:35:14.661112   25648 memcache.go:265] couldn't get current server API group list: Get "https://127.0.0.1:1/api?timeout=32s": dial tcp 127.0.0.1:1: connect: connection refused\n`;
const UNABLE = 'Unable to connect to the server: getting credentials: exec: executable no-such-plugin not found';
const ADVICE = `
It looks like you are trying to use a client-go credential plugin that is not installed.

To learn more about this feature, consult the documentation available at:
      https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
`;

const NO_CREDENTIALS =
  'Unable to connect to the server: getting credentials: exec: executable mysso failed with exit code 3';

const MESSAGES: readonly (readonly [title: string, stderr: string, message: string])[] = [
  ['nothing', '', ''],
  ['blank lines', '\n \n', ''],
  [
    'one line',
    'Error from server (NotFound): pods "a" not found\n',
    'Error from server (NotFound): pods "a" not found',
  ],
  ['error: is left out', 'error: unexpected EOF\n', 'unexpected EOF'],
  [
    'log noise before it',
    `${MEMCACHE.repeat(5)}The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n`,
    'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
  ],
  [
    'log noise after it',
    `error: You must be logged in to the server (Unauthorized)\n${MEMCACHE}`,
    'You must be logged in to the server (Unauthorized)',
  ],
  ['advice after it', `${UNABLE}\n${ADVICE}`, UNABLE],
  [
    'log noise of several lines before it',
    `E1123 16:35:41.313856   27216 memcache.go:265] "Unhandled Error" err=<\n\tcouldn't get current server API group list: Get\n\t\n >\n${UNABLE}\n${ADVICE}`,
    UNABLE,
  ],
  ['the usage after it', "error: unknown flag: --nope\nSee 'kubectl get --help' for usage.\n", 'unknown flag: --nope'],
  [
    'the defaulted container before it',
    'Defaulted container "go" out of: go, b\nerror: unexpected EOF',
    'unexpected EOF',
  ],
  [
    'the last of two',
    'Error from server (NotFound): pods "a" not found\nError from server (NotFound): pods "b" not found\n',
    'Error from server (NotFound): pods "b" not found',
  ],
  ['words of a plugin', 'Warning: old\nplease run: login\n', 'please run: login'],
  ['a log line alone', 'E1123 16:35:17.1   1 portforward.go:1] "Unhandled Error" err="lost \\"it\\""\n', 'lost "it"'],
  [
    'a log line of several lines alone',
    'E1123 16:35:41.313856   27216 memcache.go:265] "Unhandled Error" err=<\n\tno list\n\t\n >\n',
    'no list',
  ],
  [
    'what -v=6 adds alone',
    'I1122 11:51:36.975813   13229 round_trippers.go:553] GET https://127.0.0.1/api/v1/pods 200 OK in 5 milliseconds\n',
    '',
  ],
  [
    'what a credential plugin said, once',
    `Your session has expired.\nRun: mysso login\nYour session has expired.\nRun: mysso login\n${NO_CREDENTIALS}\n`,
    `${NO_CREDENTIALS}: Your session has expired. Run: mysso login`,
  ],
  ['a credential plugin that said nothing', `${NO_CREDENTIALS}\n`, NO_CREDENTIALS],
  ['what somebody said about something else', 'Run: mysso login\nerror: no\n', 'no'],
  ['a warning alone', 'Warning: old\r\n', 'Warning: old'],
  ['control characters', 'error: a\u001b[2Jb\u0007\r\n', 'a [2Jb'],
];

for (const [title, stderr, message] of MESSAGES) {
  test(`kubectl's message: ${title}`, () => {
    assert.equal(kubectlMessage(stderr), message);
  });
}

const LOGGED =
  'I1122 11:51:36.975813   13229 round_trippers.go:553] GET https://127.0.0.1/api 200 OK in 5 milliseconds\n';
const logged: readonly (readonly [title: string, stderr: string, shown: string])[] = [
  ['what it has logged', LOGGED, LOGGED],
  ['not its message', `${LOGGED}Error from server (NotFound): pods "a" not found\n`, LOGGED],
  ["not a plugin's words", `Visit https://login\n${LOGGED}`, LOGGED],
  ['no line that is not whole', `${LOGGED}${LOGGED.slice(0, -1)}`, LOGGED],
  ['nothing', '', ''],
];
for (const [title, stderr, shown] of logged) {
  test(`of kubectl's stderr with -v is shown ${title}`, () => assert.equal(logLines(stderr), shown));
}

for (const [args, verbose] of [
  [['get', '--v=6'], true],
  [['get', '--v=0'], false],
  [['get', '--vmodule=a=1'], false],
] as const) {
  test(`${args.join(' ')} asks for ${verbose ? 'what kubectl logs' : 'nothing'}`, () =>
    assert.equal(isVerbose(args), verbose));
}
