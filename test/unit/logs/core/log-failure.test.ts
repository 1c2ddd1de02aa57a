import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logFailure, whyUnreadable } from '../../../../src/logs/core/log-failure.ts';

const failures: readonly (readonly [
  exitCode: number | undefined,
  stderr: string,
  messages: readonly string[],
  kind: string | undefined,
])[] = [
  [0, '', [], undefined],
  [undefined, '', [], undefined],
  [0, 'Defaulted container "go" out of: go, multi-port\n', [], undefined],
  [0, '', ['unable to retrieve container logs for containerd://1'], 'no-log'],
  [0, '', ['failed to try resolving symlinks in path "/var/log/pods/x": lstat x: no such file or directory'], 'no-log'],
  [1, 'Error from server (BadRequest): previous terminated container "go" in pod "x" not found\n', [], 'no-log'],
  [
    0,
    '',
    ['rpc error: code = NotFound desc = an error occurred when try to find container "a1": not found'],
    'container-gone',
  ],
  [0, '', ['failed to watch file "/var/log/pods/x": too many open files'], 'passing'],
  [0, '', ['rpc error: code = Unavailable desc = transport is closing'], 'passing'],
  // the rest of a line whose start lies before --since-time
  [0, '', ['xxxxxxxx the end of a long line'], undefined],
  [1, 'error: unexpected EOF\n', [], 'passing'],
  [1, 'error: http2: server sent GOAWAY and closed the connection; LastStreamID=3\n', [], 'passing'],
  [
    1,
    'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n',
    [],
    'passing',
  ],
  [
    1,
    'Error from server: Get "https://x/containerLogs/a/b/go": dial tcp x: connect: connection refused\n',
    [],
    'passing',
  ],
  [1, 'Error from server (NotFound): the server could not find the requested resource ( pods/log a)\n', [], 'passing'],
  [1, 'error: error from server (NotFound): pods "x" not found in namespace "default"\n', [], 'passing'],
  [
    1,
    'Error from server (BadRequest): container "go" in pod "x" is waiting to start: ContainerCreating\n',
    [],
    'passing',
  ],
  [
    1,
    'Error from server (Forbidden): pods "x" is forbidden: User "nobody" cannot get resource "pods/log"\n',
    [],
    'lasting',
  ],
  [1, 'error: You must be logged in to the server (Unauthorized)\n', [], 'lasting'],
  [1, 'error: container nope is not valid for pod l3\n', [], 'lasting'],
];
for (const [exitCode, stderr, messages, kind] of failures) {
  test(`exit ${exitCode}, ${JSON.stringify(stderr || messages.join())}: ${kind ?? 'no failure'}`, () => {
    assert.equal(logFailure(stderr, messages, exitCode)?.kind, kind);
  });
}

const HEAD = '[pod/web/go] 2026-01-01T00:00:00Z a line';
const UNREADABLE: readonly (readonly [title: string, messages: readonly string[], over: boolean, told: boolean])[] = [
  ['nothing', [], true, false],
  ["the kubelet's own words", ['failed to watch file "x"', 'rpc error: x', 'unable to y'], true, false],
  ['one line without a time may be the rest of an older one', [HEAD], false, false],
  ['it is not when nothing else comes', [HEAD], true, true],
  ['several are certain', [HEAD, HEAD, HEAD], false, true],
];
for (const [title, messages, over, told] of UNREADABLE) {
  test(`a log that cannot be read: ${title}`, () => {
    const expected = `kubectl prints '${HEAD}' where a line begins with its time; does a kuberc or a wrapper script add a flag?`;
    assert.equal(whyUnreadable(messages, over), told ? expected : undefined);
  });
}
