// Detached sessions of a test: a state directory of their own, and none left when it is over.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type FakeScript, withFake } from './fake-kubectl.ts';
import type { Mark } from './processes.ts';
import { BUNDLE, makeFolder, type RunOptions, runToEnd } from './program.ts';

export type Run = (args: readonly string[], env?: RunOptions['env']) => ReturnType<typeof runToEnd>;

export interface DetachedTest {
  /** $XDG_STATE_HOME. */
  readonly state: string;
  /** Where records and logs are. */
  readonly connections: string;
  readonly env: NonNullable<RunOptions['env']>;
  readonly kubectl: string;
  /** How `run` runs it. */
  readonly options: RunOptions;
  run: Run;
  /** As `run`, with one of its outputs into nothing: a full disk, or a reader that has gone. */
  runUnheard(args: readonly string[], stream: 'stdout' | 'stderr', how: 'full' | 'gone'): Promise<Unheard>;
  readonly mark: Mark;
  /** Names in the directory of the records. */
  files(): readonly string[];
}

export interface Unheard {
  readonly code: number;
  /** The other output. */
  readonly said: string;
}

async function runUnheard(
  args: readonly string[],
  stream: 'stdout' | 'stderr',
  how: 'full' | 'gone',
  env: RunOptions['env'],
): Promise<Unheard> {
  const full = openSync('/dev/full', 'w');
  const output = how === 'full' ? full : 'pipe';
  const child = spawn(process.execPath, [BUNDLE, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', stream === 'stdout' ? output : 'pipe', stream === 'stderr' ? output : 'pipe'],
  });
  closeSync(full);
  child[stream]?.destroy();
  let said = '';
  child[stream === 'stdout' ? 'stderr' : 'stdout']?.on('data', (chunk) => {
    said += String(chunk);
  });
  const [code] = await once(child, 'close');
  return { code, said };
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
      options: { ...options, env },
      run: (args, more = {}) => runToEnd(args, { ...options, env: { ...env, ...more } }),
      runUnheard: (args, stream, how) => runUnheard(args, stream, how, { ...env, KUBECTL_PATH: options.kubectl }),
      mark,
      files: () => (existsSync(connections) ? readdirSync(connections).sort() : []),
    });
  } finally {
    mark.kill();
    folder.remove();
  }
}
