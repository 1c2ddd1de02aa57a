import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  getAnyArgs,
  getArgs,
  listJobsArgs,
  listPodsArgs,
  logsArgs,
  placeArgs,
  portForwardArgs,
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
const FOLLOW = ['--timestamps', '--follow'];

const CALLS: readonly (readonly [title: string, made: readonly string[], expected: readonly string[]])[] = [
  ['one object', getArgs(PLAIN, 'deployment', 'web'), ['get', 'deployment/web', '--output=json']],
  ['one object with flags', getArgs(FULL, 'service', 'web'), ['get', 'service/web', '--output=json', ...TIMED]],
  [
    'whatever has that name',
    getAnyArgs(FULL, 'deployments.apps,services', 'web'),
    ['get', 'deployments.apps,services', 'web', '--ignore-not-found', '--output=json', ...TIMED],
  ],
  ['all jobs', listJobsArgs(FULL), ['get', 'jobs.batch', '--output=json', ...TIMED]],
  ['the context that is used', placeArgs(FULL), ['config', 'view', '--minify', '--output=json', ...OWN]],
  [
    'pods by label',
    listPodsArgs(PLAIN, { selector: '!a,b in (c)' }),
    ['get', 'pods', '--selector=!a,b in (c)', '--output=json'],
  ],
  [
    'pods by name',
    listPodsArgs(FULL, { name: 'a' }),
    ['get', 'pods', '--field-selector=metadata.name=a', '--output=json', ...TIMED],
  ],
  [
    'a watch has no time limit',
    watchPodsArgs(FULL, { selector: '-n' }),
    ['get', 'pods', '--selector=-n', '--watch', '--output-watch-events', '--output=json', ...OWN],
  ],
  [
    'a watch of one pod',
    watchPodsArgs(PLAIN, { name: 'a' }),
    ['get', 'pods', '--field-selector=metadata.name=a', '--watch', '--output-watch-events', '--output=json'],
  ],
  [
    'a forward has no time limit and a private port of its own',
    portForwardArgs(FULL, 'a', 8080, 2),
    ['port-forward', '--address=127.0.0.1', 'pod/a', ':8080', ':8080', ...OWN],
  ],
  [
    'a log that is followed',
    logsArgs(FULL, 'a', 'go', { follow: true }),
    ['logs', 'pod/a', '--container=go', ...FOLLOW, ...OWN],
  ],
  [
    'the last lines of a log',
    logsArgs(PLAIN, 'a', 'go', { follow: true, tail: 5, since: '1h' }),
    ['logs', 'pod/a', '--container=go', ...FOLLOW, '--tail=5', '--since=1h'],
  ],
  [
    'no old lines',
    logsArgs(PLAIN, 'a', 'go', { follow: true, tail: 0 }),
    ['logs', 'pod/a', '--container=go', ...FOLLOW, '--tail=0'],
  ],
  [
    'what the ended instance still said',
    logsArgs(PLAIN, 'a', 'go', { follow: false, sinceTime: '2026-01-02T03:04:05Z', previous: true }),
    ['logs', 'pod/a', '--container=go', '--timestamps', '--since-time=2026-01-02T03:04:05Z', '--previous'],
  ],
];

for (const [title, made, expected] of CALLS) {
  test(title, () => {
    assert.deepEqual(made, expected);
  });
}
