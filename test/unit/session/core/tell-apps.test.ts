import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionEvent } from '../../../../src/output/core/events.ts';
import { tellApps } from '../../../../src/session/core/tell-apps.ts';

const lost: SessionEvent = { kind: 'api-lost', reason: 'connection refused' };
const restored: SessionEvent = { kind: 'api-restored' };
const ended: SessionEvent = { kind: 'app-ended', message: 'pod b was deleted', failed: true };
const back: SessionEvent = { kind: 'pod-restored', pod: 'web-1' };

const CASES: readonly (readonly [
  title: string,
  events: readonly (readonly [app: string, event: SessionEvent])[],
  told: readonly SessionEvent[],
])[] = [
  [
    'an event says whose it is',
    [
      ['a', back],
      ['b', back],
    ],
    [
      { ...back, app: 'a' },
      { ...back, app: 'b' },
    ],
  ],
  [
    'the API server goes away and comes back once for all',
    [
      ['a', lost],
      ['b', lost],
      ['b', restored],
      ['a', restored],
      ['b', lost],
    ],
    [lost, restored, lost],
  ],
  [
    'one that ends without the API server does not wait for it any more',
    [
      ['a', lost],
      ['b', lost],
      ['b', ended],
      ['a', restored],
    ],
    [lost, { ...ended, app: 'b' }, restored],
  ],
  ['an app that has not lost it has nothing to tell', [['a', restored]], []],
  ['the limit on connections is everybody’s', [['b', { kind: 'crowded', most: 7 }]], [{ kind: 'crowded', most: 7 }]],
];
for (const [title, events, told] of CASES) {
  test(title, () => {
    const heard: SessionEvent[] = [];
    const tellOf = tellApps((event) => heard.push(event));
    for (const [app, event] of events) tellOf(app)(event);
    assert.deepEqual(heard, told);
  });
}
