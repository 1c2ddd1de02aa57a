// Detached connections of a test: a state directory of their own, and none left when it is over.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type FakeScript, withFake } from './fake-kubectl.ts';
import { makeFolder, type RunOptions, runToEnd } from './program.ts';

export type Run = (args: readonly string[], env?: RunOptions['env']) => ReturnType<typeof runToEnd>;

export interface DetachedTest {
  /** $XDG_STATE_HOME. */
  readonly state: string;
  /** Where records and logs are. */
  readonly connections: string;
  readonly env: NonNullable<RunOptions['env']>;
  readonly kubectl: string;
  run: Run;
  /** Command lines of what still runs. */
  leftAfter(ms: number): Promise<readonly string[]>;
  living(): readonly string[];
  appears(word: string): Promise<void>;
  /** Names in the directory of the records. */
  files(): readonly string[];
}

export async function detachedTest(body: (it: DetachedTest) => Promise<void>, script?: FakeScript): Promise<void> {
  const folder = makeFolder();
  const { options, mark } = withFake(script);
  const env = { ...options.env, XDG_STATE_HOME: folder.path, SHELL: '/bin/sh' };
  const connections = join(folder.path, 'draft-connect', 'connections');
  try {
    await body({
      state: folder.path,
      connections,
      env,
      kubectl: options.kubectl ?? '',
      run: (args, more = {}) => runToEnd(args, { ...options, env: { ...env, ...more } }),
      leftAfter: mark.leftAfter,
      living: mark.living,
      appears: mark.appears,
      files: () => (existsSync(connections) ? readdirSync(connections).sort() : []),
    });
  } finally {
    for (const line of mark.living()) {
      try {
        process.kill(Number(line.split(' ')[0]), 'SIGKILL');
      } catch {} // has ended by itself meanwhile
    }
    folder.remove();
  }
}
