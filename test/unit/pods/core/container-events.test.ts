import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus } from '../../../../src/pods/core/container.ts';
import { containerEvents, reportedOf } from '../../../../src/pods/core/container-events.ts';
import type { Pod } from '../../../../src/pods/core/pod.ts';
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
  const reported = reportedOf(pod(running('a', 0)));
  const kindsOf = (next: Pod) => containerEvents(next, reported).map((event) => event.kind);
  assert.deepEqual(kindsOf(pod(running('a', 0))), []);
  const over = pod({ state: ended('a', 3), restartCount: 0, containerId: 'a' });
  assert.deepEqual(containerEvents(over, reported), [
    { kind: 'container-ended', pod: 'p', container: 'go', exitCode: 3, reason: 'Error', backOff: undefined },
  ]);
  assert.deepEqual(kindsOf(over), []);
  assert.deepEqual(kindsOf(pod({ ...running('b', 1), lastTermination: ended('a', 3) })), ['container-restarted']);
  assert.deepEqual(kindsOf(pod({ ...running('b', 1), lastTermination: ended('a', 3) })), []);
});

test('the back-off is told with the exit code, once for each instance', () => {
  const reported = reportedOf(pod(running('a', 0)));
  const first = containerEvents(pod(backOff), reported);
  assert.deepEqual(first, [
    { kind: 'container-ended', pod: 'p', container: 'go', exitCode: 3, reason: 'Error', backOff: 'back-off 10s' },
  ]);
  assert.deepEqual(containerEvents(pod(backOff), reported), []);
  const second = containerEvents(pod({ ...backOff, lastTermination: ended('b', 3), restartCount: 2 }), reported);
  assert.deepEqual(
    second.map((event) => event.kind),
    ['container-ended'],
  );
});

test('the end is told once, and then the back-off that comes after it', () => {
  const reported = reportedOf(pod(running('a', 0)));
  const over = pod({ state: ended('a', 3), restartCount: 0, containerId: 'a' });
  assert.equal(containerEvents(over, reported).length, 1);
  assert.deepEqual(containerEvents(pod(backOff), reported), [
    { kind: 'note', message: 'container go of pod p is restarted after a pause (back-off 10s)' },
  ]);
  assert.deepEqual(containerEvents(pod(backOff), reported), []);
});

test('an instance that ended unseen is told together with the return of the container', () => {
  const reported = reportedOf(pod(running('a', 0)));
  const kinds = containerEvents(pod(running('b', 1)), reported).map((event) => event.kind);
  assert.deepEqual(kinds, ['container-ended', 'container-restarted']);
});

test('what ended before the connection began is no news', () => {
  assert.deepEqual(containerEvents(pod(running('b', 4)), reportedOf(pod(running('b', 4)))), []);
});

test("a terminating pod's containers are no news of their own", () => {
  const reported = reportedOf(pod(running('a', 0)));
  assert.deepEqual(containerEvents(pod({ state: ended('a', 0) }, { terminating: true }), reported), []);
});
