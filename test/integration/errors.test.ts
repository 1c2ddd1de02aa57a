// What the cluster refuses and what kubectl does wrong: one clear error each, the right status, nothing left running.
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { FAKE_KUBECTL, type FakeRule, type FakeScript, fakeEnv } from '../harness/fake-kubectl.ts';
import { type End, makeFolder, type RunOptions, runProgram } from '../harness/program.ts';
import { kubectlsUnderTest } from '../kubectls.ts';
import { endConnected, endOf, errorOf, linesOf, newestKubectl, type Place, startPlace } from './connect-setup.ts';

const cwd = tmpdir();

function assertFails(end: End, error: string | RegExp, hint: string | RegExp | undefined, code = 1): void {
  const said = errorOf(end);
  for (const [is, wanted] of [
    [said.error, error],
    [said.hint, hint],
  ] as const) {
    if (wanted instanceof RegExp) assert.match(is ?? '', wanted, end.stderr);
    else assert.equal(is, wanted, end.stderr);
  }
  assert.deepEqual({ code: end.code, signal: end.signal }, { code, signal: null });
  assert.equal(end.stdout, '');
}

for (const kubectl of kubectlsUnderTest()) {
  describe(`what the API server refuses, with kubectl ${kubectl.version}`, { concurrency: 3 }, () => {
    const place = (arrange: (place: Place) => void, then: (place: Place) => Promise<void>) => async () => {
      const own = await startPlace(kubectl.path);
      await own.cluster.addExample();
      try {
        arrange(own);
        await then(own);
      } finally {
        own.stop();
      }
    };
    const needs = (resource: string, verb: string, group = '') =>
      `the user needs a Role with the rule apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"] in namespace default`;
    const cannot = (verb: string, resource: string, group = '', name?: string) =>
      `${name === undefined ? `${resource} is` : `${resource} "${name}" is`} forbidden: User "nobody" cannot ${verb} resource "${resource}" in API group "${group}" in the namespace "default"`;

    test(
      'listing pods is forbidden',
      place(
        ({ cluster }) => cluster.fail({ verb: 'list', resource: 'pods', status: 403 }),
        async ({ toEnd }) =>
          assertFails(await toEnd(['-l', 'draft=example-go'], { cwd }), cannot('list', 'pods'), needs('pods', 'list')),
      ),
    );
    test(
      'getting the workload is forbidden',
      place(
        ({ cluster }) => cluster.fail({ verb: 'get', resource: 'deployments', status: 403 }),
        async ({ toEnd }) =>
          assertFails(
            await toEnd(['deploy/example-go'], { cwd }),
            cannot('get', 'deployments', 'apps', 'example-go')
              .replace('deployments "example-go"', 'deployments.apps "example-go"')
              .replace(/^deployments\.apps/, 'deployments'),
            needs('deployments', 'get', 'apps'),
          ),
      ),
    );
    test(
      'forwarding ports is forbidden',
      place(
        ({ cluster }) => {
          cluster.fail({ resource: 'pods/portforward', status: 403 });
        },
        async ({ toEnd }) =>
          assertFails(
            await toEnd(['deploy/example-go', '--no-logs'], { cwd }),
            /pods\/portforward/,
            /^the user needs a Role with the rule apiGroups: \[""\], resources: \["pods\/portforward"\], verbs: \["(?:create|get)"\] in namespace default$/,
          ),
      ),
    );
    test(
      'reading logs is forbidden: told once per container, the tunnels work',
      place(
        ({ cluster }) => cluster.fail({ resource: 'pods/log', status: 403 }),
        async ({ run }) => {
          const program = run(['deploy/example-go'], { cwd });
          await program.connected(3);
          await program.sees('stderr', /the log of multi-port .* cannot be read/);
          await program.sees('stderr', /the log of go .* cannot be read: .*cannot get resource "pods\/log"/);
          assert.equal(linesOf(program.stderr()).length, 2, program.stderr());
          await endConnected(program);
        },
      ),
    );
    test(
      'the token is wrong',
      place(
        ({ cluster }) => cluster.fail({ status: 401 }),
        async ({ toEnd }) =>
          assertFails(
            await toEnd(['deploy/example-go'], { cwd }),
            /^You must be logged in to the server/,
            'log in to the cluster again, then see whether kubectl get pods works',
          ),
      ),
    );
    test(
      'there is no such workload, pod, namespace or kind of object',
      place(
        () => {},
        async ({ toEnd }) => {
          const HERE = ' in namespace default (context embedded)';
          const look = 'look at the name, the namespace (-n) and the cluster (--context)';
          const [deploy, pod, mistyped, spelt, app, selector] = await Promise.all([
            toEnd(['deploy/nope'], { cwd }),
            toEnd(['nope'], { cwd }),
            toEnd(['lst'], { cwd }),
            toEnd(['pod/lst'], { cwd }),
            toEnd(['deploy/example-go', '-n', 'nowhere'], { cwd }),
            toEnd(['-l', 'draft=example-go', '-n', 'nowhere'], { cwd }),
          ]);
          assertFails(
            deploy,
            /^deployments(?:\.apps)? "nope" not found in namespace default \(context embedded\)$/,
            look,
          );
          assertFails(pod, `pods "nope" not found${HERE}`, look);
          assertFails(
            mistyped,
            `pods "lst" not found${HERE}`,
            `did you mean kubectl draft-connect list? Otherwise ${look}`,
          );
          assertFails(spelt, `pods "lst" not found${HERE}`, look);
          assertFails(app, 'namespaces "nowhere" not found (context embedded)', look);
          assertFails(selector, 'namespaces "nowhere" not found (context embedded)', look);
        },
      ),
    );
    test(
      'the API server is not there',
      place(
        ({ cluster }) => cluster.stopApi(),
        async ({ toEnd }) =>
          assertFails(
            await toEnd(['deploy/example-go'], { cwd }),
            /^The connection to the server 127\.0\.0\.1:\d+ was refused - did you specify the right host or port\?$/,
            'is the cluster running, the context the right one (--context), a VPN needed?',
          ),
      ),
    );
    test(
      'the API server says nothing: with a short --timeout it is given three seconds',
      place(
        () => {},
        async ({ toEnd }) => {
          const silent = createServer(() => {}).listen(0, '127.0.0.1');
          await new Promise((resolve) => silent.once('listening', resolve));
          const { port } = silent.address() as { port: number };
          const end = await toEnd(['deploy/example-go', '-s', `http://127.0.0.1:${port}`, '--timeout', '1s'], { cwd });
          assertFails(
            end,
            /^kubectl get did not answer within 3 s/,
            'is the API server reachable? Try: kubectl version',
          );
          silent.close();
        },
      ),
    );
    test(
      'the API server fails',
      place(
        ({ cluster }) => cluster.fail({ resource: 'deployments', status: 500 }),
        async ({ toEnd }) =>
          assertFails(await toEnd(['deploy/example-go'], { cwd }), /Internal error occurred: ordered by the test/, /./),
      ),
    );
  });
}

describe('kubeconfig', { concurrency: 3 }, () => {
  let place: Place;
  before(async () => {
    place = await startPlace();
    await place.cluster.addExample();
  });
  after(() => place.stop());

  test('there is no such context', async () => {
    const end = await place.toEnd(['deploy/example-go', '--context', 'nope'], { cwd });
    assertFails(end, /context.*nope/, 'kubectl config get-contexts shows the contexts there are');
  });
  test('there is no kubeconfig', async () => {
    const folder = makeFolder();
    const end = await place.toEnd(['deploy/example-go'], {
      cwd,
      env: { KUBECONFIG: join(folder.path, 'none'), HOME: folder.path, KUBERNETES_SERVICE_HOST: undefined },
    });
    assertFails(
      end,
      'kubectl has no current context',
      'is there a kubeconfig (--kubeconfig, $KUBECONFIG, ~/.kube/config)? kubectl config get-contexts shows its contexts',
    );
    folder.remove();
  });
  test('there is none, but the environment names a server', async () => {
    const folder = makeFolder();
    const end = await place.toEnd(['deploy/example-go', '--dry-run'], {
      cwd,
      env: {
        KUBECONFIG: join(folder.path, 'none'),
        HOME: folder.path,
        KUBERNETES_SERVICE_HOST: undefined,
        KUBERNETES_MASTER: place.cluster.url,
      },
    });
    assert.equal(end.code, 0, end.stderr);
    folder.remove();
  });
  test('the kubeconfig is no YAML', async () => {
    const folder = makeFolder({ config: 'a: [\n' });
    const end = await place.toEnd(['deploy/example-go', '--kubeconfig', join(folder.path, 'config')], { cwd });
    assertFails(end, /^error loading config file ".*": yaml: /, undefined);
    folder.remove();
  });
  test('a credential plugin is missing', async () => {
    const config = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'x',
      clusters: [{ name: 'x', cluster: { server: 'https://127.0.0.1:1' } }],
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
      users: [
        {
          name: 'x',
          user: {
            exec: {
              apiVersion: 'client.authentication.k8s.io/v1',
              command: 'no-such-plugin',
              interactiveMode: 'Never',
            },
          },
        },
      ],
    });
    const folder = makeFolder({ config });
    const end = await place.toEnd(['deploy/example-go', '--kubeconfig', join(folder.path, 'config')], { cwd });
    assertFails(end, /executable no-such-plugin not found/, 'install that credential plugin, or put it on PATH');
    folder.remove();
  });
});

describe('a kubectl that does not do its work', { concurrency: 3 }, () => {
  let place: Place;
  before(async () => {
    place = await startPlace(FAKE_KUBECTL);
  });
  after(() => place.stop());
  const fails = async (
    script: FakeScript,
    error: string | RegExp,
    hint: string | RegExp | undefined,
    more: { args?: readonly string[]; code?: number } = {},
  ): Promise<End> => {
    const end = await place.toEnd(more.args ?? ['-l', 'draft=example-go', '--no-logs'], { cwd, env: fakeEnv(script) });
    assertFails(end, error, hint, more.code);
    return end;
  };
  const NAME_ANOTHER = 'name another one with --kubectl PATH or KUBECTL_PATH';
  const IS_IT = 'is it really kubectl? Check --kubectl, KUBECTL_PATH and PATH';

  const missing: readonly (readonly [title: string, args: readonly string[], options: RunOptions, program: string])[] =
    [
      ['on PATH', [], { env: { PATH: '/nowhere', KUBECTL_PATH: undefined } }, 'kubectl'],
      ['at $KUBECTL_PATH', [], { env: { KUBECTL_PATH: '/nowhere/kubectl' } }, '/nowhere/kubectl'],
      ['at --kubectl', ['--kubectl', '/nowhere/other'], {}, '/nowhere/other'],
    ];
  for (const [title, args, options, program] of missing) {
    test(`there is none ${title}`, async () => {
      const end = await place.toEnd(['pod', ...args], { cwd, ...options });
      assertFails(
        end,
        `kubectl was not found: there is no '${program}'`,
        'install kubectl, or name it with --kubectl PATH or KUBECTL_PATH',
      );
    });
  }
  test('it is given with arguments', async () => {
    assertFails(
      await place.toEnd(['pod', '--kubectl', 'minikube kubectl --'], { cwd }),
      "kubectl was not found: there is no 'minikube kubectl --'",
      'it is one program, without arguments: put those into a script, and name that',
    );
  });
  test('it is not executable', async () => {
    const folder = makeFolder({ kubectl: '#!/bin/sh\n' });
    const path = join(folder.path, 'kubectl');
    chmodSync(path, 0o644);
    assertFails(
      await place.toEnd(['pod', '--kubectl', path], { cwd }),
      `kubectl '${path}' cannot be run: it is not executable`,
      NAME_ANOTHER,
    );
    assertFails(
      await place.toEnd(['pod', '--kubectl', folder.path], { cwd }),
      `kubectl '${folder.path}' cannot be run: it is not executable`,
      NAME_ANOTHER,
    );
    folder.remove();
  });
  test('it is a script whose interpreter is missing', async () => {
    const folder = makeFolder({ kubectl: '#!/nowhere/sh\n' });
    const path = join(folder.path, 'kubectl');
    chmodSync(path, 0o755);
    assertFails(
      await place.toEnd(['pod', '--kubectl', path], { cwd }),
      `kubectl '${path}' cannot be run: the interpreter in its first line does not exist`,
      NAME_ANOTHER,
    );
    folder.remove();
  });
  test('it is too old', async () => {
    const env = fakeEnv({ version: 'v1.15.12' });
    const end = await place.toEnd(['-l', 'draft=example-go'], { cwd, env });
    // Asked while it connects: a good kubectl does not take longer for it.
    assertFails(
      { ...end, stdout: '' },
      `kubectl v1.15.12 ('${FAKE_KUBECTL}') is too old: 1.20 or newer is needed`,
      'install a newer kubectl, or name one with --kubectl PATH or KUBECTL_PATH',
    );
  });
  for (const [title, ...args] of [
    ['COMMAND is not started', '--', process.execPath, '-e', 'console.log("started")'],
    ['--detach prints nothing', '--detach'],
    ['--dry-run shows nothing', '--dry-run'],
  ] as const) {
    test(`it is too old: ${title}`, async () => {
      const state = makeFolder({});
      const env = { ...fakeEnv({ version: 'v1.15.12' }), XDG_STATE_HOME: state.path };
      assertFails(
        await place.toEnd(['-l', 'draft=example-go', ...args], { cwd, env }),
        `kubectl v1.15.12 ('${FAKE_KUBECTL}') is too old: 1.20 or newer is needed`,
        'install a newer kubectl, or name one with --kubectl PATH or KUBECTL_PATH',
      );
      state.remove();
    });
  }
  test('it is too old to know the flags', async () => {
    await fails(
      {
        version: 'v1.15.12',
        rules: [{ match: 'get', stderr: 'Error: unknown flag: --output-watch-events\n', exitCode: 1 }],
      },
      `kubectl v1.15.12 ('${FAKE_KUBECTL}') is too old: 1.20 or newer is needed`,
      'install a newer kubectl, or name one with --kubectl PATH or KUBECTL_PATH',
    );
  });
  test('it prints garbage', async () => {
    await fails(
      { rules: [{ stdout: 'hello \x1b[31mworld\n', exitCode: 0 }] },
      'kubectl get printed something that is not JSON: "hello \\u001b[31mworld"',
      IS_IT,
    );
  });
  test('it prints nothing', async () => {
    await fails({ rules: [{ exitCode: 0 }] }, 'kubectl get printed something that is not JSON: nothing', IS_IT);
  });
  test('it fails without a word', async () => {
    await fails(
      { rules: [{ match: 'get', exitCode: 7 }] },
      'kubectl get failed without a message (exit status 7)',
      undefined,
    );
  });
  test('it hangs: with a short --timeout it is given three seconds', async () => {
    await fails({ rules: [{ hang: true }] }, 'kubectl get did not answer within 3 s', /./, {
      args: ['pod', '--timeout', '1s'],
    });
  });
  test('it answers after more than a short --timeout: the pod is ready all the same', async () => {
    const program = place.run(['example-go-1', '--no-logs', '--timeout', '100ms'], {
      cwd,
      env: fakeEnv({ rules: [{ match: 'get pod/', afterMs: 1_500 }] }),
    });
    await program.connected(1);
    await endConnected(program);
  });
  test('it hangs and was told something: the error carries it', async () => {
    await fails(
      { rules: [{ match: 'get', hang: true, stderr: 'waiting for a login in the browser\n' }] },
      'kubectl get did not answer within 3 s: waiting for a login in the browser',
      /./,
      {
        args: ['pod', '--timeout', '1s'],
      },
    );
  });

  for (const timeout of ['0', '1ms']) {
    test(`--timeout ${timeout} is about the pod: one that is ready has its forwards awaited`, async () => {
      const program = place.run(['example-go-1', '--no-logs', '--timeout', timeout], { cwd, env: fakeEnv({}) });
      await program.connected(1);
      await endConnected(program);
    });
  }
  test('port-forward never listens: with a short --timeout it is given three seconds', async () => {
    await fails(
      { rules: [{ match: 'port-forward', hang: true }] },
      'kubectl port-forward did not start to listen within 3 s',
      'see what it does with: kubectl port-forward pod/example-go-1 :8080',
      {
        args: ['example-go-1', '--no-logs', '--timeout', '2s'],
      },
    );
  });
  test('port-forward always ends', async () => {
    await fails(
      { rules: [{ match: 'port-forward', stderr: 'error: no such thing\n', exitCode: 1 }] },
      'no such thing',
      undefined,
      {
        args: ['example-go-1', '--no-logs'],
      },
    );
  });
  test('port-forward always ends without a word', async () => {
    for (const rule of [{ exitCode: 3 }, { stdout: 'hello\n', exitCode: 0 }]) {
      await fails(
        { rules: [{ match: 'port-forward', ...rule }] },
        'kubectl port-forward ended without listening and said nothing',
        'see what it does with: kubectl port-forward pod/example-go-1 :8080',
        { args: ['example-go-1', '--no-logs'] },
      );
    }
  });
  test('odd lines of port-forward are passed over', async () => {
    const stdout = `Forwarding from [::1]:1 -> 8080\nHandling connection for 5\n\nForwarding from 127.0.0.1:x -> 8080\n\x00\xff${'x'.repeat(100_000)}\n`;
    const program = place.run(['example-go-1', '--no-logs'], {
      cwd,
      env: fakeEnv({ rules: [{ match: 'port-forward', stdout, stderr: 'W1122 11:51:36.9 13229 x.go:1] hm\n' }] }),
    });
    await program.connected(1);
    assert.equal(program.stderr(), '');
    await endConnected(program);
  });
  test('the watch prints garbage: the connection stands', async () => {
    const program = place.run(['example-go-1', '--no-logs'], {
      cwd,
      env: fakeEnv({ rules: [{ match: '--watch', stdout: 'garbage\n{"type":1}\n{}\nnull\n', hang: true }] }),
    });
    await program.connected(1);
    await endConnected(program);
  });

  const metadata = { name: 'x', namespace: 'default' };
  const shown = (value: unknown): readonly FakeRule[] => [{ match: 'get', stdout: JSON.stringify(value), exitCode: 0 }];
  const REALLY = 'is the program that is run as kubectl really kubectl? (--kubectl, $KUBECTL_PATH)';
  const odd: readonly (readonly [title: string, pod: unknown, error: string])[] = [
    ['no object', 17, 'expected an object, got a number'],
    ['another kind', { kind: 'Service', metadata, spec: {} }, 'kind: expected a Pod, got a string'],
    ['no name', { kind: 'Pod', metadata: {}, spec: {} }, 'metadata.name: expected a string, got nothing'],
    [
      'a name that looks like a flag',
      { kind: 'Pod', metadata: { name: '--kubeconfig=/x' }, spec: {} },
      "metadata.name: expected a Kubernetes object's name, got a string",
    ],
    [
      'containers that are none',
      { kind: 'Pod', metadata, spec: { containers: 'x' } },
      'spec.containers: expected a list, got a string',
    ],
    [
      'a container without a name',
      { kind: 'Pod', metadata, spec: { containers: [{}] } },
      'spec.containers[0].name: expected a string, got nothing',
    ],
    [
      'a hostile container',
      { kind: 'Pod', metadata, spec: { containers: [{ name: '-x' }] } },
      "spec.containers[0].name: expected a container's name, got a string",
    ],
    [
      'a port that cannot be',
      { kind: 'Pod', metadata, spec: { containers: [{ name: 'a', ports: [{ containerPort: 70000 }] }] } },
      'spec.containers[0].ports[0].containerPort: expected a port number, got a number',
    ],
    [
      'a status that is none',
      { kind: 'Pod', metadata, spec: { containers: [] }, status: [] },
      'status: expected an object, got a list',
    ],
  ];
  for (const [title, pod, error] of odd) {
    test(`a pod that is or has ${title} is an error that names the place`, async () => {
      await fails({ rules: shown(pod) }, `kubectl printed something unexpected: ${error}`, REALLY, { args: ['x'] });
    });
  }
  test('a list without items, and one of something else', async () => {
    await fails(
      { rules: shown({ kind: 'Status', message: 'no' }) },
      'kubectl printed something unexpected: kind: expected a List, got a string',
      REALLY,
    );
    await fails(
      { rules: shown({ kind: 'List' }) },
      /^no pod became ready within 0\.3 s: there is no pod that matches a=b in namespace default \(context fake\)$/,
      /./,
      {
        args: ['-l', 'a=b', '--timeout', '300ms'],
      },
    );
  });
});

describe('the command line', { concurrency: 3 }, () => {
  const mistakes: readonly (readonly [
    args: readonly string[],
    error: string | RegExp,
    hint: string | RegExp | undefined,
  ])[] = [
    [['--nope'], 'unknown flag: --nope', /./],
    [['--tial', '3'], 'unknown flag: --tial', 'did you mean --tail?'],
    [['lst', 'all'], 'lst is not a subcommand', /did you mean list\?/],
    [['deploy', 'web'], 'deploy is not a target', /a kind is written as deploy\/web/],
    [['deploy/web', '8080:80'], '8080:80 is not a target', 'ports are given with -p 8080:80'],
    [['deploy/web', '--tail', 'x'], "invalid value 'x' for --tail: it is not a whole number", /--help lists the flags/],
    [
      ['deploy/web', '--tail', '9223372036854775808'],
      /^invalid value '9223.*: it is not a whole number/,
      /--help lists the flags/,
    ],
    [['deploy/web', '--tail', '-2'], '--tail: -2 is not a number of lines', '-1 is all of them'],
    [['deploy/web', '--since', '5 minutes'], "--since: '5 minutes' is not a duration", /./],
    [
      ['deploy/web', '-o', 'yaml'],
      'invalid value for --output: "yaml" is not one of "text", "json"',
      /--help lists the flags/,
    ],
    [['deploy/Web!'], /'deploy\/Web!': 'Web!' is not a valid name of a deployment/, undefined],
    [['web', '-l', 'app=web'], "TARGET 'web' and -l 'app=web' exclude each other", 'give one of them'],
    [[], 'nothing to connect to', 'give a TARGET (e.g. deploy/my-app), -l SELECTOR, or a draft.toml with a name'],
  ];
  for (const [args, error, hint] of mistakes) {
    test(`${args.join(' ') || 'no target at all'} is an error with exit status 2`, async () => {
      const folder = makeFolder();
      const end = await endOf(runProgram(args, { cwd: folder.path, kubectl: newestKubectl() }));
      folder.remove();
      assertFails(end, error, hint, 2);
    });
  }
});
