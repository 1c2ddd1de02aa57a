import assert from 'node:assert/strict';
import { test } from 'node:test';
import { container, isServing } from '../../../../src/pods/core/container.ts';

const ROLES: readonly (readonly [
  list: Parameters<typeof container>[0],
  policy: string | undefined,
  role: string,
  serves: boolean,
])[] = [
  ['main', undefined, 'main', true],
  ['main', 'Always', 'main', true],
  ['init', undefined, 'init', false],
  ['init', 'Never', 'init', false],
  ['init', 'Always', 'sidecar', true],
  ['ephemeral', undefined, 'ephemeral', false],
];
for (const [list, restartPolicy, role, serves] of ROLES) {
  test(`among the ${list} containers one with restartPolicy ${restartPolicy} is ${role}`, () => {
    const one = container(list)({ name: 'go', restartPolicy }, '');
    assert.equal(one.role, role);
    assert.equal(isServing({ ...one, status: undefined }), serves);
  });
}
