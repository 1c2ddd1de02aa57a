import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explain, type Failure, pendingHint } from '../../../../src/up/core/explain.ts';

const failure = (changes: Partial<Failure>): Failure => ({
  stage: 'build',
  program: 'podman',
  lines: [],
  how: 'exit status 125',
  registry: 'reg.test:5000',
  chart: 'charts/web',
  release: 'web',
  namespace: 'dev',
  context: 'test',
  ...changes,
});

// What the tools really print, by what the hint must name.
const said: readonly (readonly [stage: Failure['stage'], program: string, line: string, hint: RegExp])[] = [
  ['build', 'podman', 'Error: building at STEP "RUN false": while running runtime: exit status 7', /own words/],
  [
    'build',
    'buildah',
    'error building at STEP "COPY x /": checking on sources under "/app": copier: stat: "/x": no such file or directory',
    /\.dockerignore/,
  ],
  [
    'build',
    'podman',
    'Error: creating build container: initializing source docker://nope:1: reading manifest: dial tcp: no such host',
    /base image/,
  ],
  ['build', 'podman', 'Error: tag x::y: invalid reference format', /draft\.toml/],
  [
    'build',
    'docker',
    'ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    /container-builder/,
  ],
  [
    'build',
    'docker',
    'ERROR: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1',
    /own words/,
  ],
  ['build', 'nerdctl', 'level=fatal msg="failed to ping to host unix:///run/buildkit/buildkitd.sock"', /buildkitd/],
  ['build', 'tar', 'tar: This does not look like a tar archive', /build-tar/],
  ['build', 'buildah', 'error running container: cgroups in hybrid mode not supported', /BUILDAH_ISOLATION/],
  [
    'push',
    'podman',
    'Error: trying to reuse blob: pinging container registry: Get "https://reg.test:5000/v2/": http: server gave HTTP response to HTTPS client',
    /registries\.conf/,
  ],
  [
    'push',
    'docker',
    'Get "https://reg.test:5000/v2/": http: server gave HTTP response to HTTPS client',
    /daemon\.json/,
  ],
  ['push', 'nerdctl', 'FATA[0000] http: server gave HTTP response to HTTPS client', /hosts\.toml/],
  ['push', 'podman', 'Error: unauthorized: authentication required', /podman login reg\.test:5000/],
  ['push', 'buildah', 'Error: dial tcp 127.0.0.1:5000: connect: connection refused', /running\?/],
  ['push', 'podman', 'Error: dial tcp: lookup reg.test: no such host', /no host of that name/],
  ['push', 'podman', 'Error: web:1: image not known', /run up again/],
  ['push', 'docker', 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.', /start docker/],
  [
    'release',
    'helm',
    'Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress',
    /helm rollback web -n dev --kube-context test/,
  ],
  ['release', 'helm', 'Error: release: already exists', /same time/],
  ['release', 'helm', 'Error: cannot re-use a name that is still in use', /same time/],
  ['release', 'helm', 'Error: Chart.yaml file is missing', /charts\/web is no chart/],
  ['release', 'helm', 'Error: unable to detect chart at charts/web', /charts\/web is no chart/],
  [
    'release',
    'helm',
    'Error: found in Chart.yaml, but missing in charts/ directory: lib',
    /helm dependency build charts\/web/,
  ],
  [
    'release',
    'helm',
    'Error: resource mapping not found: no matches for kind "Widget" in version "x.io/v1"',
    /Widget of x\.io\/v1/,
  ],
  [
    'release',
    'helm',
    'Error: UPGRADE FAILED: failed pre-install: 1 error occurred',
    /kubectl get jobs,pods -n dev --context test$/,
  ],
  ['release', 'helm', 'Error: UPGRADE FAILED: context deadline exceeded', /--timeout/],
  [
    'release',
    'helm',
    'Error: create: failed to create: namespaces "dev" not found',
    /kubectl create namespace dev --context test$/,
  ],
  [
    'release',
    'helm',
    'Error: Kubernetes cluster unreachable: Get "https://x": dial tcp: connection refused',
    /--context/,
  ],
  ['release', 'helm', 'Error: kubernetes cluster unreachable: the server is gone', /--context/],
  [
    'release',
    'helm',
    'Error: query: failed to query with labels: secrets is forbidden: User "x" cannot list',
    /rights/,
  ],
  ['release', 'helm', 'Error: parse error at (web/templates/d.yaml:3): unclosed action', /helm template/],
  ['release', 'helm', 'Error: release name is invalid: Upper', /name in draft\.toml/],
  ['release', 'helm', 'Error: INSTALLATION FAILED: failed parsing --set data: key "a" has no value', /before a comma/],
  ['release', 'helm', 'Error: UPGRADE FAILED: spec.selector: Invalid value: field is immutable', /selector/],
];
describe('a failure is told in the tool’s own words, with what to do', () => {
  for (const [stage, program, line, hint] of said) {
    test(`${program} ${stage}: ${line.slice(0, 60)}`, () => {
      const told = explain(failure({ stage, program, lines: ['something before', line, ''] }));
      assert.match(told.message, /failed \(exit status 125\): /);
      assert.match(told.hint ?? '', hint);
    });
  }
});

test('the error line counts, wherever it stands, else the last line', () => {
  const of = (lines: readonly string[]) => explain(failure({ stage: 'release', program: 'helm', lines })).message;
  assert.equal(
    of(['Error: UPGRADE FAILED: x', '', 'use --debug']),
    'helm upgrade failed (exit status 125): UPGRADE FAILED: x',
  );
  assert.equal(of(['first', 'last', '']), 'helm upgrade failed (exit status 125): last');
  assert.equal(
    of(['Error: 1 error occurred:', '\t* spec.x: Required value', '']),
    'helm upgrade failed (exit status 125): 1 error occurred: * spec.x: Required value',
  );
  assert.equal(of([]), 'helm upgrade failed (exit status 125)');
});

test('a hint goes by what the tool says itself, not by what it ran', () => {
  const lines = ['open /x: no such file or directory', 'Error: building at STEP "RUN /x": exit status 1'];
  assert.equal(explain(failure({ lines })).hint, "the step's own words are above");
});

test('an error goes on in the lines that are indented below it', () => {
  const lines = ['Error: a.yaml:1:10', '  executing "a.yaml" at <.x>:', '    nil pointer', 'other'];
  assert.match(explain(failure({ lines })).message, /: a\.yaml:1:10 executing "a\.yaml" at <\.x>: nil pointer$/);
});

test('a helm that was killed has left its release pending', () => {
  const { message, hint } = explain(failure({ stage: 'release', program: 'helm', how: 'SIGKILL' }));
  assert.equal(message, 'helm upgrade was killed');
  assert.match(hint ?? '', /helm rollback web -n dev --kube-context test/);
});

test('a command speaks for itself', () => {
  assert.deepEqual(explain(failure({ stage: 'command', program: 'make', how: 'exit status 2', lines: ['Error: x'] })), {
    message: 'make failed (exit status 2)',
    hint: undefined,
  });
});

const WHERE = { namespace: 'dev', context: 'test' };

test('a pending release has the cure that goes with it', () => {
  assert.match(pendingHint('pending-install', 'web', WHERE) ?? '', /helm uninstall web -n dev --kube-context test/);
  assert.match(pendingHint('pending-upgrade', 'web', WHERE) ?? '', /helm rollback web -n dev --kube-context test/);
  assert.equal(pendingHint('deployed', 'web', WHERE), undefined);
  assert.equal(pendingHint(undefined, 'web', WHERE), undefined);
});
