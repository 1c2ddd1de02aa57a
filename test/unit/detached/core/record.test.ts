import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeSessionRecord, recordAfter, type SessionRecord } from '../../../../src/detached/core/record.ts';
import type { SessionEvent } from '../../../../src/output/core/events.ts';
import { UserError } from '../../../../src/values/errors.ts';

const RECORD: SessionRecord = {
  id: 'abc234',
  app: 'app',
  pod: 'one',
  namespace: undefined,
  context: 'west',
  tunnels: [
    {
      app: 'app',
      container: 'go',
      remotePort: 80,
      portName: undefined,
      addresses: ['localhost'],
      localPort: 8080,
      pod: 'one',
    },
  ],
  state: 'Connected',
  createdMs: 1,
  process: { pid: 77, started: '5', place: { host: 'h', boot: 'b', namespace: 'n' } },
};

test('a record is read as it was written', () => {
  assert.deepEqual(decodeSessionRecord(JSON.parse(JSON.stringify(RECORD)), ''), RECORD);
});

const ODD: readonly [title: string, change: object][] = [
  ['an ID that is a path', { id: '../abc' }],
  ['an ID that is a number', { id: '123456' }],
  ['a group instead of a process', { process: { ...RECORD.process, pid: -77 } }],
  ['all processes', { process: { ...RECORD.process, pid: -1 } }],
  ['our own group', { process: { ...RECORD.process, pid: 0 } }],
  ['the first process', { process: { ...RECORD.process, pid: 1 } }],
  ['half a process', { process: { ...RECORD.process, pid: 77.5 } }],
  ['a state there is none of', { state: 'Fine' }],
  ['no tunnel list', { tunnels: {} }],
  ['no app', { app: undefined }],
];

for (const [title, change] of ODD) {
  test(`${title} makes no record`, () => {
    assert.throws(() => decodeSessionRecord({ ...RECORD, ...change }, ''), UserError);
  });
}

const EVENTS: readonly [before: SessionRecord['state'], event: SessionEvent, after: string, pod: string][] = [
  ['Connected', { kind: 'pod-lost', pod: 'one', reason: 'deleted', holdMs: undefined }, 'PodLost', 'one'],
  ['PodLost', { kind: 'pod-replaced', from: 'one', to: 'two' }, 'Connected', 'two'],
  ['PodLost', { kind: 'pod-restored', pod: 'one' }, 'Connected', 'one'],
  ['Connected', { kind: 'pod-replaced', from: 'one', to: 'two' }, 'Connected', 'two'],
  ['Connected', { kind: 'api-lost', reason: 'refused' }, 'ApiLost', 'one'],
  ['PodLost', { kind: 'api-lost', reason: 'refused' }, 'PodLost', 'one'],
  ['ApiLost', { kind: 'api-restored' }, 'Connected', 'one'],
  ['PodLost', { kind: 'api-restored' }, 'PodLost', 'one'],
  ['Connected', { kind: 'note', message: 'hello' }, 'Connected', 'one'],
];

for (const [before, event, after, pod] of EVENTS) {
  test(`${event.kind} makes ${before} of ${RECORD.pod} ${after} of ${pod}`, () => {
    const record = { ...RECORD, state: before };
    const next = recordAfter(record, event);
    assert.deepEqual([next.state, next.pod, next.tunnels[0]?.pod], [after, pod, pod]);
    if (before === after && pod === RECORD.pod) assert.equal(next, record);
  });
}
