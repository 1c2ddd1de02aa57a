import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unwatchable } from '../../../../src/output/core/events.ts';

test('pods that can be listed only are a warning that says what is done instead', () => {
  assert.deepEqual(unwatchable('forbidden'), {
    kind: 'warning',
    message: 'the pods cannot be watched, so they are listed every few seconds: forbidden',
  });
});
