// Why stdout cannot be written to: its reader has gone, or something is wrong with the file or device behind it.
import { UserError } from '../../values/errors.ts';

const READER_GONE: ReadonlySet<string> = new Set(['EPIPE', 'EIO', 'ECONNRESET', 'EBADF']);

/** Undefined when the reader has gone, which is not an error. */
export function outputFailure(error: unknown): UserError | undefined {
  const { code = '', message = String(error) } = error as { readonly code?: string; readonly message?: string };
  // Node's own codes are for a stream that was closed for one of these reasons before.
  if (READER_GONE.has(code) || code.startsWith('ERR_')) return undefined;
  // `ENOSPC: no space left on device, write`
  return new UserError(`stdout: ${message.replace(/^[A-Z\d]+: /, '').replace(/, \w+$/, '')}`);
}
