import assert from 'node:assert/strict';
import { test } from 'node:test';
import { furtherWords, sessionMeant, sessionsToStop } from '../../../../src/detached/core/choose-session.ts';
import type { SessionMode, SessionRecord } from '../../../../src/detached/core/record.ts';
import { UserError } from '../../../../src/values/errors.ts';

function session(id: string, mode: SessionMode, apps: readonly string[], context = 'west'): SessionRecord {
  const place = { host: 'h', boot: 'b', namespace: 'n', machine: 'm' };
  return {
    id,
    mode,
    apps: apps.map((app) => ({ app, pod: 'p', namespace: 'prod', context, tunnels: [], state: 'Connected' })),
    createdMs: 1,
    process: { pid: 77, started: '5', place },
  };
}

const SHOP = session('aaaaaa', 'detached', ['shop']);
const SHOP_TOO = session('bbbbbb', 'detached', ['shop', 'postgres']);
const SHOP_HERE = session('cccccc', 'foreground', ['shop']);
const REDIS = session('dddddd', 'foreground', ['redis']);
const ALL = [SHOP, SHOP_TOO, SHOP_HERE, REDIS];

const STOPPED: readonly [name: string, ids: readonly string[]][] = [
  ['aaaaaa', ['aaaaaa']],
  ['shop', ['aaaaaa', 'bbbbbb']],
  ['postgres', ['bbbbbb']],
  ['redis', []],
  ['dddddd', ['dddddd']],
  ['nope', []],
];
for (const [name, ids] of STOPPED) {
  test(`stop ${name} ends ${ids.join(' and ') || 'nothing'}`, () => {
    assert.deepEqual(
      sessionsToStop(name, ALL).map(({ id }) => id),
      ids,
    );
  });
}

const MEANT: readonly [
  title: string,
  name: string | undefined,
  project: string | undefined,
  running: readonly SessionRecord[],
  id: string,
][] = [
  ['the only session', undefined, undefined, [REDIS], 'dddddd'],
  ['the only session of the project', undefined, 'redis', ALL, 'dddddd'],
  ['the only session, though of another app than the project', undefined, 'redis', [SHOP], 'aaaaaa'],
  ['an ID', 'bbbbbb', 'redis', ALL, 'bbbbbb'],
  ['an app, whatever the project is', 'redis', 'shop', ALL, 'dddddd'],
  ['one of several apps of a session', 'postgres', undefined, ALL, 'bbbbbb'],
];
for (const [title, name, project, running, id] of MEANT) {
  test(`env finds ${title}`, () => assert.equal(sessionMeant(name, project, running).id, id));
}

const FAILURES: readonly [
  name: string | undefined,
  project: string | undefined,
  running: readonly SessionRecord[],
  message: string,
  hint: string,
][] = [
  [
    undefined,
    undefined,
    [],
    'no session is running',
    'kubectl draft-connect TARGET --detach starts one and prints its variables',
  ],
  [
    'shop',
    undefined,
    [],
    'no session is running',
    'kubectl draft-connect TARGET --detach starts one and prints its variables',
  ],
  ['nope', undefined, [SHOP], "no session 'nope'", 'running: aaaaaa (shop)'],
  [
    undefined,
    undefined,
    [SHOP_TOO, REDIS],
    '2 sessions are running',
    'name one: bbbbbb (shop, postgres), dddddd (redis, in the foreground)',
  ],
  [
    undefined,
    'shop',
    [SHOP, SHOP_TOO, REDIS],
    "2 sessions of 'shop' are running",
    'name one: aaaaaa (shop), bbbbbb (shop, postgres)',
  ],
  [
    'shop',
    undefined,
    [SHOP, SHOP_HERE],
    "2 sessions of 'shop' are running",
    'name one: aaaaaa (shop), cccccc (shop, in the foreground)',
  ],
];
for (const [name, project, running, message, hint] of FAILURES) {
  test(`env ${name ?? ''} among ${running.length} in the project ${project} fails with: ${message}`, () => {
    assert.throws(
      () => sessionMeant(name, project, running),
      (error) => error instanceof UserError && error.message === message && error.hint === hint,
    );
  });
}

test('a further session of an app names the others, in the same place alone', () => {
  assert.equal(furtherWords('aaaaaa', [SHOP]), undefined);
  assert.equal(furtherWords('aaaaaa', [SHOP, REDIS, session('eeeeee', 'detached', ['shop'], 'east')]), undefined);
  assert.equal(
    furtherWords('aaaaaa', ALL),
    'aaaaaa is a further session beside bbbbbb (shop, postgres), cccccc (shop, in the foreground)',
  );
});
