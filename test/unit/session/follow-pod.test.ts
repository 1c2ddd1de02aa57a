import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Logs } from '../../../src/logs/logs.ts';
import type { AppSettings } from '../../../src/request/core/settings.ts';
import { PodFollower } from '../../../src/session/follow-pod.ts';
import { createDeferred } from '../../../src/values/deferred.ts';
import { makeContainer, makePod } from '../pod-maker.ts';

test('what is heard of a missing pod after the end does nothing any more', async () => {
  const exists = createDeferred<boolean | undefined>();
  const told: string[] = [];
  const follower = new PodFollower({
    first: makePod(),
    settings: { target: { kind: 'pod', name: 'web-1' }, containers: [], timeoutMs: 1 } as unknown as AppSettings,
    tunnels: [],
    logs: undefined,
    tell: ({ kind }) => told.push(kind),
    stillExists: () => exists.promise,
    onFinish: () => assert.fail('it has ended already'),
  });
  follower.refresh([]);
  follower.stop();
  exists.resolve(undefined);
  await new Promise(setImmediate);
  follower.refresh([]);
  assert.deepEqual(told, []);
});

for (const [tunnels, told] of [
  [true, ['pod-replaced', 'note']],
  [false, ['pod-replaced']],
] as const) {
  test(`further ports of the next pod are ${tunnels ? 'named' : 'no matter with --no-tunnels'}`, () => {
    const heard: string[] = [];
    const target = { kind: 'workload', resource: 'deployments.apps', name: 'web' };
    const follower = new PodFollower({
      first: makePod({ name: 'web-1', uid: '1', containers: [makeContainer('go', [80])] }),
      settings: { target, containers: [], timeoutMs: 1, tunnels } as unknown as AppSettings,
      tunnels: [],
      logs: undefined,
      tell: ({ kind }) => heard.push(kind),
      stillExists: () => Promise.resolve(false),
      onFinish: () => assert.fail('another pod is ready'),
    });
    follower.refresh([makePod({ name: 'web-2', uid: '2', containers: [makeContainer('go', [80, 81])] })]);
    follower.stop();
    assert.deepEqual(heard, told);
  });
}

test('a log that was shown while its pod might be the next one ends when another one is', () => {
  const kept: (readonly string[])[] = [];
  const logs = { follow: () => {}, update: () => {}, leaveAllBut: (uids: ReadonlySet<string>) => kept.push([...uids]) };
  const target = { kind: 'workload', resource: 'deployments.apps', name: 'web' };
  const follower = new PodFollower({
    first: makePod({ name: 'web-1', uid: '1' }),
    settings: { target, containers: [], timeoutMs: 1, tunnels: false, allPods: false } as unknown as AppSettings,
    tunnels: [],
    logs: logs as unknown as Logs,
    tell: () => {},
    stillExists: () => Promise.resolve(false),
    onFinish: () => assert.fail('another pod is ready'),
  });
  follower.showLogs();
  follower.refresh([makePod({ name: 'web-2', uid: '2' }), makePod({ name: 'web-3', uid: '3', ready: false })]);
  follower.stop();
  assert.deepEqual(kept, [['1'], ['2', '1']]);
});
