import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameApps } from '../../../../src/request/core/app-names.ts';
import { parseMappings } from '../../../../src/request/core/mapping.ts';
import { partOptions } from '../../../../src/request/core/part-options.ts';
import { parseTarget } from '../../../../src/request/core/target.ts';
import { EXIT } from '../../../../src/values/errors.ts';

/** `-p` and `-c` of each app, then what is shared. */
const CASES: readonly (readonly [
  title: string,
  apps: readonly string[],
  ports: readonly string[],
  containers: readonly string[],
  parts: readonly string[],
])[] = [
  ['all goes to the only app', ['deploy/api'], ['8080:80', '81'], ['go'], ['8080:80 81 -c go', '']],
  ['also what names it', ['deploy/api'], ['8080:api:80'], ['deploy/api/go'], ['8080:api:80 -c go', '']],
  [
    'what names an app goes to it',
    ['deploy/api', 'svc/db'],
    [':db:x', '1:api:2'],
    ['db/pg'],
    ['1:api:2', ':db:x -c pg', ''],
  ],
  [
    'what names none is shared',
    ['deploy/api', 'svc/db'],
    ['80', '1:db:2'],
    ['go', 'db/pg'],
    ['', '1:db:2 -c pg', '80 -c go'],
  ],
  [
    'kind and name say it, too',
    ['deploy/api', 'svc/db'],
    ['1:service/db:2'],
    ['deployments/api/go'],
    ['-c go', '1:service/db:2', ''],
  ],
  [
    'a name that two have is no name',
    ['deploy/api', 'svc/api'],
    ['1:svc/api:2'],
    ['deploy/api/go'],
    ['-c go', '1:svc/api:2', ''],
  ],
  [
    'the one that is called so is meant, not its namesake in a namespace',
    ['data:svc/db', 'svc/db'],
    ['1:svc/db:2', '3:data/svc/db:4'],
    ['service/db/pg'],
    ['3:data/svc/db:4', '1:svc/db:2 -c pg', ''],
  ],
  ['nothing is asked', ['deploy/api', 'svc/db'], [], [], ['', '', '']],
];
for (const [title, apps, ports, containers, parts] of CASES) {
  test(`${title}: ${[...ports, ...containers].join(' ')}`, () => {
    const { own, shared } = partOptions(named(apps), parseMappings(ports), containers);
    const shown = [...own, shared].map((options) =>
      [...options.mappings.map(({ text }) => text), ...options.containers.map((name) => `-c ${name}`)].join(' '),
    );
    assert.deepEqual(shown, parts);
  });
}

const UNKNOWN: readonly (readonly [
  apps: readonly string[],
  ports: readonly string[],
  containers: readonly string[],
  message: string,
])[] = [
  [['deploy/api'], ['1:web:2'], [], "-p 1:web:2: there is no target 'web'"],
  [['deploy/api'], ['1:svc/api:2'], [], "-p 1:svc/api:2: there is no target 'svc/api'"],
  [['deploy/api', 'svc/api'], ['1:api:2'], [], "-p 1:api:2: there is no target 'api'"],
  [['a:svc/db', 'b:svc/db'], ['1:svc/db:2'], [], "-p 1:svc/db:2: there is no target 'svc/db'"],
  [['deploy/api'], [], ['web/go'], "-c web/go: there is no target 'web'"],
  [['deploy/api'], [], ['/go'], "-c /go: there is no target ''"],
];
for (const [apps, ports, containers, message] of UNKNOWN) {
  test(`refused: ${message}`, () => {
    const hint = `the targets are: ${named(apps)
      .map(({ app }) => app)
      .join(', ')}`;
    assert.throws(() => partOptions(named(apps), parseMappings(ports), containers), {
      message,
      hint,
      exitCode: EXIT.usage,
    });
  });
}

/** As all apps are called; `data:svc/db` has a namespace of its own. */
function named(apps: readonly string[]) {
  const split = apps.map((text) => text.split(':').toReversed());
  const asked = split.map(([text = '', namespace]) => ({ target: parseTarget(text), namespace }));
  const names = nameApps(asked);
  return asked.map(({ target }, index) => ({ target, app: names[index] ?? '' }));
}
