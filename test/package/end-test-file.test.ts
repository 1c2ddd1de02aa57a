// A test file that leaves something open: it ends, and what it reported is all there.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const SOURCE = `
import { createServer } from 'node:net';
import { test } from 'node:test';
for (let number = 1; number <= 2000; number++) test('passes '.repeat(20) + number, () => {});
test('leaves a server open', () => void createServer().listen(0));
test('fails', () => Promise.reject(new Error('on purpose')));
`;

test('a test file that leaves a server open ends, with all its results', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'draft-connect-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'open.test.mjs');
  writeFileSync(file, SOURCE);
  const args = ['--import', 'tsx', '--import', './scripts/end-test-file.ts', '--test', '--test-reporter=tap', file];
  // Else it reports to the runner of this test.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout, stderr, code } = await new Promise<{ stdout: string; stderr: string; code: unknown }>((resolve) => {
    execFile(process.execPath, args, { env, timeout: 60_000, maxBuffer: 1e8 }, (error, out, err) =>
      resolve({ stdout: out, stderr: err, code: error?.code }),
    );
  });
  const told = `${stdout}${stderr}`.match(/^# (?:tests|fail) \d+$|^not ok \d+ - fails$|open: .*TCPServerWrap/gm);
  assert.deepEqual(
    { told: told?.map((line) => line.replace(/: .*/, '')).toSorted(), code },
    { told: ['# fail 1', '# tests 2002', 'not ok 2002 - fails', 'open'], code: 1 },
  );
});
