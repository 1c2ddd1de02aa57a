import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConnect } from '../../../../src/request/core/manifest-connect.ts';
import { Fields } from '../../../../src/request/core/manifest-fields.ts';
import { parseMappings } from '../../../../src/request/core/mapping.ts';

test('an entry may say all of it', () => {
  const entry = {
    target: 'svc/postgres',
    namespace: 'data',
    'override-ports': ['5432:5432', ':metrics'],
    logs: false,
  };
  assert.deepEqual(read([entry]), {
    entries: [
      {
        target: { kind: 'workload', resource: 'service', name: 'postgres' },
        namespace: 'data',
        overridePorts: parseMappings(['5432:5432', ':metrics']),
        logs: false,
      },
    ],
    warnings: [],
    problems: [],
  });
});

test('an entry may be a target alone', () => {
  const target = { kind: 'pod', name: 'redis-0' };
  const entry = { target, namespace: undefined, overridePorts: [], logs: true };
  assert.deepEqual(read([{ target: 'redis-0' }]).entries, [entry]);
});

test('no connect is nothing to connect to', () => {
  assert.deepEqual(read(undefined), { entries: [], warnings: [], problems: [] });
});

test('the same target in two namespaces is two apps', () => {
  const entries = [{ target: 'svc/db' }, { target: 'svc/db', namespace: 'a' }, { target: 'svc/db', namespace: 'b' }];
  assert.deepEqual([read(entries).entries.length, read(entries).problems], [3, []]);
});

const PROBLEMS: readonly (readonly [title: string, connect: unknown, problems: readonly string[]])[] = [
  [
    'a text',
    'svc/postgres',
    ["connect: expected tables, each under [[environments.NAME.connect]], got 'svc/postgres'"],
  ],
  ['one table', { target: 'a' }, ['connect: expected tables, each under [[environments.NAME.connect]], got a table']],
  ['a list of texts', ['svc/postgres'], ["connect[0]: expected a table, got 'svc/postgres'"]],
  ['no target', [{}], ['connect[0].target: expected POD or KIND/NAME, got nothing']],
  ['an empty target', [{ target: '' }], ['connect[0].target: expected POD or KIND/NAME, got nothing']],
  ['a number for a target', [{ target: 5432 }], ['connect[0].target: expected a text, got 5432']],
  [
    'an option for a target',
    [{ target: '--all' }],
    ["connect[0].target: expected one line that doesn't start with '-', got '--all'"],
  ],
  ['an unknown kind', [{ target: 'db/postgres' }], ["connect[0].target: 'db/postgres': unknown kind 'db'"]],
  [
    'what is wrong in each entry',
    [
      { target: 'a', namespace: 'A', logs: 'no' },
      { target: 'b', 'override-ports': '80' },
    ],
    [
      "connect[0].namespace: expected a namespace (a-z, 0-9 and - inside, at most 63), got 'A'",
      "connect[0].logs: expected true or false, got 'no'",
      "connect[1].override-ports: expected a list, got '80'",
    ],
  ],
  [
    'an app in a mapping',
    [{ target: 'a', 'override-ports': ['80:b:80'] }],
    ["connect[0].override-ports: expected LOCAL:REMOTE, got '80:b:80'"],
  ],
  ['a target twice', [{ target: 'svc/db' }, { target: 'service/db' }], ['connect[1].target: svc/db is named twice']],
  [
    'a local port twice',
    [
      { target: 'a', 'override-ports': ['5432:5432', '8080:80'] },
      { target: 'b', 'override-ports': ['5432:80', ':81'] },
    ],
    [
      'connect[0].override-ports: local port 8080 already mapped',
      'connect[1].override-ports: local port 5432 already mapped',
    ],
  ],
];
for (const [title, connect, problems] of PROBLEMS) {
  test(`refused: ${title}`, () => {
    assert.deepEqual(read(connect, ['8080:8080']).problems, problems);
  });
}

test('an unknown key is a warning with its place and the nearest name', () => {
  assert.deepEqual(read([{ target: 'a' }, { target: 'b', namspace: 'x', colour: 1 }]).warnings, [
    "connect[1]: unknown key 'namspace', did you mean 'namespace'?",
    "connect[1]: unknown key 'colour'",
  ]);
});

function read(connect: unknown, own: readonly string[] = []) {
  const fields = new Fields(connect === undefined ? {} : { connect });
  return { ...readConnect(fields, parseMappings(own)), problems: fields.problems };
}
