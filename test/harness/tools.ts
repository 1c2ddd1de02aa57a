// What not every machine has: tests that need it are skipped there, and say why.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** For the options of tests that look at processes. */
export const LINUX_ONLY = { skip: process.platform !== 'linux' && 'looks at processes through /proc' };

/** Where a program lies on PATH. */
export function which(program: string): string | undefined {
  const paths = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** For a test's `skip`: why it cannot run here, or false when all these programs are on PATH. */
export function missing(...programs: readonly string[]): string | false {
  const absent = programs.filter((program) => which(program) === undefined);
  return absent.length > 0 && `not installed: ${absent.join(', ')}`;
}
