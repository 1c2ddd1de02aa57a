import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logFailure } from '../../../../src/logs/core/log-failure.ts';
import { openingOptions } from '../../../../src/logs/core/log-opening.ts';
import { nextPause } from '../../../../src/logs/core/read-backoff.ts';

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

const openings: readonly (readonly [
  name: string,
  args: Parameters<typeof openingOptions>,
  expected: ReturnType<typeof openingOptions>,
])[] = [
  ['from the first line', [undefined, undefined], {}],
  ['all lines', [{ tail: -1, since: undefined }, undefined], {}],
  ['all lines, again', [{ tail: -1, since: undefined }, 5000], {}],
  ['a few', [{ tail: 5, since: undefined }, undefined], { tail: 5 }],
  ['a few of a time', [{ tail: 5, since: '1m' }, undefined], { tail: 5, since: '1m' }],
  ['none before now, again', [{ tail: 0, since: undefined }, 2300], { since: '3s' }],
  ['a time, again', [{ tail: -1, since: '1m' }, 2300], { since: '63s' }],
];
for (const [name, args, expected] of openings) {
  test(`a log of which nothing was shown is asked for ${name}`, () => {
    assert.deepEqual(openingOptions(...args), expected);
  });
}

test('pauses start at none and grow to two seconds, after a minute to ten', () => {
  const quick = { livedMs: 50, progress: false, cleanEnd: false, silent: false, failure: undefined };
  const pauses: number[] = [];
  for (let failures = 0; failures < 40; failures = nextPause(failures, quick, 0.5).failures) {
    pauses.push(nextPause(failures, quick, 0.5).pauseMs);
  }
  assert.deepEqual(pauses.slice(0, 8), [0, 100, 200, 400, 800, 1600, 2000, 2000]);
  assert.equal(pauses.at(-1), 10_000);
});

const kinds: readonly (readonly [name: string, failures: number, end: object, pauseMs: number])[] = [
  ['that had lived', 7, { livedMs: 6000 }, 0],
  ['that brought new lines, for the first time', 0, { progress: true }, 0],
  ['that brought new lines, often', 7, { progress: true }, 100],
  ['that ended cleanly with nothing new, twice', 1, { cleanEnd: true }, 500],
  ['that ended cleanly and had never brought anything', 0, { cleanEnd: true, silent: true }, 2000],
  ['that is forbidden', 30, { failure: { kind: 'lasting', message: 'no' } }, 30_000],
];
for (const [name, failures, end, pauseMs] of kinds) {
  test(`the pause after a read ${name}`, () => {
    const plain = { livedMs: 50, progress: false, cleanEnd: false, silent: false, failure: undefined };
    assert.equal(nextPause(failures, { ...plain, ...end }, 0.5).pauseMs, pauseMs);
  });
}
