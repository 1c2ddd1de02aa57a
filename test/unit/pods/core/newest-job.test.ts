import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newestJob } from '../../../../src/pods/core/newest-job.ts';

const job = (name: string, created: string, cronJob?: string, kind = 'CronJob') => ({
  metadata: {
    name,
    creationTimestamp: created,
    ...(cronJob !== undefined && { ownerReferences: [{ kind, name: cronJob }] }),
  },
});
const older = job('older', '2026-01-01T00:00:00Z', 'nightly');
const newer = job('newer', '2026-01-02T00:00:00Z', 'nightly');
const others = [job('by-hand', '2026-01-03T00:00:00Z'), job('other', '2026-01-03T00:00:00Z', 'nightly', 'Workflow')];

const CASES: readonly (readonly [title: string, items: readonly unknown[], expected: unknown])[] = [
  ['the newest of its own', [older, newer, ...others], newer],
  ['in whichever order they are listed', [newer, older], newer],
  ['none of others', others, undefined],
  ['none of no jobs', [], undefined],
];
for (const [title, items, expected] of CASES) {
  test(`a CronJob stands for ${title}`, () => assert.equal(newestJob({ kind: 'List', items }, 'nightly'), expected));
}
