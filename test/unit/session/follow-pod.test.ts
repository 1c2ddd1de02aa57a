import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppSettings } from '../../../src/request/core/settings.ts';
import { PodFollower } from '../../../src/session/follow-pod.ts';
import { createDeferred } from '../../../src/values/deferred.ts';
import { makePod } from '../pod-maker.ts';

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
