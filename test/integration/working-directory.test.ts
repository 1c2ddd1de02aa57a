// What holds when the directory that the program was started in is removed under it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { detachedTest } from '../harness/detached.ts';
import { eventually } from '../harness/eventually.ts';
import { withFake } from '../harness/fake-kubectl.ts';
import { get } from '../harness/http.ts';
import type { Mark } from '../harness/processes.ts';
import { BUNDLE, makeFolder, runProgram, runToEnd } from '../harness/program.ts';
import { LINUX_ONLY } from '../harness/tools.ts';

const TARGET = 'pod/example-go-1';

/** Kills the kubectl behind the tunnel, so that another one has to be started. Until it is reaped its ports may take a request along. */
async function killForward(mark: Mark): Promise<void> {
  const { pid } = await mark.appears('port-forward');
  process.kill(pid, 'SIGKILL');
  await eventually(
    () => !existsSync(`/proc/${pid}`),
    () => `process ${pid} is there`,
  );
}

describe('when the working directory is gone', LINUX_ONLY, () => {
  test('a session goes on', async () => {
    const { options, mark } = withFake();
    const folder = makeFolder();
    const program = runProgram([TARGET, '--hold', '10s'], { ...options, cwd: folder.path });
    const port = (await program.connected(1)).get('go:8080') ?? 0;
    folder.remove();
    await killForward(mark);
    assert.equal((await get(port)).body, 'port 8080\n');
    assert.deepEqual(await program.end(), { code: 0, signal: null });
    assert.equal(program.stderr(), '');
  });

  test('a detached session goes on', () =>
    detachedTest(async (it) => {
      const cwd = join(it.state, 'cwd');
      mkdirSync(cwd);
      const { stdout } = await runToEnd([TARGET, '--detach', '--hold', '10s'], { ...it, cwd });
      rmdirSync(cwd);
      await killForward(it.mark);
      assert.equal((await get(Number(/SERVICE_PORT='(\d+)'/.exec(stdout)?.[1]))).body, 'port 8080\n');
    }));

  test('no command is run elsewhere', () => {
    const { options } = withFake();
    const folder = makeFolder({ 'draft.toml': '[environments.development]\n' });
    const file = join(folder.path, 'draft.toml');
    const program = [process.execPath, BUNDLE, TARGET, '-f', file, '--', 'touch', 'draft-connect-was-here'];
    const end = spawnSync('sh', ['-c', 'mkdir cwd && cd cwd && rmdir ../cwd && exec "$@"', 'sh', ...program], {
      cwd: folder.path,
      env: { ...process.env, ...options.env, KUBECTL_PATH: options.kubectl },
      encoding: 'utf8',
    });
    assert.ok(end.stderr.endsWith("Error: cannot run 'touch': the working directory is gone\n"), end.stderr);
    assert.equal(end.status, 126);
    assert.equal(existsSync('/draft-connect-was-here'), false);
    folder.remove();
  });

  test('what was named relatively is what it was while the directory is there', async () => {
    const { options } = withFake();
    const folder = makeFolder();
    const { kubectl = '' } = options;
    const env = { ...options.env, KUBECTL_PATH: undefined };
    mkdirSync(join(folder.path, 'bin'));
    spawnSync('ln', ['-s', kubectl, join(folder.path, 'bin', 'my-kubectl')]);
    const args = [TARGET, '--kubectl', './bin/my-kubectl', '--', 'pwd'];
    const { stdout, code } = await runToEnd(args, { env, cwd: folder.path });
    assert.deepEqual([stdout, code], [`${folder.path}\n`, 0]);
    folder.remove();
  });
});
