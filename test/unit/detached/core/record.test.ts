import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AppRecord,
  appsAfter,
  decodeSessionRecord,
  type SessionRecord,
} from '../../../../src/detached/core/record.ts';
import type { SessionEvent } from '../../../../src/output/core/events.ts';
import { UserError } from '../../../../src/values/errors.ts';

const APP: AppRecord = {
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
};

const RECORD: SessionRecord = {
  id: 'abc234',
  mode: 'foreground',
  apps: [APP, { ...APP, app: 'other', pod: 'two', tunnels: [] }],
  createdMs: 1,
  process: { pid: 77, started: '5', place: { host: 'h', boot: 'b', namespace: 'n', machine: 'm' } },
};

test('a record is read as it was written', () => {
  assert.deepEqual(decodeSessionRecord(JSON.parse(JSON.stringify(RECORD)), ''), RECORD);
});

test('a record of an earlier version is that of a detached session with one app', () => {
  const { id, createdMs } = RECORD;
  const process = { pid: 77, started: '5', place: { host: 'h', boot: 'b', namespace: 'n' } };
  const record = decodeSessionRecord(JSON.parse(JSON.stringify({ id, createdMs, process, ...APP })), '');
  assert.deepEqual([record.mode, record.apps, record.process.place.machine], ['detached', [APP], '']);
});

const ODD: readonly [title: string, change: object][] = [
  ['an ID that is a path', { id: '../abc' }],
  ['an ID that is a number', { id: '123456' }],
  ['a group instead of a process', { process: { ...RECORD.process, pid: -77 } }],
  ['all processes', { process: { ...RECORD.process, pid: -1 } }],
  ['our own group', { process: { ...RECORD.process, pid: 0 } }],
  ['the first process', { process: { ...RECORD.process, pid: 1 } }],
  ['half a process', { process: { ...RECORD.process, pid: 77.5 } }],
  ['a state there is none of', { apps: [{ ...APP, state: 'Fine' }] }],
  ['no tunnel list', { apps: [{ ...APP, tunnels: {} }] }],
  ['an app without a name', { apps: [{ ...APP, app: undefined }] }],
  ['no app', { apps: undefined }],
  ['a mode there is none of', { mode: 'hidden' }],
];

for (const [title, change] of ODD) {
  test(`${title} makes no record`, () => {
    assert.throws(() => decodeSessionRecord({ ...RECORD, ...change }, ''), UserError);
  });
}

const EVENTS: readonly [before: AppRecord['state'], event: SessionEvent, after: string, pod: string][] = [
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
  test(`${event.kind} makes ${before} of ${APP.pod} ${after} of ${pod}`, () => {
    const apps = [{ ...APP, state: before }];
    const next = appsAfter(apps, event);
    assert.deepEqual([next[0]?.state, next[0]?.pod, next[0]?.tunnels[0]?.pod], [after, pod, pod]);
    if (before === after && pod === APP.pod) assert.equal(next, apps);
  });
}

test('an app that is over has no local ports any more', () => {
  const apps = appsAfter(RECORD.apps, {
    kind: 'app-ended',
    message: 'job web is complete',
    failed: false,
    app: 'other',
  });
  assert.deepEqual(
    apps.map(({ state, tunnels }) => [state, tunnels.length]),
    [
      ['Connected', RECORD.apps[0]?.tunnels.length],
      ['Ended', 0],
    ],
  );
  assert.deepEqual(decodeSessionRecord({ ...RECORD, apps }, ''), { ...RECORD, apps });
});

test('what happens to one app changes no other', () => {
  const event: SessionEvent = { kind: 'pod-lost', pod: 'two', reason: 'deleted', holdMs: undefined, app: 'other' };
  const states = appsAfter(RECORD.apps, event).map(({ state }) => state);
  assert.deepEqual(states, ['Connected', 'PodLost']);
});
