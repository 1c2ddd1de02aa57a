// A place kept for the command.
import { UserError } from '../core/errors.ts';

export async function runList(...args: readonly unknown[]): Promise<number> {
  throw new UserError(`list is not built yet: ${JSON.stringify(args)}`);
}
