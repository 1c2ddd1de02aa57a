// Runs the tools that a release is made with.

import { type SpawnSyncOptions, spawnSync } from 'node:child_process';

/**
 * Returns what it prints on stdout.
 * @throws with what it said where it fails
 */
export function run(program: string, args: readonly string[], options: SpawnSyncOptions = {}): string {
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, { ...options, encoding: 'utf8' });
  if (status === 0) return stdout;
  const why = error?.message ?? `${signal ?? `exit status ${status}`}\n${stdout}${stderr}`.trim();
  throw new Error(`${[program, ...args].join(' ')}: ${why}`);
}
