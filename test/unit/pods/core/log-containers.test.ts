import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerState } from '../../../../src/pods/core/container.ts';
import { logContainers } from '../../../../src/pods/core/log-containers.ts';
import { parsePatterns } from '../../../../src/request/core/patterns.ts';
import { makeContainer, makePod, makeStatus } from '../../pod-maker.ts';

const ended = (exitCode: number) =>
  ({ kind: 'terminated', exitCode, reason: undefined, containerId: 'containerd://1' }) as const;
const backOff = { kind: 'waiting', reason: 'CrashLoopBackOff', message: undefined } as const;
const pending = { kind: 'waiting', reason: 'PodInitializing', message: undefined } as const;

function podWith(init: ContainerState, ready: boolean, lastTermination?: ReturnType<typeof ended>) {
  const status = makeStatus({ state: init, lastTermination });
  return makePod({
    ready,
    containers: [
      makeContainer('migrate', [], { role: 'init', status }),
      makeContainer('proxy', [], { role: 'sidecar' }),
      makeContainer('go', []),
      makeContainer('debug', [], { role: 'ephemeral' }),
    ],
  });
}

const ALL = ['proxy', 'go'];
const INIT = ['migrate', ...ALL];
const CASES: readonly (readonly [title: string, pod: ReturnType<typeof podWith>, wanted: string[], logs: string[]])[] =
  [
    ['of what runs as long as the pod', podWith(ended(0), true), [], ALL],
    ['of an init container that runs', podWith({ kind: 'running' }, false), [], INIT],
    ['of an init container that has failed', podWith(ended(3), false), [], INIT],
    ['of an init container that is to be started again', podWith(backOff, false, ended(3)), [], INIT],
    ['not of an init container that has not started', podWith(pending, false), [], ALL],
    ['not of an init container that has done its work', podWith(ended(0), false), [], ALL],
    ['not of an init container that failed once, when the pod is ready', podWith(ended(0), true, ended(3)), [], ALL],
    ['of an init container that is asked for', podWith(ended(0), true), ['migrate'], ['migrate']],
    ['of an ephemeral container that is asked for', podWith(ended(0), true), ['debug'], ['debug']],
    ["in the pod's order", podWith(ended(0), true), ['go', 'migrate'], ['migrate', 'go']],
    ['of none that the pod lacks', podWith(ended(0), true), ['gone'], []],
  ];
for (const [title, pod, wanted, logs] of CASES) {
  test(`logs are shown ${title}`, () => assert.deepEqual(logContainers(pod, wanted, []), logs));
}

test('logs are not shown of what is excluded, asked for or not', () => {
  const excluded = parsePatterns('--exclude-container', ['^pro', 'x$']);
  const pod = podWith(ended(0), true);
  assert.deepEqual(logContainers(pod, [], excluded), ['go']);
  assert.deepEqual(logContainers(pod, ['proxy', 'go'], excluded), ['go']);
});
