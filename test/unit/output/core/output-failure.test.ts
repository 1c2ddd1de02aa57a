import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outputFailure } from '../../../../src/output/core/output-failure.ts';

const failures: readonly (readonly [code: string, message: string, said: string | undefined])[] = [
  ['EPIPE', 'write EPIPE', undefined],
  ['EIO', 'EIO: i/o error, write', undefined],
  ['ECONNRESET', 'write ECONNRESET', undefined],
  ['EBADF', 'EBADF: bad file descriptor, write', undefined],
  ['ERR_STREAM_DESTROYED', 'Cannot call write after a stream was destroyed', undefined],
  ['ENOSPC', 'ENOSPC: no space left on device, write', 'stdout: no space left on device'],
  ['EFBIG', 'EFBIG: file too large, write', 'stdout: file too large'],
  ['EDQUOT', 'write EDQUOT', 'stdout: write EDQUOT'],
];
for (const [code, message, said] of failures) {
  test(`${message} is ${said === undefined ? 'a reader that has gone' : `told as ${said}`}`, () => {
    assert.equal(outputFailure(Object.assign(new Error(message), { code }))?.message, said);
  });
}
