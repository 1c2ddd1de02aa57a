// A place kept for the command.
import { UserError } from '../core/errors.ts';

export async function runConnect(...args: readonly unknown[]): Promise<number> {
  throw new UserError(`connect is not built yet: ${JSON.stringify(args)}`);
}
