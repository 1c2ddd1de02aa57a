import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMappings } from '../../../../src/request/core/mapping.ts';
import { type FoundApp, likelyContainers, shareOut } from '../../../../src/session/core/share-out.ts';
import { EXIT } from '../../../../src/values/errors.ts';
import { makeContainer, makePod } from '../../pod-maker.ts';

const API = found('api', [makeContainer('go', ['http=80', 8080]), makeContainer('proxy', [15000, 'admin=9901'])]);
const DB = found('db', [makeContainer('pg', [5432, 'dns=53/UDP']), makeContainer('setup', [70], { role: 'init' })]);
const WEB = found('web', [makeContainer('nginx', ['http=80'])]);
const SVC: FoundApp = {
  ...found('cache', [makeContainer('redis', [6379])]),
  servicePorts: [{ port: 81, name: 'resp', protocol: 'TCP', target: 6379 }],
};

/** What each app gets, as -p and -c. */
const CASES: readonly (readonly [
  title: string,
  apps: readonly FoundApp[],
  ports: readonly string[],
  containers: readonly string[],
  shares: readonly string[],
])[] = [
  ['one app keeps its own', [own(API, ['1:5'], ['go'])], [], [], ['1:5 -c go']],
  ['a port goes to the one that has it', [API, DB], ['1:5432', '2:8080'], [], ['2:8080', '1:5432']],
  ['so does a name', [API, DB], [':admin'], [], [':admin', '']],
  ['a Service has ports of its own', [API, SVC], ['1:81', '2:resp'], [], ['', '1:81 2:resp']],
  ['and those of its pod', [API, SVC], ['1:6379'], [], ['', '1:6379']],
  ['a container goes to the one that has it', [API, DB], [], ['pg'], ['', '-c pg']],
  ['what -c leaves out is not meant', [own(API, [], ['proxy']), WEB], ['1:80'], [], ['-c proxy', '1:80']],
  ['unless nobody else has it', [own(API, [], ['proxy']), DB], ['1:80'], [], ['1:80 -c proxy', '']],
  ['a UDP port is its container’s', [API, DB], ['1:53'], [], ['', '1:53']],
  ['they replace what draft.toml has', [own(API, ['7:80']), own(DB, ['8:5432'])], ['1:8080'], [], ['1:8080', '8:5432']],
  ['and come besides what names the app', [own(API, ['7:api:80']), DB], ['1:8080'], [], ['7:api:80 1:8080', '']],
  ['-c comes besides -c APP/NAME', [own(API, [], ['go']), DB], [], ['proxy'], ['-c go -c proxy', '']],
];
for (const [title, apps, ports, containers, shares] of CASES) {
  test(`${title}: ${[...ports, ...containers].join(' ')}`, () => {
    const { options, notes } = shareOut(apps, { mappings: parseMappings(ports), containers });
    const shown = options.map((each) =>
      [...each.mappings.map(({ text }) => text), ...each.containers.map((name) => `-c ${name}`)].join(' '),
    );
    assert.deepEqual([shown, notes], [shares, []]);
  });
}

test('a name that no port has is skipped with a note', () => {
  const { options, notes } = shareOut([API, DB], { mappings: parseMappings([':grpc']), containers: [] });
  assert.deepEqual(notes, ['mapping :grpc is skipped: no target has a port grpc']);
  assert.deepEqual(
    options.map(({ mappings }) => mappings),
    [[], []],
  );
});

const REFUSED: readonly (readonly [
  apps: readonly FoundApp[],
  ports: readonly string[],
  containers: readonly string[],
  message: string,
  hint: string,
  exitCode: number,
])[] = [
  [
    [API, DB, WEB],
    ['8081:http'],
    [],
    'mapping 8081:http: port http is in api and web',
    'say which one is meant: -p 8081:api:http or -p 8081:web:http',
    EXIT.usage,
  ],
  [
    [API, WEB, { ...WEB, app: 'shop', pod: makePod({ uid: 's', containers: WEB.pod.containers }) }],
    ['1:80'],
    [],
    'mapping 1:80: port 80 is in api, web and shop',
    'say which one is meant: -p 1:api:80 or -p 1:web:80 or -p 1:shop:80',
    EXIT.usage,
  ],
  [
    [{ ...API, app: 'app in (api)' }, WEB],
    ['1:80'],
    [],
    'mapping 1:80: port 80 is in app in (api) and web',
    'say which one is meant: -p 1:web:80; app in (api) can be meant once draft.toml gives it a name',
    EXIT.usage,
  ],
  [
    [API, WEB],
    [':80'],
    [],
    'mapping :80: port 80 is in api and web',
    'say which one is meant: -p :api:80 or -p :web:80',
    EXIT.usage,
  ],
  [
    [API, DB],
    ['5005'],
    [],
    'mapping 5005: no target declares port 5005',
    'say which one is meant: -p 5005:api:5005 or -p 5005:db:5005',
    EXIT.usage,
  ],
  [
    [API, { ...API, app: 'web', pod: makePod({ uid: 'w', containers: API.pod.containers }) }],
    [],
    ['go'],
    'container go is in api and web',
    'say which one is meant: -c api/go or -c web/go',
    EXIT.usage,
  ],
  [[DB, WEB], [], ['abc'], "container 'abc' not found", 'the containers are: db/pg, db/setup, web/nginx', EXIT.failed],
  [
    [API, DB, { ...DB, app: 'svc/db' }],
    [],
    [],
    'db and svc/db lead to the same pod, db-0',
    'name one of them: all ports of a pod are connected',
    EXIT.usage,
  ],
];
for (const [apps, ports, containers, message, hint, exitCode] of REFUSED) {
  test(`refused: ${message}`, () => {
    assert.throws(() => shareOut(apps, { mappings: parseMappings(ports), containers }), { message, hint, exitCode });
  });
}

test('a pod that is still awaited shows the containers that are likely to be meant', () => {
  assert.deepEqual(likelyContainers(API.pod, [], ['go', 'pg']), ['go']);
  assert.deepEqual(likelyContainers(API.pod, ['proxy'], ['go', 'proxy']), ['proxy', 'go']);
  assert.deepEqual(likelyContainers(WEB.pod, [], ['go']), []);
});

function found(app: string, containers: FoundApp['pod']['containers']): FoundApp {
  return { app, pod: makePod({ name: `${app}-0`, uid: app, containers }), mappings: [], containers: [] };
}

function own(app: FoundApp, ports: readonly string[], containers: readonly string[] = []): FoundApp {
  return { ...app, mappings: parseMappings(ports), containers };
}
