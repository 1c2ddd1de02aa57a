// A place kept for the command.
import { UserError } from '../core/errors.ts';

export async function runStop(...args: readonly unknown[]): Promise<number> {
  throw new UserError(`stop is not built yet: ${JSON.stringify(args)}`);
}
