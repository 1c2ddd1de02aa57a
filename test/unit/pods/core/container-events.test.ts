import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerNews, noteContainers } from '../../../../src/pods/core/container-events.ts';
import type { ContainerStatus, Pod } from '../../../../src/pods/core/pod.ts';
import { makeContainer, makePod, makeStatus } from '../../pod-maker.ts';

const ended = (id: string, exitCode: number) =>
  ({ kind: 'terminated', exitCode, reason: 'Error', containerId: id }) as const;
const pod = (status: Partial<ContainerStatus>, fields: Partial<Pod> = {}): Pod =>
  makePod({ name: 'p', containers: [makeContainer('go', [8080], { status: makeStatus(status) })], ...fields });

const running = (id: string, restartCount: number): Partial<ContainerStatus> => ({
  state: { kind: 'running' },
  containerId: id,
  restartCount,
  ...(restartCount > 0 ? { lastTermination: ended(`before-${id}`, 1) } : {}),
});
const backOff: Partial<ContainerStatus> = {
  state: { kind: 'waiting', reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container=go' },
  lastTermination: ended('a', 3),
  restartCount: 1,
};

test('the end of a container and its return are told once each', () => {
  const told = noteContainers(pod(running('a', 0)));
  const news = (next: Pod) => containerNews(next, told).map((event) => event.kind);
  assert.deepEqual(news(pod(running('a', 0))), []);
  const over = pod({ state: ended('a', 3), restartCount: 0, containerId: 'a' });
  assert.deepEqual(containerNews(over, told), [
    { kind: 'container-ended', pod: 'p', container: 'go', exitCode: 3, reason: 'Error', backOff: undefined },
  ]);
  assert.deepEqual(news(over), []);
  assert.deepEqual(news(pod({ ...running('b', 1), lastTermination: ended('a', 3) })), ['container-restarted']);
  assert.deepEqual(news(pod({ ...running('b', 1), lastTermination: ended('a', 3) })), []);
});

test('the back-off is told with the exit code, once for each instance', () => {
  const told = noteContainers(pod(running('a', 0)));
  const first = containerNews(pod(backOff), told);
  assert.deepEqual(first, [
    { kind: 'container-ended', pod: 'p', container: 'go', exitCode: 3, reason: 'Error', backOff: 'back-off 10s' },
  ]);
  assert.deepEqual(containerNews(pod(backOff), told), []);
  const second = containerNews(pod({ ...backOff, lastTermination: ended('b', 3), restartCount: 2 }), told);
  assert.deepEqual(
    second.map((event) => event.kind),
    ['container-ended'],
  );
});

test('an instance that ended unseen is told together with the return of the container', () => {
  const told = noteContainers(pod(running('a', 0)));
  const kinds = containerNews(pod(running('b', 1)), told).map((event) => event.kind);
  assert.deepEqual(kinds, ['container-ended', 'container-restarted']);
});

test('what ended before the connection began is no news', () => {
  assert.deepEqual(containerNews(pod(running('b', 4)), noteContainers(pod(running('b', 4)))), []);
});

test("a terminating pod's containers are no news of their own", () => {
  const told = noteContainers(pod(running('a', 0)));
  assert.deepEqual(containerNews(pod({ state: ended('a', 0) }, { terminating: true }), told), []);
});
