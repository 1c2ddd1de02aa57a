import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { endpointIn, type PlanOptions, planSession, portChanges } from '../../../../src/pods/core/plan.ts';
import { decodePodList, type Pod } from '../../../../src/pods/core/pod.ts';
import type { ServicePort } from '../../../../src/pods/core/service-ports.ts';
import { parseMappings } from '../../../../src/request/core/mapping.ts';
import { EXIT, UserError } from '../../../../src/values/errors.ts';
import { makeContainer, makePod, makeStatus } from '../../pod-maker.ts';

const EXAMPLE = fixturePod('example-go.json', /^example-go-/);
const OVERRIDE_PORTS = ['8080:8080', '9090:80', '9191:81'];

interface Case {
  readonly title: string;
  readonly pod?: Pod;
  readonly containers?: readonly string[];
  readonly mappings?: readonly string[];
  readonly service?: readonly ServicePort[];
  readonly noLogs?: boolean;
  readonly noTunnels?: boolean;
  /** `container:remote=local` each. */
  readonly tunnels: readonly string[];
  readonly logs: readonly string[];
  readonly notes?: readonly RegExp[];
}

const SIDECARS = makePod({
  containers: [
    makeContainer('migrate', [7000], { role: 'init' }),
    makeContainer('proxy', [15001, 'http=80'], { role: 'sidecar' }),
    makeContainer('go', ['http=8080', 'dns=53/UDP', 'dns-tcp=53', 'sctp=99/SCTP']),
    makeContainer('twin', [8080, 'admin=8080', 'late=9000']),
  ],
});
const SKIPPED = [
  /^port 53\/UDP \(dns\) of container go is skipped/,
  /^port 99\/SCTP \(sctp\) of container go is skipped/,
];

const CASES: readonly Case[] = [
  {
    title: 'without options every exposed port gets a random local port',
    tunnels: ['go:8080=0', 'multi-port:80=0', 'multi-port:81=0'],
    logs: ['go', 'multi-port'],
  },
  {
    title: 'mappings choose the local ports; the order stays the pod’s',
    mappings: ['9191:81', '9090:80', '8080:8080'],
    tunnels: ['go:8080=8080', 'multi-port:80=9090', 'multi-port:81=9191'],
    logs: ['go', 'multi-port'],
  },
  {
    title: 'exposed ports that no mapping names still get random local ports',
    mappings: ['9090:80'],
    tunnels: ['go:8080=0', 'multi-port:80=9090', 'multi-port:81=0'],
    logs: ['go', 'multi-port'],
  },
  {
    title: 'a number that no container declares is forwarded with a note, a name is skipped with the ports there are',
    mappings: ['9999:9999', '8080:8080', '7777:grpc'],
    tunnels: ['go:8080=8080', 'multi-port:80=0', 'multi-port:81=0', 'go:9999=9999'],
    logs: ['go', 'multi-port'],
    notes: [
      /^no container of pod example-go-\S+ declares port 9999: it is forwarded all the same$/,
      /^mapping 7777:grpc is skipped: the pod has no port grpc; its ports are 8080, 80, 81$/,
    ],
  },
  {
    title: 'a port that none declares goes by the name of the chosen container',
    containers: ['multi-port'],
    mappings: ['9229:9229'],
    tunnels: ['multi-port:80=0', 'multi-port:81=0', 'multi-port:9229=9229'],
    logs: ['multi-port'],
    notes: [/declares port 9229/],
  },
  {
    title: "a port that none declares goes by the name of kubectl's default container",
    pod: makePod({
      annotations: { 'kubectl.kubernetes.io/default-container': 'web' },
      containers: [makeContainer('proxy', [], { role: 'sidecar' }), makeContainer('go', []), makeContainer('web', [])],
    }),
    mappings: [':9229'],
    tunnels: ['web:9229=0'],
    logs: ['proxy', 'go', 'web'],
    notes: [/declares port 9229/],
  },
  {
    title: 'a port that none declares goes by the name of the first main container',
    pod: makePod({ containers: [makeContainer('proxy', [], { role: 'sidecar' }), makeContainer('go', [])] }),
    mappings: [':9229'],
    tunnels: ['go:9229=0'],
    logs: ['proxy', 'go'],
    notes: [/declares port 9229/],
  },
  {
    title: "a Service's port leads to its target port, by number and by name, before a container's of that number",
    service: [
      { port: 80, name: 'web', protocol: 'TCP', target: 8080 },
      { port: 443, name: undefined, protocol: 'TCP', target: 81 },
    ],
    mappings: ['18080:80', '18443:443'],
    tunnels: ['go:8080=18080', 'multi-port:80=0', 'multi-port:81=18443'],
    logs: ['go', 'multi-port'],
  },
  {
    title: "a Service's port is found by its name",
    service: [{ port: 80, name: 'web', protocol: 'TCP', target: 8080 }],
    mappings: ['18080:web', '9090:81'],
    tunnels: ['go:8080=18080', 'multi-port:80=0', 'multi-port:81=9090'],
    logs: ['go', 'multi-port'],
  },
  {
    title: 'a target port that the pod does not declare is forwarded, one whose name it lacks is skipped',
    service: [
      { port: 80, name: 'web', protocol: 'TCP', target: 9000 },
      { port: 81, name: undefined, protocol: 'TCP', target: 'grpc' },
    ],
    mappings: ['18080:web', '18081:81'],
    tunnels: ['go:8080=0', 'multi-port:80=0', 'multi-port:81=0', 'go:9000=18080'],
    logs: ['go', 'multi-port'],
    notes: [/declares port 9000/, /^mapping 18081:81 is skipped: the pod has no port grpc;/],
  },
  {
    title: '-c multi-port keeps the mappings of its own ports',
    containers: ['multi-port'],
    mappings: OVERRIDE_PORTS,
    tunnels: ['multi-port:80=9090', 'multi-port:81=9191'],
    logs: ['multi-port'],
    notes: [/^mapping 8080:8080 is skipped: port 8080 belongs to container go, which -c leaves out$/],
  },
  {
    title: '-c go keeps the mapping of its own port',
    containers: ['go'],
    mappings: OVERRIDE_PORTS,
    tunnels: ['go:8080=8080'],
    logs: ['go'],
    notes: [/9090:80 is skipped: port 80 belongs to container multi-port/, /9191:81 is skipped/],
  },
  {
    title: '-c go with a mapping of its own',
    containers: ['go'],
    mappings: ['8081:8080'],
    tunnels: ['go:8080=8081'],
    logs: ['go'],
  },
  {
    title: 'several containers are chosen in the pod’s order, however often and in whichever order they are named',
    containers: ['multi-port', 'go', 'go'],
    tunnels: ['go:8080=0', 'multi-port:80=0', 'multi-port:81=0'],
    logs: ['go', 'multi-port'],
  },
  {
    title: 'native sidecars count, other init containers do not; UDP and SCTP are named; one number is one tunnel',
    pod: SIDECARS,
    tunnels: ['proxy:15001=0', 'proxy:80=0', 'go:8080=0', 'go:53=0', 'twin:9000=0'],
    logs: ['proxy', 'go', 'twin'],
    notes: SKIPPED,
  },
  {
    title: 'a port name that several containers have is the first one’s',
    pod: SIDECARS,
    mappings: ['1234:http'],
    tunnels: ['proxy:15001=0', 'proxy:80=1234', 'go:8080=0', 'go:53=0', 'twin:9000=0'],
    logs: ['proxy', 'go', 'twin'],
    notes: SKIPPED,
  },
  {
    title: 'with -c a port name is looked up in the chosen containers alone',
    pod: SIDECARS,
    containers: ['go'],
    mappings: ['1234:http', '53:dns', '9:sctp'],
    tunnels: ['go:8080=1234', 'go:53=0'],
    logs: ['go'],
    notes: [
      ...SKIPPED,
      /^mapping 53:dns is skipped: port dns is UDP$/,
      /^mapping 9:sctp is skipped: port sctp is SCTP$/,
    ],
  },
  {
    title: 'the name a second container gives to a shared number means that one tunnel',
    pod: SIDECARS,
    mappings: ['1234:admin'],
    tunnels: ['proxy:15001=0', 'proxy:80=0', 'go:8080=1234', 'go:53=0', 'twin:9000=0'],
    logs: ['proxy', 'go', 'twin'],
    notes: SKIPPED,
  },
  {
    title: 'a shared number belongs to the second container when -c leaves out the first',
    pod: SIDECARS,
    containers: ['twin'],
    tunnels: ['twin:8080=0', 'twin:9000=0'],
    logs: ['twin'],
  },
  {
    title: 'a pod without ports gives logs only',
    pod: makePod({ containers: [makeContainer('go', [])] }),
    mappings: ['8080:http'],
    tunnels: [],
    logs: ['go'],
    notes: [/^mapping 8080:http is skipped/, /^pod web-1 exposes no TCP port: logs only$/],
  },
  {
    title: 'a chosen container without ports gives logs only',
    pod: makePod({ containers: [makeContainer('go', [80]), makeContainer('worker', [])] }),
    containers: ['worker'],
    tunnels: [],
    logs: ['worker'],
    notes: [/^container worker of pod web-1 exposes no TCP port: logs only$/],
  },
  {
    title: 'of a chosen init container there is the log only',
    pod: SIDECARS,
    containers: ['migrate'],
    mappings: ['7000:7000'],
    tunnels: ['go:7000=7000'],
    logs: ['migrate'],
    notes: [/^no container of pod web-1 declares port 7000: it is forwarded all the same$/],
  },
  {
    title: 'of a chosen ephemeral container there is the log only',
    pod: makePod({ containers: [makeContainer('go', [80]), makeContainer('debug', [81], { role: 'ephemeral' })] }),
    containers: ['debug'],
    tunnels: [],
    logs: ['debug'],
    notes: [/^container debug of pod web-1 exposes no TCP port: logs only$/],
  },
  {
    title: 'of a pod that has ended there are logs alone, of an init container that has failed, too',
    pod: makePod({
      ready: false,
      phase: 'Failed',
      containers: [
        makeContainer('migrate', [], {
          role: 'init',
          status: makeStatus({
            state: { kind: 'terminated', exitCode: 3, reason: undefined, containerId: undefined },
          }),
        }),
        makeContainer('go', [8080]),
      ],
    }),
    mappings: ['9090:8080'],
    tunnels: [],
    logs: ['migrate', 'go'],
    notes: [/^mapping 9090:8080 is skipped: pod web-1 has ended$/],
  },
  {
    title: 'without tunnels there are logs alone, and no word of ports',
    pod: SIDECARS,
    noTunnels: true,
    mappings: ['1:nope'],
    tunnels: [],
    logs: ['proxy', 'go', 'twin'],
  },
  {
    title: 'without logs there are tunnels alone',
    noLogs: true,
    tunnels: ['go:8080=0', 'multi-port:80=0', 'multi-port:81=0'],
    logs: [],
  },
  {
    title: 'without logs and without ports there is nothing',
    pod: makePod({ containers: [makeContainer('go', ['dns=53/UDP'])] }),
    noLogs: true,
    tunnels: [],
    logs: [],
    notes: [/^port 53\/UDP/, /^pod web-1 exposes no TCP port: there is nothing to connect to$/],
  },
];

for (const {
  title,
  pod = EXAMPLE,
  service,
  noLogs = false,
  noTunnels = false,
  tunnels,
  logs,
  notes = [],
  ...rest
} of CASES) {
  test(title, () => {
    const plan = planSession(pod, {
      ...options({ ...rest, logs: !noLogs, tunnels: !noTunnels }),
      servicePorts: service,
    });
    assert.deepEqual(
      plan.tunnels.map(({ container, remotePort, localPort }) => `${container}:${remotePort}=${localPort}`),
      tunnels,
    );
    assert.deepEqual(plan.logs, logs);
    assert.equal(plan.notes.length, notes.length, plan.notes.join('\n'));
    notes.forEach((note, index) => {
      assert.match(plan.notes[index] ?? '', note);
    });
  });
}

test('a tunnel carries its port’s name', () => {
  const { tunnels } = planSession(SIDECARS, options({}));
  assert.deepEqual(
    tunnels.map(({ portName }) => portName),
    [undefined, 'http', 'http', 'dns-tcp', 'late'],
  );
});

test('a container that does not exist is an error in the reference text’s words', () => {
  assert.throws(
    () => planSession(EXAMPLE, options({ containers: ['go', 'abc'] })),
    (error) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.message, "container 'abc' not found");
      assert.equal(error.hint, "the pod's containers are: go, multi-port");
      assert.equal(error.exitCode, EXIT.failed);
      return true;
    },
  );
});

for (const mappings of [
  ['1:http', '2:80'],
  ['1:80', '2:http'],
]) {
  test(`a name and a number for the same port are refused: ${mappings.join(' ')}`, () => {
    assert.throws(() => planSession(SIDECARS, options({ mappings })), {
      message: 'remote port 80 already mapped',
      exitCode: EXIT.usage,
    });
  });
}

const named = (...ports: string[]) => makePod({ name: 'next', containers: [makeContainer('go', ports)] });
const laterPods: readonly (readonly [
  title: string,
  next: Pod,
  wanted: readonly string[],
  leads: string[],
  notes: string[],
])[] = [
  ['has the same ports', named('http=8080', 'admin=81'), [], ['go:8080', 'go:81'], []],
  [
    'has another number for the name',
    named('http=9000', 'admin=81'),
    [],
    ['go:9000', 'go:81'],
    ['local port 18080 leads to port 9000 now: that is http of pod next'],
  ],
  [
    'has the name in another container',
    makePod({ containers: [makeContainer('go', ['admin=81']), makeContainer('web', ['http=8080'])] }),
    [],
    ['web:8080', 'go:81'],
    [],
  ],
  [
    'has the name in a container that -c leaves out',
    makePod({ name: 'next', containers: [makeContainer('go', ['admin=81']), makeContainer('web', ['http=8080'])] }),
    ['go'],
    ['none', 'go:81'],
    ['pod next has no port http: local port 18080 waits for a pod that has it'],
  ],
  [
    'lacks the name',
    named('web=8080', 'admin=81'),
    [],
    ['none', 'go:81'],
    [
      'pod next has no port http: local port 18080 waits for a pod that has it',
      'pod next also exposes 8080; connect again to get it',
    ],
  ],
  [
    'has the number of what was not mapped under another name',
    named('http=8080', 'grpc=81', 'more=82'),
    [],
    ['go:8080', 'go:81'],
    ['pod next also exposes 82; connect again to get it'],
  ],
];
for (const [title, next, wanted, leads, notes] of laterPods) {
  test(`what was asked for by name is looked for in a later pod, which ${title}`, () => {
    const first = makePod({ containers: [makeContainer('go', ['http=8080', 'admin=81'])] });
    const service = [{ port: 80, name: undefined, protocol: 'TCP', target: 'http' }];
    for (const [mapping, servicePorts] of [
      ['18080:http', []],
      ['18080:80', service],
    ] as const) {
      const { tunnels } = planSession(first, { ...options({ mappings: [mapping] }), servicePorts });
      const now = tunnels.map((plan) => endpointIn(next, plan, wanted));
      assert.deepEqual(
        now.map((one) => (one === undefined ? 'none' : `${one.container}:${one.remotePort}`)),
        leads,
      );
      assert.deepEqual(portChanges(first, next, tunnels, wanted), notes);
    }
  });
}

function options(given: {
  containers?: readonly string[];
  mappings?: readonly string[];
  logs?: boolean;
  tunnels?: boolean;
}): PlanOptions {
  return {
    containers: given.containers ?? [],
    excludeContainers: [],
    mappings: given.mappings === undefined ? [] : parseMappings(given.mappings),
    logs: given.logs ?? true,
    tunnels: given.tunnels ?? true,
  };
}

function fixturePod(file: string, name: RegExp): Pod {
  const text = readFileSync(new URL(`../../fixtures/${file}`, import.meta.url), 'utf8');
  const pod = decodePodList(JSON.parse(text)).find((one) => name.test(one.name));
  assert.ok(pod);
  return pod;
}
