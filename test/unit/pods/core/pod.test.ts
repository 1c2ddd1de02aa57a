import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodePod, decodePodList, decodeWatchEvent, type Pod } from '../../../../src/pods/core/pod.ts';
import { EXIT, UserError } from '../../../../src/values/errors.ts';

const LEAST = { metadata: { name: 'a' }, spec: { containers: [{ name: 'go' }] } };

test('the demo’s pod, as a 1.34 cluster and kubectl 1.33 print it', () => {
  const [pod, ...rest] = decodePodList(readFixture('example-go.json'));
  assert.equal(rest.length, 0);
  assert.ok(pod);
  assert.match(pod.name, /^example-go-\w+-\w+$/);
  assert.equal(pod.namespace, 'default');
  assert.match(pod.uid, /^[\da-f-]{36}$/);
  assert.equal(pod.labels['draft'], 'example-go');
  assert.equal(pod.annotations['buildID'], '01C9HJKRQ7VZ3C4G9KBCS41BFJ');
  assert.ok(pod.createdMs > Date.UTC(2020));
  assert.equal(pod.owner?.kind, 'ReplicaSet');
  assert.equal(pod.terminating, false);
  assert.equal(pod.phase, 'Running');
  assert.equal(pod.ready, true);
  assert.equal(pod.reason, undefined);
  assert.deepEqual(
    pod.containers.map(({ name, role, ports }) => [name, role, ports.map((port) => port.number)]),
    [
      ['go', 'main', [8080]],
      ['multi-port', 'main', [80, 81]],
    ],
  );
  assert.deepEqual(pod.containers[0]?.ports, [{ number: 8080, name: undefined, protocol: 'TCP' }]);
  const { containerId, state, ...status } = pod.containers[0]?.status ?? {};
  assert.match(containerId ?? '', /^containerd:\/\/[\da-f]{64}$/);
  assert.ok(state?.kind === 'running' && state.startedMs !== undefined);
  assert.deepEqual(status, { lastTermination: undefined, restartCount: 0, ready: true });
});

test('native sidecars and other init containers come first, with their statuses', () => {
  const pod = troubled('sidecar');
  assert.deepEqual(
    pod.containers.map(({ name, role, status }) => [name, role, status?.state.kind]),
    [
      ['migrate', 'init', 'terminated'],
      ['proxy', 'sidecar', 'running'],
      ['go', 'main', 'running'],
    ],
  );
  assert.deepEqual(pod.containers[2]?.ports[1], { number: 53, name: 'dns', protocol: 'UDP' });
});

test('ephemeral containers come last, with their statuses', () => {
  const pod = decodePod({
    metadata: { name: 'web' },
    spec: { ephemeralContainers: [{ name: 'debug' }], containers: [{ name: 'go' }] },
    status: { ephemeralContainerStatuses: [{ name: 'debug', state: { running: {} } }] },
  });
  assert.deepEqual(
    pod.containers.map(({ name, role, status }) => [name, role, status?.state.kind]),
    [
      ['go', 'main', undefined],
      ['debug', 'ephemeral', 'running'],
    ],
  );
});

test('a crash loop keeps how the last run ended', () => {
  const { status } = troubled('crashing').containers[0] ?? {};
  assert.equal(status?.state.kind === 'waiting' && status.state.reason, 'CrashLoopBackOff');
  assert.equal(status?.lastTermination?.exitCode, 3);
  assert.equal(status?.lastTermination?.reason, 'Error');
  assert.match(status?.lastTermination?.containerId ?? '', /^containerd:/);
  assert.ok((status?.restartCount ?? 0) > 0);
});

test('a pod that cannot be scheduled has its condition’s reason', () => {
  const pod = troubled('unschedulable');
  assert.deepEqual([pod.phase, pod.ready, pod.reason], ['Pending', false, 'Unschedulable']);
  assert.match(pod.message ?? '', /^0\/1 nodes are available/);
  assert.equal(pod.containers[0]?.status, undefined);
});

test('whatever the API leaves out is tolerated', () => {
  assert.deepEqual(decodePod(LEAST), {
    name: 'a',
    namespace: '',
    uid: '',
    labels: {},
    annotations: {},
    createdMs: 0,
    owner: undefined,
    terminating: false,
    phase: 'Pending',
    ready: false,
    reason: undefined,
    message: undefined,
    containers: [{ name: 'go', role: 'main', ports: [], probed: false, status: undefined }],
  } satisfies Pod);
});

test('null counts as left out', () => {
  const pod = decodePod({
    ...LEAST,
    metadata: { name: 'a', labels: null, ownerReferences: null, deletionTimestamp: null },
    status: { conditions: null, containerStatuses: null, phase: null },
  });
  assert.deepEqual(pod, decodePod(LEAST));
});

test('a container with a readiness probe is probed', () => {
  const containers = [{ name: 'go', readinessProbe: { exec: {} } }, { name: 'web' }];
  const pod = decodePod({ ...LEAST, spec: { containers } });
  assert.deepEqual(
    pod.containers.map(({ probed }) => probed),
    [true, false],
  );
});

test('a deletion timestamp makes a pod terminating', () => {
  const metadata = { name: 'a', deletionTimestamp: '2026-01-02T03:04:05Z' };
  assert.equal(decodePod({ ...LEAST, metadata }).terminating, true);
});

test('an evicted pod has its own reason', () => {
  const pod = decodePod({
    ...LEAST,
    status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on\nmemory.' },
  });
  assert.deepEqual([pod.reason, pod.message], ['Evicted', 'The node was low on memory.']);
});

const STATES: readonly (readonly [title: string, state: unknown, expected: unknown])[] = [
  ['an empty state is waiting', {}, { kind: 'waiting', reason: undefined, message: undefined }],
  ['a missing state is waiting', undefined, { kind: 'waiting', reason: undefined, message: undefined }],
  ['an empty waiting is waiting', { waiting: {} }, { kind: 'waiting', reason: undefined, message: undefined }],
  [
    'a null running is not running',
    { running: null, waiting: { reason: 'X' } },
    { kind: 'waiting', reason: 'X', message: undefined },
  ],
  ['running', { running: { startedAt: null } }, { kind: 'running', startedMs: undefined }],
  ['running since', { running: { startedAt: '1970-01-01T00:00:02Z' } }, { kind: 'running', startedMs: 2_000 }],
  [
    'terminated',
    { terminated: { exitCode: 137, reason: 'OOMKilled', containerID: 'containerd://9' } },
    { kind: 'terminated', exitCode: 137, reason: 'OOMKilled', containerId: 'containerd://9' },
  ],
];

for (const [title, state, expected] of STATES) {
  test(`container state: ${title}`, () => {
    const pod = decodePod({ ...LEAST, status: { containerStatuses: [{ name: 'go', state }] } });
    assert.deepEqual(pod.containers[0]?.status?.state, expected);
  });
}

test('keys that are names of the language are keys like any other', () => {
  const text = `{"metadata":{"name":"a","labels":{"__proto__":"x","constructor":"y"},"annotations":{"toString":"z"}},
    "__proto__":{"kind":"Deployment"},"spec":{"containers":[],"__proto__":{"initContainers":7}},
    "status":{"containerStatuses":[{"name":"__proto__"},{"name":"constructor"}]}}`;
  const pod = decodePod(JSON.parse(text));
  assert.deepEqual(Object.entries(pod.labels), [
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ]);
  assert.equal(({} as Record<string, unknown>)['kind'], undefined);
});

test('junk a thousand levels deep in a field that is not read is ignored', () => {
  const deep = JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`);
  assert.equal(decodePod({ ...LEAST, junk: deep, spec: { containers: [], volumes: deep } }).name, 'a');
});

const container = (fields: object) => ({ ...LEAST, spec: { containers: [{ name: 'go', ...fields }] } });
const ODD_PODS: readonly (readonly [value: unknown, message: string])[] = [
  [null, 'expected an object, got nothing'],
  ['pod', 'expected an object, got a string'],
  [[], 'expected an object, got a list'],
  [{}, 'metadata: expected an object, got nothing'],
  [{ ...LEAST, kind: 'Deployment' }, 'kind: expected a Pod, got a string'],
  [{ ...LEAST, metadata: { name: 7 } }, 'metadata.name: expected a string, got a number'],
  [{ ...LEAST, metadata: { name: '-n' } }, "metadata.name: expected a Kubernetes object's name, got a string"],
  [{ ...LEAST, metadata: { name: 'a\u001b[2J' } }, "metadata.name: expected a Kubernetes object's name, got a string"],
  [{ ...LEAST, metadata: { name: 'a', labels: [] } }, 'metadata.labels: expected an object, got a list'],
  [{ ...LEAST, metadata: { name: 'a', labels: { b: 1 } } }, 'metadata.labels["b"]: expected a string, got a number'],
  [
    { ...LEAST, metadata: { name: 'a', creationTimestamp: 'soon' } },
    'metadata.creationTimestamp: expected a time, got a string',
  ],
  [{ ...LEAST, spec: undefined }, 'spec: expected an object, got nothing'],
  [{ ...LEAST, spec: { containers: {} } }, 'spec.containers: expected a list, got an object'],
  [
    { ...LEAST, spec: { containers: [{ name: '--all' }] } },
    "spec.containers[0].name: expected a container's name, got a string",
  ],
  [
    container({ ports: [{ containerPort: '80' }] }),
    'spec.containers[0].ports[0].containerPort: expected a number, got a string',
  ],
  [
    container({ ports: [{ containerPort: 0 }] }),
    'spec.containers[0].ports[0].containerPort: expected a port number, got a number',
  ],
  [
    container({ ports: [{ containerPort: 80.5 }] }),
    'spec.containers[0].ports[0].containerPort: expected a whole number, got a number',
  ],
  [
    container({ ports: [{ containerPort: 80, name: 'a b' }] }),
    "spec.containers[0].ports[0].name: expected a port's name, got a string",
  ],
  [{ ...LEAST, status: 'Running' }, 'status: expected an object, got a string'],
  [
    { ...LEAST, status: { conditions: [{ type: 'Ready' }] } },
    'status.conditions[0].status: expected a string, got nothing',
  ],
  [
    { ...LEAST, status: { containerStatuses: [{ name: 'go', ready: 'yes' }] } },
    'status.containerStatuses[0].ready: expected true or false, got a string',
  ],
];

for (const [value, message] of ODD_PODS) {
  test(`an odd pod is a clear error: ${message}`, () => {
    assert.throws(() => decodePod(value), isError(message));
  });
}

test('an error in a list names the item', () => {
  const value = { kind: 'PodList', items: [LEAST, { ...LEAST, metadata: { name: 1 } }] };
  assert.throws(() => decodePodList(value), isError('items[1].metadata.name: expected a string, got a number'));
});

test('lists of pods may be empty, and of either kind', () => {
  assert.deepEqual(decodePodList({ kind: 'List', items: [] }), []);
  assert.deepEqual(decodePodList({ kind: 'PodList', items: null }), []);
  assert.equal(decodePodList({ kind: 'PodList', items: [LEAST] }).length, 1);
});

for (const [value, message] of [
  [LEAST, 'kind: expected a string, got nothing'],
  [{ kind: 'Pod', ...LEAST }, 'kind: expected a List, got a string'],
  [{ kind: 'List', items: 'none' }, 'items: expected a list, got a string'],
  [{ kind: 'List', items: [{ kind: 'Service' }] }, 'items[0].kind: expected a Pod, got a string'],
] as const) {
  test(`an odd list is a clear error: ${message}`, () => {
    assert.throws(() => decodePodList(value), isError(message));
  });
}

test('a watch event with managed fields, as kubectl prints it', () => {
  const event = decodeWatchEvent(readFixture('watch-added.json'));
  assert.equal(event.kind, 'added');
  assert.deepEqual(
    event.pod.containers.map(({ name }) => name),
    ['go', 'multi-port'],
  );
});

for (const [type, kind] of [
  ['ADDED', 'added'],
  ['MODIFIED', 'modified'],
  ['DELETED', 'deleted'],
] as const) {
  test(`${type} is ${kind}`, () => {
    assert.deepEqual(decodeWatchEvent({ type, object: LEAST }), { kind, pod: decodePod(LEAST) });
  });
}

const ODD_EVENTS: readonly (readonly [value: unknown, message: RegExp])[] = [
  [{}, /: type: expected a string, got nothing$/],
  [{ type: 'ADDED' }, /: object: expected an object, got nothing$/],
  [{ type: 'ADDED', object: { metadata: {} } }, /: object\.metadata\.name: expected a string, got nothing$/],
  [{ type: 'BOOKMARK', object: LEAST }, /^the watch of pods printed an event of type 'BOOKMARK'$/],
  [{ type: 'constructor', object: LEAST }, /type 'constructor'$/],
  [
    { type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old resource version: 1 (2)' } },
    /'ERROR': too old resource version: 1 \(2\)$/,
  ],
];

for (const [value, message] of ODD_EVENTS) {
  test(`an odd watch event is a clear error: ${message.source}`, () => {
    assert.throws(
      () => decodeWatchEvent(value),
      (error) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

function isError(message: string) {
  return (error: unknown) => {
    assert.ok(error instanceof UserError);
    assert.equal(error.message, `kubectl printed something unexpected: ${message}`);
    assert.equal(error.exitCode, EXIT.failed);
    return true;
  };
}

function troubled(name: string): Pod {
  const pod = decodePodList(readFixture('pods-in-trouble.json')).find((one) => one.name === name);
  assert.ok(pod);
  return pod;
}

function readFixture(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../fixtures/${file}`, import.meta.url), 'utf8'));
}
