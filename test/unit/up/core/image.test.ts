import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { imageNames, isLoopback, repositoryOf, requireReleaseName, tagOf } from '../../../../src/up/core/image.ts';

describe('the repository', () => {
  const good: readonly (readonly [registry: string | undefined, repository: string])[] = [
    [undefined, 'web'],
    ['docker.io/me', 'docker.io/me/web'],
    ['localhost:5000/', 'localhost:5000/web'],
    ['[::1]:5000', '[::1]:5000/web'],
    ['eu.gcr.io/my-project/team_a', 'eu.gcr.io/my-project/team_a/web'],
  ];
  for (const [registry, repository] of good) {
    test(`of ${registry} is ${repository}`, () =>
      assert.equal(repositoryOf(registry, 'web', 'draft.toml'), repository));
  }
  for (const registry of ['https://docker.io', 'a b', 'docker.io/Me', 'host:port', '/x', 'x,y', '-x']) {
    test(`cannot be had of ${registry}`, () =>
      assert.throws(() => repositoryOf(registry, 'web', 'draft.toml'), { name: 'UserError', exitCode: 2 }));
  }
});

test('a release has a name that images and helm accept', () => {
  for (const name of ['web', 'example-go', 'a.b', '1']) requireReleaseName(name, 'draft.toml');
  for (const name of ['Web', 'a_b', '-a', 'a-', 'x'.repeat(54)]) {
    assert.throws(() => requireReleaseName(name, 'draft.toml'), { name: 'UserError', exitCode: 2 }, name);
  }
});

const hex = '0123456789abcdef'.repeat(4);
const tags: readonly (readonly [id: string, tag: string | undefined])[] = [
  [`sha256:${hex}`, '0123456789abcdef0123'],
  [`${hex}\n`, '0123456789abcdef0123'],
  ['sha256:abc', undefined],
  ['', undefined],
];
for (const [id, tag] of tags) test(`the tag of image ${id.trim()} is ${tag}`, () => assert.equal(tagOf(id), tag));

test('every tag gets a name, each once, the content’s first', () => {
  assert.deepEqual(imageNames('r/web', 'abc', ['latest', 'abc']), {
    repository: 'r/web',
    tag: 'abc',
    all: ['r/web:abc', 'r/web:latest'],
  });
});

test('loopback registries are told from others', () => {
  for (const name of ['localhost:5000/a', '127.0.0.1:5000/a', '127.1.2.3/a', '[::1]:5000/a', 'localhost/a']) {
    assert.ok(isLoopback(name), name);
  }
  for (const name of ['localhost.example.com/a', '10.0.0.1/a', 'web', '127.example.com/a']) {
    assert.equal(isLoopback(name), false, name);
  }
});
