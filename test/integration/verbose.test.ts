// What kubectl logs with -v.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { describe, test } from 'node:test';
import { availableKubectls } from '../kubectls.ts';
import { endConnected, linesOf, startPlace } from './connect-setup.ts';

describe('with -v 6', () => {
  for (const { version, path } of availableKubectls()) {
    test(`what kubectl ${version} logs is shown on stderr, of each of its calls`, async () => {
      const place = await startPlace(path);
      await place.cluster.addExample();
      const program = place.run(['deploy/example-go', '-v', '6'], { cwd: tmpdir() });
      await program.connected(3);
      for (const url of [
        /deployments\/example-go/,
        /\/pods\?[^\n]*watch=true/,
        /\/pods\/\S+\/portforward/,
        /\/log\?/,
      ]) {
        await program.sees('stderr', new RegExp(`^[IWE]\\d{4} [^\\n]*${url.source}`, 'm'));
      }
      await endConnected(program);
      assert.ok(linesOf(program.stdout()).every((line) => /^(?:Connect to |\[)/.test(line)));
      place.stop();
    });
  }
});
