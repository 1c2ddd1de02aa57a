import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cannotForward, neverListened } from '../../../../src/session/core/forward-failure.ts';
import type { UserError } from '../../../../src/values/errors.ts';

const SILENT = 'kubectl port-forward ended without listening and said nothing';
const CASES: readonly (readonly [title: string, error: UserError, message: string, hint: string | undefined])[] = [
  [
    'never listens',
    neverListened(5_000, 'web-1', [80, 81]),
    'kubectl port-forward did not start to listen within 5 s',
    'see what it does with: kubectl port-forward pod/web-1 :80 :81',
  ],
  [
    'ends without a word',
    cannotForward('', 'web-1', 80),
    SILENT,
    'see what it does with: kubectl port-forward pod/web-1 :80',
  ],
  ['says why', cannotForward('error: out of sockets', 'web-1', 80), 'out of sockets', undefined],
];
for (const [title, error, message, hint] of CASES) {
  test(`a port-forward that ${title} is told`, () => {
    assert.deepEqual([error.message, error.hint], [message, hint]);
  });
}
