// What a kubectl that watches the pods says and does besides, and what of it is told.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFolder } from '../harness/program.ts';
import { endConnected, FAKE_KUBECTL, fakeEnv, type Place, startPlace } from './connect-setup.ts';

const cwd = tmpdir();
const KLOG =
  'I1122 11:51:36.975813   13229 round_trippers.go:553] GET https://127.0.0.1/api/v1/pods 200 OK in 5 milliseconds\n';

describe('a watch that says more than it should', { concurrency: 3 }, () => {
  let place: Place;
  before(async () => {
    place = await startPlace(FAKE_KUBECTL);
  });
  after(() => place.stop());

  const noises: readonly (readonly [title: string, stderr: string, exitCode: number])[] = [
    ['what -v=6 adds', KLOG, 0],
    ['what -v=6 adds, when somebody else ends it', KLOG, 1],
    ['a warning about throttling', `W${KLOG.slice(1)}`, 0],
    ['the words of a credential plugin', 'Your login expires in 5 minutes.\n', 0],
    ['the words of a credential plugin, when somebody else ends it', 'Your login expires in 5 minutes.\n', 1],
  ];
  for (const [title, stderr, exitCode] of noises) {
    test(`${title} is no news of the API server, and Ctrl-C is none either`, async () => {
      const folder = makeFolder();
      const calls = join(folder.path, 'calls');
      const rule = { match: '--watch', stderr, exitCode, crashAfterMs: 50 };
      const program = place.run(['example-go-1', '--no-logs'], { cwd, env: fakeEnv({ calls, rules: [rule] }) });
      await program.connected(1);
      while ((readFileSync(calls, 'utf8').match(/--watch/g)?.length ?? 0) < 4) await delay(20);
      await endConnected(program);
      assert.equal(program.stderr(), '');
      folder.remove();
    });
  }

  test("kubectl's own word on why it ended is told", async () => {
    const rule = { match: '--watch', stderr: `${KLOG}error: unexpected EOF\n${KLOG}`, exitCode: 1 };
    const program = place.run(['example-go-1', '--no-logs'], { cwd, env: fakeEnv({ rules: [rule] }) });
    await program.sees('stderr', /^the API server does not answer: unexpected EOF; trying again\n/);
    await endConnected(program);
  });
});

test('with -v=6 neither the end of a watch nor Ctrl-C is news of the API server', async () => {
  const place = await startPlace();
  const { cluster } = place;
  await cluster.addExample();
  const program = place.run(['deploy/example-go', '--no-logs', '-v=6'], { cwd });
  await program.connected(3);
  for (let ended = 0; ended < 2; ended += cluster.endWatches()) await delay(20);
  while (cluster.openStreams('watch') === 0) await delay(20);
  await endConnected(program);
  assert.equal(program.stderr(), '');
  place.stop();
});
