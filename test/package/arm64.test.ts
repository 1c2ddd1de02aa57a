// The executable for Linux on arm64, which an emulator runs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { ownPlatform, platformNamed } from '../../scripts/package/platforms.ts';
import { missing } from '../harness/tools.ts';
import { makeReleasePlace } from './release-place.ts';

const skip = ownPlatform()?.name === 'linux-amd64' ? missing('qemu-aarch64') : 'emulated on linux-amd64';

test('the executable for arm64 runs', { skip }, async (t) => {
  const place = await makeReleasePlace([platformNamed('linux-arm64')]);
  t.after(() => place.remove());
  const args = ['-L', '/usr/aarch64-linux-gnu', place.executable, 'version'];
  const { stdout, stderr } = spawnSync('qemu-aarch64', args, { encoding: 'utf8' });
  assert.match(stdout, /^kubectl draft-connect \d/);
  // Here a code cache that was made for another system would be complained of.
  assert.equal(stderr, '');
});
