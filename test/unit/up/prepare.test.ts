import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Environment } from '../../../src/request/core/manifest.ts';
import { prepare, readTemplates } from '../../../src/up/prepare.ts';
import type { UserError } from '../../../src/values/errors.ts';
import { environmentWith } from './scripted-up.ts';

describe('before a build', () => {
  let root: string;
  const path = process.env['PATH'];
  const write = (name: string, mode = 0o644) => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), '');
    chmodSync(join(root, name), mode);
  };
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'draft-connect-test-'));
    process.env['PATH'] = join(root, 'bin');
    for (const tool of ['podman', 'buildah', 'helm']) write(`bin/${tool}`, 0o755);
    write('bin/docker', 0o644);
    write('app/Dockerfile');
    write('app/charts/web/Chart.yaml');
  });
  afterEach(() => {
    process.env['PATH'] = path;
    rmSync(root, { recursive: true, force: true });
  });
  const plan = (changes: Partial<Environment> = {}, wanted = {}) =>
    prepare(
      environmentWith({ unsupported: [], ...changes }),
      { file: 'draft.toml', path: join(root, 'app') },
      { command: undefined, skipPush: false, ...wanted },
    );

  test('everything is found beside draft.toml, and the first builder on PATH taken', () => {
    assert.deepEqual(plan(), {
      kind: 'image',
      app: 'web',
      builder: 'podman',
      repository: 'reg.test/web',
      dockerfile: join(root, 'app/Dockerfile'),
      context: join(root, 'app'),
      buildTar: undefined,
      chart: join(root, 'app/charts/web'),
      chartShown: 'charts/web',
      push: true,
    });
  });

  test('nothing is needed for a command but a name', () => {
    rmSync(join(root, 'app'), { recursive: true });
    assert.deepEqual(plan({ registry: '-' }, { command: ['make'] }), {
      kind: 'command',
      app: 'web',
      command: ['make'],
    });
  });

  const pushes: readonly (readonly [title: string, Partial<Environment>, object, boolean])[] = [
    ['is pushed to a registry', {}, {}, true],
    ['is not pushed without one', { registry: undefined }, {}, false],
    ['is not pushed when that is not wanted', {}, { skipPush: true }, false],
  ];
  for (const [title, changes, wanted, push] of pushes) {
    test(`an image ${title}`, () => {
      const made = plan(changes, wanted);
      assert.equal(made.kind === 'image' && made.push, push);
    });
  }

  test('templates are read wherever they lie in the chart', () => {
    for (const name of ['templates/a.yaml', 'templates/web/b.yaml', 'charts/db/templates/c.yaml', 'values.yaml']) {
      write(`app/charts/web/${name}`);
    }
    const paths = readTemplates(join(root, 'app/charts/web'), join(root, 'app')).map(({ path }) => path);
    const below = (name: string) => `charts/web/${name}`;
    assert.deepEqual(paths, ['charts/db/templates/c.yaml', 'templates/a.yaml', 'templates/web/b.yaml'].map(below));
  });

  const wrong: readonly (readonly [
    title: string,
    changes: Partial<Environment>,
    without: string[],
    message: RegExp,
    hint: RegExp,
    exit: number,
  ])[] = [
    ['a name', { name: undefined }, [], /has no name/, /name = /, 2],
    ['a name that images accept', { name: 'Web' }, [], /name 'Web' cannot be/, /lower-case/, 2],
    ['a registry without a scheme', { registry: 'https://x' }, [], /registry 'https:\/\/x'/, /before the host/, 2],
    ['a chart', {}, ['app/charts'], /no chart in charts/, /helm create.*up -- COMMAND/, 1],
    ['a Dockerfile', {}, ['app/Dockerfile'], /no Dockerfile in/, /up -- COMMAND/, 1],
    ['the Dockerfile that is named', { dockerfile: 'x' }, [], /dockerfile 'x'/, /^$/, 1],
    ['the build-tar that is named', { buildTar: 'x.tgz' }, [], /build-tar .*no such file/, /^$/, 1],
    ['helm', {}, ['bin/helm'], /helm is not on PATH/, /install helm 3 or 4/, 1],
    ['a builder', {}, ['bin/podman', 'bin/buildah'], /none of docker, podman, nerdctl, buildah/, /install/, 1],
    ['the builder that is named', { containerBuilder: 'nerdctl' }, [], /nerdctl is not on PATH/, /another/, 1],
    ['what today’s tools can do', { unsupported: ['acrbuild is not supported'] }, [], /acrbuild/, /^$/, 2],
  ];
  for (const [title, changes, without, message, hint, exit] of wrong) {
    test(`it must have ${title}`, () => {
      for (const name of without) rmSync(join(root, name), { recursive: true });
      assert.throws(
        () => plan(changes),
        (error: UserError) => message.test(error.message) && hint.test(error.hint ?? '') && error.exitCode === exit,
      );
    });
  }
});
