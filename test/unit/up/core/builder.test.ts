import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Build, buildCall, pushCall, tagCall, untagCall } from '../../../../src/up/core/builder.ts';

const build = (changes: Partial<Build>): Build => ({
  builder: 'podman',
  image: 'r/web:draft-build',
  dockerfile: '/app/Dockerfile',
  context: '/app',
  iidFile: '/state/iid',
  buildArgs: {},
  argsMark: 'abc',
  ...changes,
});

describe('a build', () => {
  const common = ['--tag=r/web:draft-build', '--iidfile=/state/iid', '--', '/app'];
  const calls: readonly (readonly [title: string, changes: Partial<Build>, args: readonly string[], env: object])[] = [
    ['by podman', {}, ['build', '--layers=true', '--force-rm=true', '--file=/app/Dockerfile', ...common], {}],
    [
      'by docker',
      { builder: 'docker' },
      ['build', '--file=/app/Dockerfile', ...common],
      { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' },
    ],
    ['by nerdctl', { builder: 'nerdctl' }, ['build', '--file=/app/Dockerfile', ...common], {}],
    [
      'with arguments names them and marks the image',
      { builder: 'buildah', buildArgs: { WHO: 'secret', 'x-y': 'z' } },
      [
        'build',
        '--layers=true',
        '--force-rm=true',
        '--file=/app/Dockerfile',
        '--build-arg=WHO',
        '--build-arg=x-y=z',
        '--label=draft.build-args=abc',
        ...common,
      ],
      { WHO: 'secret' },
    ],
  ];
  for (const [title, changes, args, env] of calls) {
    test(title, () => {
      const call = buildCall(build(changes));
      assert.deepEqual(call.args, args);
      assert.deepEqual(call.env, env);
      assert.equal(call.program, changes.builder ?? 'podman');
    });
  }

  test('keeps a secret off the command line, also one that our own environment has', () => {
    const { args, env } = buildCall(build({ buildArgs: { GITHUB_TOKEN: 'ghp_secret' } }));
    assert.ok(!args.some((arg) => arg.includes('ghp_secret')));
    assert.deepEqual(env, { GITHUB_TOKEN: 'ghp_secret' });
  });

  for (const name of ['PATH', 'HOME', 'HTTPS_PROXY', 'http_proxy', 'DOCKER_HOST', 'LD_PRELOAD', 'GOPROXY', 'GIT_DIR']) {
    test(`does not set ${name} for the builder itself`, () => {
      const { args, env } = buildCall(build({ buildArgs: { [name]: 'v' } }));
      assert.ok(args.includes(`--build-arg=${name}=v`));
      assert.deepEqual(env, {});
    });
  }
});

test('a tag is given from name to name', () => {
  assert.deepEqual(tagCall('buildah', 'a', 'b').args, ['tag', '--', 'a', 'b']);
});

test('a name is taken back', () => {
  assert.deepEqual(untagCall('docker', 'a').args, ['rmi', '--', 'a']);
});

const pushes: readonly (readonly [
  builder: 'docker' | 'podman' | 'nerdctl' | 'buildah',
  name: string,
  args: readonly string[],
])[] = [
  ['podman', 'localhost:5000/web:1', ['push', '--tls-verify=false', '--', 'localhost:5000/web:1']],
  ['buildah', 'docker.io/me/web:1', ['push', '--', 'docker.io/me/web:1']],
  ['docker', 'localhost:5000/web:1', ['push', '--', 'localhost:5000/web:1']],
  ['nerdctl', '127.0.0.1:5000/web:1', ['push', '--', '127.0.0.1:5000/web:1']],
];
for (const [builder, name, args] of pushes) {
  test(`${builder} pushes ${name}`, () => assert.deepEqual(pushCall(builder, name).args, args));
}
