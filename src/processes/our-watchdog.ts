// The watchdog of this process. Its shell is started without execa, which may not be loaded yet.
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { createWatchdog, WITHOUT_MARKERS } from './watchdog.ts';

export const watchdog = createWatchdog((script, ...args) => {
  const shell = spawn('/bin/sh', ['-c', script, ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
    env: { ...process.env, ...WITHOUT_MARKERS },
  });
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  const ended = new Promise<void>((resolve) => {
    shell.once('error', () => resolve());
    shell.once('close', () => resolve());
  });
  return { stdin: shell.stdin, ended };
});
