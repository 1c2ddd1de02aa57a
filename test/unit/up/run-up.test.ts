import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Call } from '../../../src/up/core/builder.ts';
import type { ToolEnd } from '../../../src/up/run-tool.ts';
import { runUp } from '../../../src/up/run-up.ts';
import {
  answered,
  BUILD_ID,
  environmentWith,
  failed,
  IMAGE_PLAN,
  NO_KUBE,
  ownStateHome,
  scriptUp,
  succeeded,
} from './scripted-up.ts';

const ID = `sha256:${'0123456789abcdef'.repeat(4)}`;
const TAG = '0123456789abcdef0123';

/** As a builder does: it writes the image's ID and succeeds. */
function builds(call: Call): ToolEnd {
  const iidFile = call.args.find((arg) => arg.startsWith('--iidfile='))?.slice('--iidfile='.length);
  if (call.args[0] === 'build' && iidFile !== undefined) writeFileSync(iidFile, ID);
  return succeeded();
}

const seconds = (text: string) => text.replace(/\(\d+\.\d{4}s\)/g, '(1.0000s)');
const ENDING = `web: Build ID: ${BUILD_ID}\nInspect the logs with \`kubectl draft-connect logs ${BUILD_ID}\`\n`;

const workload = (generation: number, image: string) => ({
  kind: 'Deployment',
  metadata: { name: 'web', uid: 'u', generation, annotations: { 'meta.helm.sh/release-name': 'web' } },
  spec: { selector: { matchLabels: { app: 'web' } }, template: { spec: { containers: [{ image }] } } },
  status: { observedGeneration: generation },
});
const kubeWith = (...items: readonly object[]) => ({ ...NO_KUBE, list: async () => answered(...items) });
const values = JSON.stringify({ image: { repository: 'reg.test/web', tag: TAG }, buildID: 'OLD' });

describe('up', () => {
  let home: ReturnType<typeof ownStateHome>;
  before(() => {
    home = ownStateHome();
  });
  after(() => home.restore());
  const nothingLeft = () => {
    const left = readdirSync(join(home.path, 'draft-connect', 'builds'));
    assert.deepEqual(
      left.filter((name) => name !== '.key'),
      [],
    );
  };

  test('builds, tags, pushes and releases, and shows the reference text’s screen', async () => {
    const { up, calls, out, err, logged } = scriptUp(builds, {
      environment: environmentWith({ customTags: ['latest'] }),
      kube: kubeWith(workload(1, `reg.test/web:${TAG}`)),
    });
    const end = await runUp(up);
    assert.equal(end.kind === 'done' && end.image, `reg.test/web:${TAG}`);
    const own = `reg.test/web:draft-build-${BUILD_ID}`;
    assert.deepEqual(
      calls.filter((call) => !call.startsWith('podman build') && !call.startsWith('helm get')),
      [
        `podman tag -- ${own} reg.test/web:${TAG}`,
        `podman tag -- ${own} reg.test/web:latest`,
        `podman rmi -- ${own}`,
        `podman push -- reg.test/web:${TAG}`,
        'podman push -- reg.test/web:latest',
        `helm upgrade --install --namespace=dev --kube-context=test --set-string=image.repository=reg.test/web,image.tag=${TAG},draft=web,buildID=${BUILD_ID} --timeout=60000ms -- web /app/charts/web`,
      ],
    );
    assert.equal(
      seconds(out()),
      `Draft Up Started: 'web'
web: Building Docker Image: SUCCESS ⚓  (1.0000s)
web: Pushing Docker Image: SUCCESS ⚓  (1.0000s)
web: Releasing Application: SUCCESS ⚓  (1.0000s)
${ENDING}`,
    );
    assert.equal(err(), '');
    assert.match(logged.join('\n'), /Building Docker Image: SUCCESS/);
    nothingLeft();
  });

  test('says that an unchanged app stays as it is, and keeps its build ID', async () => {
    const { up, calls, err } = scriptUp((call) => (call.args[0] === 'get' ? succeeded(values) : builds(call)), {
      kube: kubeWith(workload(1, `reg.test/web:${TAG}`)),
    });
    await runUp(up);
    assert.match(calls.at(-1) ?? '', /buildID=OLD /);
    assert.equal(err(), 'web: nothing changed since build OLD: the pods stay\n');
  });

  test('asks neither kubectl nor helm what the round before has left', async () => {
    const kube = kubeWith(workload(1, `reg.test/web:${TAG}`));
    const first = await runUp(scriptUp(builds, { kube }).up);
    assert.ok(first.kind === 'done' && first.left !== undefined);
    const { up, calls, err } = scriptUp(builds, { kube, before: first.left });
    await runUp(up);
    assert.equal(
      calls.some((call) => call.startsWith('helm get')),
      false,
    );
    assert.equal(err(), `web: nothing changed since build ${BUILD_ID}: the pods stay\n`);
  });

  test('asks nothing any more when a stage has failed', async () => {
    const stopped: string[] = [];
    const unanswered = (name: string, signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => {
          stopped.push(name);
          reject(signal.reason);
        });
      });
    const { up } = scriptUp(
      ({ program }, _, signal) => (program === 'helm' ? unanswered('helm', signal) : failed('Error: no')),
      {
        kube: {
          ...NO_KUBE,
          list: (_, __, signal) => unanswered('list', signal),
          lacksNamespace: (signal) => unanswered('namespace', signal),
        },
      },
    );
    await assert.rejects(runUp(up), /podman build failed/);
    assert.deepEqual(stopped.sort(), ['helm', 'list', 'namespace']);
  });

  test('says nothing of the kind when the chart has changed', async () => {
    let generation = 0;
    const kube = {
      ...NO_KUBE,
      list: async () => {
        generation += 1;
        return answered(workload(generation, `reg.test/web:${TAG}`));
      },
    };
    const { up, err } = scriptUp((call) => (call.args[0] === 'get' ? succeeded(values) : builds(call)), { kube });
    await runUp(up);
    assert.equal(err(), '');
  });

  test('says that a chart does not use the image it is given', async () => {
    const { up, err } = scriptUp(builds, { kube: kubeWith(workload(1, 'nginx:1')) });
    await runUp(up);
    assert.match(err(), /^Warning: the chart charts\/web does not use image\.repository and image\.tag/);
  });

  test('makes a namespace that is missing', async () => {
    const { up, calls } = scriptUp(builds, { kube: { ...NO_KUBE, lacksNamespace: async () => true } });
    await runUp(up);
    assert.match(calls.at(-1) ?? '', / --create-namespace /);
  });

  const unpushed = [
    ['without a registry', { registry: undefined }, /names no registry/],
    ['with --skip-image-push', {}, /--skip-image-push/],
  ] as const;
  for (const [title, changes, warning] of unpushed) {
    test(`pushes nothing ${title}, and says so`, async () => {
      const { up, calls, err } = scriptUp(builds, {
        plan: { ...IMAGE_PLAN, push: false } as typeof IMAGE_PLAN,
        environment: environmentWith(changes),
      });
      await runUp(up);
      assert.equal(
        calls.some((call) => call.includes(' push ')),
        false,
      );
      assert.match(err(), /^Warning: the image is not pushed/);
      assert.match(err(), warning);
    });
  }

  test('gives build arguments by the environment, and marks the image alike for the same ones', async () => {
    const made: Call[] = [];
    const build = async (imageBuildArgs: Record<string, string>) => {
      const { up } = scriptUp(
        (call) => {
          if (call.args[0] === 'build') made.push(call);
          return builds(call);
        },
        { environment: environmentWith({ imageBuildArgs }) },
      );
      await runUp(up);
    };
    await build({ A: 'one', B: 'two' });
    await build({ B: 'two', A: 'one' });
    await build({ A: 'one', B: 'three' });
    const marks = made.map(({ args }) => args.find((arg) => arg.startsWith('--label=')));
    assert.equal(marks[0], marks[1]);
    assert.notEqual(marks[0], marks[2]);
    assert.ok(made.every(({ args }) => !args.join(' ').includes('one')));
    assert.equal(made[0]?.env['A'], 'one');
  });

  const failures: readonly (readonly [stage: string, program: string, at: string, screen: RegExp])[] = [
    ['build', 'podman', 'build', /Building Docker Image: FAIL ❌ {2}\(\d+\.\d{4}s\)\nweb: Build ID/],
    ['push', 'podman', 'push', /Pushing Docker Image: FAIL ❌ {2}\(\d+\.\d{4}s\)\nweb: Build ID/],
    ['release', 'helm', 'upgrade', /Releasing Application: FAIL ❌ {2}\(\d+\.\d{4}s\)\nweb: Build ID/],
  ];
  for (const [stage, program, at, screen] of failures) {
    test(`stops when the ${stage} fails, with the tool's last lines`, async () => {
      const { up, calls, out, err } = scriptUp((call) =>
        call.args[0] === at ? failed('STEP 1', 'Error: it is broken') : builds(call),
      );
      const message = `${program} ${at === 'upgrade' ? 'upgrade' : stage} failed (exit status 1): it is broken`;
      await assert.rejects(runUp(up), { name: 'UserError', message, exitCode: 1 });
      assert.match(out(), screen);
      assert.equal(err(), 'STEP 1\nError: it is broken\n');
      assert.ok(calls.at(-1)?.startsWith(`${program} ${at}`));
    });
  }

  test('hides secrets in what a failed tool said', async () => {
    const { up, err } = scriptUp(() => failed('Error: password hunter22 is wrong'), { secrets: ['hunter22'] });
    await assert.rejects(runUp(up), { message: 'podman build failed (exit status 1): password *** is wrong' });
    assert.equal(err(), 'Error: password *** is wrong\n');
  });

  test('does not take an end without an image for a build', async () => {
    const { up } = scriptUp(() => succeeded());
    await assert.rejects(runUp(up), { name: 'UserError', message: 'podman build ended without an image' });
    nothingLeft();
  });

  test('says that a registry does not answer', async () => {
    const { up } = scriptUp((call) => (call.args[0] === 'push' ? { kind: 'silent', lines: [] } : builds(call)));
    await assert.rejects(runUp(up), { message: /said nothing for too long: the registry reg\.test does not answer/ });
  });

  test('names the cure of a release that a killed helm left pending', async () => {
    const { up } = scriptUp((call) => {
      if (call.args[0] === 'history') return succeeded('[{"status":"pending-install"}]');
      if (call.args[0] !== 'upgrade') return builds(call);
      return failed('Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress');
    });
    await assert.rejects(runUp(up), {
      name: 'UserError',
      hint: /pending-install.*helm uninstall web -n dev --kube-context test/,
    });
  });

  test('tells why the pods of a release do not become ready, and what they said', async () => {
    const pod = {
      kind: 'Pod',
      metadata: { name: 'web-1', namespace: 'dev', uid: 'p', creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { containers: [{ name: 'app' }] },
      status: {
        phase: 'Running',
        containerStatuses: [
          { name: 'app', restartCount: 2, ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } } },
        ],
      },
    };
    const set = {
      metadata: {
        ownerReferences: [{ uid: 'u' }],
        labels: { 'pod-template-hash': 'h' },
        annotations: { 'deployment.kubernetes.io/revision': '1' },
      },
    };
    const deployment = workload(1, `reg.test/web:${TAG}`);
    Object.assign(deployment.metadata.annotations, { 'deployment.kubernetes.io/revision': '1' });
    const kube = {
      ...NO_KUBE,
      list: async (resources: string) =>
        answered(resources === 'pods' ? pod : resources === 'replicasets' ? set : deployment),
      logLines: async () => ['no DATABASE_URL'],
    };
    const { up, err } = scriptUp(
      (call) =>
        call.args[0] === 'upgrade' ? failed('Error: UPGRADE FAILED: context deadline exceeded') : builds(call),
      { kube, environment: environmentWith({ wait: true }) },
    );
    await assert.rejects(runUp(up), { message: /did not become ready within 60 s: container app of pod web-1/ });
    assert.match(err(), /\[app\]: no DATABASE_URL/);
  });

  for (const [stage, at, told] of [
    ['build', 'build', 'stage'],
    ['push', 'push', 'stage'],
    ['release', 'upgrade', 'stage'],
  ] as const) {
    test(`interrupted in its ${told} ${stage} says which, and goes no further`, async () => {
      const scripted = scriptUp((call) => {
        if (call.args[0] === at) scripted.abort.abort('SIGINT');
        return builds(call);
      });
      assert.deepEqual(await runUp(scripted.up), { kind: 'interrupted', stage, pushes: true });
      assert.match(scripted.out(), /: STOPPED {2}\(/);
      assert.ok(scripted.calls.at(-1)?.includes(` ${at} `));
      nothingLeft();
    });
  }

  test('runs a deploy command instead, which gets the build ID', async () => {
    const made: Call[] = [];
    const { up, out } = scriptUp(
      (call) => {
        made.push(call);
        return succeeded();
      },
      { plan: { kind: 'command', app: 'web', command: ['kubectl', 'apply', '-k', '.'] } },
    );
    assert.deepEqual(await runUp(up), { kind: 'done', image: undefined, left: undefined });
    assert.deepEqual(made, [{ program: 'kubectl', args: ['apply', '-k', '.'], env: { DRAFT_BUILD_ID: BUILD_ID } }]);
    assert.equal(seconds(out()), `Draft Up Started: 'web'\nweb: Running kubectl: SUCCESS ⚓  (1.0000s)\n${ENDING}`);
  });

  test('says that there is no such deploy command', async () => {
    const { up } = scriptUp(() => ({ kind: 'not-started', why: undefined }), {
      plan: { kind: 'command', app: 'web', command: ['mak'] },
    });
    await assert.rejects(runUp(up), { name: 'UserError', message: 'mak not found' });
  });

  test('is told to programs as one JSON object a line', async () => {
    const { up, out } = scriptUp(builds, { json: true });
    await runUp(up);
    const told = out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const stage = (name: string) => ({ type: 'stage', app: 'web', stage: name, result: 'succeeded' });
    assert.deepEqual(
      told.map(({ seconds: _, ...rest }) => rest),
      [
        { type: 'up', app: 'web' },
        stage('build'),
        stage('push'),
        stage('release'),
        { type: 'build', app: 'web', buildId: BUILD_ID, image: `reg.test/web:${TAG}` },
      ],
    );
  });

  test('quiet, shows nothing but what fails', async () => {
    const { up, out, err } = scriptUp(builds, { quiet: true });
    await runUp(up);
    assert.equal(out() + err(), '');
  });
});
