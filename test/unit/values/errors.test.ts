import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXIT, renderError, UserError, usageError } from '../../../src/values/errors.ts';

const CASES: readonly [title: string, error: UserError, exitCode: number, text: string][] = [
  ['an error without advice', new UserError('it failed'), EXIT.failed, 'Error: it failed\n'],
  [
    'an error with a hint',
    new UserError('it failed', { hint: 'try again' }),
    EXIT.failed,
    'Error: it failed\nHint: try again\n',
  ],
  ['an error with a status of its own', new UserError('it failed', { exitCode: 127 }), 127, 'Error: it failed\n'],
  ['a mistake of the user', usageError('no such flag', 'see --help'), 2, 'Error: no such flag\nHint: see --help\n'],
  ['a mistake without advice', usageError('no such flag'), 2, 'Error: no such flag\n'],
  [
    'text from elsewhere in an error',
    new UserError('a\nb\u001b[31m', { hint: 'c\r\nd' }),
    EXIT.failed,
    'Error: a b [31m\nHint: c d\n',
  ],
];

for (const [title, error, exitCode, text] of CASES) {
  test(`${title} has its exit status and one line for each part`, () => {
    assert.equal(error.exitCode, exitCode);
    assert.equal(renderError(error), text);
  });
}
