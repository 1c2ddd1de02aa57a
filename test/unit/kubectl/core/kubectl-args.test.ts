import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  configArgs,
  getAnyArgs,
  getArgs,
  listArgs,
  logsArgs,
  placeArgs,
  portForwardArgs,
  VERSION_ARGS,
  watchPodsArgs,
} from '../../../../src/kubectl/core/kubectl-args.ts';
import type { KubectlSettings } from '../../../../src/request/core/settings.ts';

const PLAIN: KubectlSettings = {
  program: 'kubectl',
  flags: [],
  requestTimeout: undefined,
  namespace: undefined,
  context: undefined,
};
const FULL: KubectlSettings = { ...PLAIN, flags: ['--context=c', '--namespace=n'], requestTimeout: '5s' };
const OWN = ['--context=c', '--namespace=n'];
const TIMED = [...OWN, '--request-timeout=5s'];
/** What is said only against the user's defaults. */
const BY_NAME = ['--selector=', '--field-selector='];
const JSON_ALONE = [
  '--output=json',
  '--watch-only=false',
  '--all-namespaces=false',
  '--ignore-not-found=false',
  '--show-labels=false',
  '--sort-by=',
  '--raw=',
];
const ONCE = ['--watch=false', '--output-watch-events=false', ...JSON_ALONE];
const WATCH = ['--watch', '--output-watch-events', ...JSON_ALONE, '--request-timeout=0'];
const BARE = [
  '--prefix=false',
  '--all-containers=false',
  '--selector=',
  '--limit-bytes=0',
  '--ignore-errors=false',
  '--request-timeout=0',
];
const NO_LOGIN = '--token=none';
const FOLLOW = ['--timestamps', '--follow'];
const PRESENT = ['--previous=false', ...BARE];

const CALLS: readonly (readonly [title: string, made: readonly string[], expected: readonly string[]])[] = [
  ['one object', getArgs(PLAIN, 'deployment/web'), ['get', 'deployment/web', ...BY_NAME, ...ONCE]],
  ['one object with flags', getArgs(FULL, 'service/web'), ['get', 'service/web', ...BY_NAME, ...ONCE, ...TIMED]],
  [
    'whatever has that name',
    getAnyArgs(FULL, 'deployments.apps,services', 'web'),
    ['get', 'deployments.apps,services', 'web', ...BY_NAME, ...ONCE, ...TIMED, '--ignore-not-found'],
  ],
  ['all jobs', getArgs(FULL, 'jobs.batch'), ['get', 'jobs.batch', ...BY_NAME, ...ONCE, ...TIMED]],
  [
    'the context that is used',
    placeArgs(FULL),
    [
      ...['config', 'view', '--minify', '--raw=false', '--flatten=false', '--merge', '--output=json'],
      ...[NO_LOGIN, ...OWN],
    ],
  ],
  [
    'all contexts',
    configArgs(PLAIN),
    ['config', 'view', '--minify=false', '--raw=false', '--merge', '--output=json', NO_LOGIN],
  ],
  ['its own version', VERSION_ARGS, ['version', '--client', '--output=json', NO_LOGIN]],
  [
    'pods by label',
    listArgs(PLAIN, 'pods', { selector: '!a,b in (c)' }),
    ['get', 'pods', '--selector=!a,b in (c)', '--field-selector=', ...ONCE],
  ],
  [
    'pods by name',
    listArgs(FULL, 'pods', { name: 'a' }),
    ['get', 'pods', '--selector=', '--field-selector=metadata.name=a', ...ONCE, ...TIMED],
  ],
  [
    'a watch has no time limit',
    watchPodsArgs(FULL, { selector: '-n' }),
    ['get', 'pods', '--selector=-n', '--field-selector=', ...WATCH, ...OWN],
  ],
  [
    'a watch of one pod',
    watchPodsArgs(PLAIN, { name: 'a' }),
    ['get', 'pods', '--selector=', '--field-selector=metadata.name=a', ...WATCH],
  ],
  [
    'a forward has no time limit and a private port of its own',
    portForwardArgs(FULL, 'a', 8080, 2),
    ['port-forward', '--address=127.0.0.1', 'pod/a', ':8080', ':8080', '--request-timeout=0', ...OWN],
  ],
  [
    'a log that is followed',
    logsArgs(FULL, 'a', 'go', { follow: true }),
    ['logs', 'pod/a', '--container=go', ...FOLLOW, '--tail=-1', '--since=0s', '--since-time=', ...PRESENT, ...OWN],
  ],
  [
    'the last lines of a log',
    logsArgs(PLAIN, 'a', 'go', { follow: true, tail: 5, since: '1h' }),
    ['logs', 'pod/a', '--container=go', ...FOLLOW, '--tail=5', '--since=1h', '--since-time=', ...PRESENT],
  ],
  [
    'no old lines',
    logsArgs(PLAIN, 'a', 'go', { follow: true, tail: 0 }),
    ['logs', 'pod/a', '--container=go', ...FOLLOW, '--tail=0', '--since=0s', '--since-time=', ...PRESENT],
  ],
  [
    'what the ended instance still said',
    logsArgs(PLAIN, 'a', 'go', { follow: false, sinceTime: '2026-01-02T03:04:05Z', previous: true }),
    [
      ...['logs', 'pod/a', '--container=go', '--timestamps', '--follow=false', '--tail=-1', '--since=0s'],
      ...['--since-time=2026-01-02T03:04:05Z', '--previous', ...BARE],
    ],
  ],
];

for (const [title, made, expected] of CALLS) {
  test(title, () => {
    assert.deepEqual(made, expected);
  });
}
