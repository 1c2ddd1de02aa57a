import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenTunnel, SessionEvent } from '../../../../src/output/core/events.ts';
import {
  connectLine,
  containerLabel,
  describe,
  GAP_REASONS,
  placeOf,
  statusLine,
} from '../../../../src/output/core/messages.ts';

const tunnel: OpenTunnel = {
  app: 'web',
  container: 'go',
  remotePort: 80,
  portName: 'http',
  addresses: ['localhost'],
  localPort: 8080,
  pod: 'x',
};

const places: readonly (readonly [addresses: readonly string[], place: string])[] = [
  [['localhost'], 'localhost:8080'],
  [['::1'], '[::1]:8080'],
  [['127.0.0.1', '::1'], '127.0.0.1:8080, [::1]:8080'],
];
for (const [addresses, place] of places) {
  test(`a tunnel on ${addresses.join(' and ')} is at ${place}`, () => {
    assert.equal(placeOf({ addresses, localPort: 8080 }), place);
  });
}

test('a tunnel is announced in the words of the reference text, its name as it is shown', () => {
  assert.equal(connectLine(tunnel), 'Connect to go:80 on localhost:8080');
  assert.equal(connectLine(tunnel, '\x1b[36mgo\x1b[0m'), 'Connect to \x1b[36mgo\x1b[0m:80 on localhost:8080');
});

test('where there are several apps, a container is called with its app, and a sentence begins with it', () => {
  assert.deepEqual([containerLabel('go', undefined), containerLabel('go', 'svc/web')], ['go', 'svc/web/go']);
  const event = { kind: 'pod-restored', pod: 'x' } as const;
  assert.deepEqual([statusLine(event), statusLine({ ...event, app: 'api' })], ['pod x is back', 'api: pod x is back']);
  assert.equal(statusLine({ kind: 'tunnel-opened', tunnel, app: 'api' }), undefined);
});

const place = { pod: 'x', container: 'go' };
const port = { container: 'go', remotePort: 80 };
const HERE = { context: 'test', namespace: 'team' };
const ended = { kind: 'container-ended', ...place, exitCode: 3, reason: undefined, backOff: undefined } as const;
const events: readonly (readonly [event: SessionEvent, line: string | undefined])[] = [
  [{ kind: 'tunnel-opened', tunnel }, undefined],
  [{ kind: 'pod-awaited', reason: 'there is no pod' }, 'waiting for a ready pod: there is no pod'],
  [{ kind: 'pod-selected', pod: 'x', others: 0, containers: [], ...HERE }, 'pod x in namespace team (context test)'],
  [
    { kind: 'pod-selected', pod: 'x', others: 1, containers: [], ...HERE },
    'pod x in namespace team (context test); 1 other pod matches',
  ],
  [
    { kind: 'pod-selected', pod: 'x', others: 2, containers: [], ...HERE },
    'pod x in namespace team (context test); 2 other pods match',
  ],
  [{ kind: 'pod-replaced', from: 'x', to: 'y' }, 'pod x replaced by y'],
  [
    { kind: 'connection-expired', container: 'go', remotePort: 80, holdMs: 30_000, noPod: true },
    'a connection to port 80 of go was closed after 30 s: no pod is ready',
  ],
  [
    { kind: 'connection-expired', container: 'go', remotePort: 80, holdMs: 500, noPod: false },
    'a connection to port 80 of go was closed after 0.5 s: the pod has not taken it',
  ],
  [{ kind: 'pod-lost', pod: 'x', reason: 'is gone', holdMs: undefined }, 'pod x is gone'],
  [
    { kind: 'pod-lost', pod: 'x', reason: 'is gone', holdMs: 30_000 },
    'pod x is gone: connections wait up to 30 s for the next one',
  ],
  [
    { kind: 'pod-lost', pod: 'x', reason: 'is gone', holdMs: 0 },
    'pod x is gone: connections are refused until there is another one',
  ],
  [{ kind: 'pod-restored', pod: 'x' }, 'pod x is back'],
  [ended, 'container go of pod x ended with exit code 3'],
  [{ ...ended, reason: 'Error' }, 'container go of pod x ended with exit code 3'],
  [{ ...ended, reason: 'OOMKilled' }, 'container go of pod x ended with exit code 3 (OOMKilled)'],
  [
    { ...ended, backOff: 'back-off 10s' },
    'container go of pod x ended with exit code 3; the kubelet restarts it after a pause (back-off 10s)',
  ],
  [{ kind: 'container-restarted', ...place, restarts: 2 }, 'container go of pod x runs again (restart 2)'],
  [
    { kind: 'forward-failed', ...port, reason: 'dial tcp4 127.0.0.1:80: connect: connection refused' },
    'port 80 of go cannot be reached: nothing listens there (connection refused); trying again',
  ],
  [
    { kind: 'forward-failed', ...port, reason: 'failed to find sandbox "ff4196" in store: not found' },
    "port 80 of go cannot be reached: the pod's sandbox is gone; trying again",
  ],
  [
    { kind: 'forward-failed', ...port, reason: 'i/o timeout' },
    'port 80 of go cannot be reached: i/o timeout; trying again',
  ],
  [
    { kind: 'forward-failed', ...port, reason: 'x'.repeat(201) },
    `port 80 of go cannot be reached: ${'x'.repeat(200)}…; trying again`,
  ],
  [{ kind: 'forward-restored', ...port }, 'port 80 of go can be reached again'],
  [{ kind: 'api-lost', reason: 'EOF' }, 'the API server does not answer: EOF; trying again'],
  [
    {
      kind: 'api-lost',
      reason:
        'Unable to connect to the server: getting credentials: exec: executable sso failed with exit code 3: Log in',
    },
    'kubectl cannot log in to the API server: executable sso failed with exit code 3: Log in; trying again',
  ],
  [{ kind: 'api-restored' }, 'the API server answers again'],
  [
    { kind: 'log-gap', ...place, reason: GAP_REASONS.podDeleted },
    'lines of go in pod x may be missing: the pod was deleted before its log could be read to the end',
  ],
  [{ kind: 'log-failed', ...place, reason: 'forbidden' }, 'the log of go in pod x cannot be read: forbidden'],
  [{ kind: 'app-ended', message: 'job web is complete', failed: false }, 'job web is complete'],
  [{ kind: 'app-ended', message: 'pod x was deleted', failed: true }, 'Warning: pod x was deleted'],
  [{ kind: 'note', message: 'no port' }, 'no port'],
  [{ kind: 'warning', message: 'no port' }, 'Warning: no port'],
];
for (const [event, line] of events) {
  test(`${event.kind} ${line === undefined ? 'has no line' : `is told as: ${line.slice(0, 100)}`}`, () => {
    assert.equal(describe(event), line);
  });
}
