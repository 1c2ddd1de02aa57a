// Many test files in one process: all run, and one that is broken takes none of the others along.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../harness/program.ts';

const FILES = {
  'first.test.mjs': "import { test } from 'node:test'; test('of the first file', () => {});\n",
  'broken.test.mjs': "import 'nowhere';\n",
  'last.test.mjs': "import { test } from 'node:test'; test('of the last file', () => {});\n",
};

test('a test file that cannot be loaded is a failure, and the tests of the others run', async (t) => {
  const folder = makeFolder(FILES);
  t.after(() => folder.remove());
  // Without NODE_TEST_CONTEXT it reports to us, else to the runner of this test.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const files = Object.keys(FILES).map((name) => join(folder.path, name));
  const args = ['--import', 'tsx', '--test', '--test-reporter=tap', 'scripts/in-one-process.ts'];
  const { told, code } = await new Promise<{ told: string; code: unknown }>((resolve) => {
    execFile(process.execPath, args, { env: { ...env, TEST_FILES: files.join(delimiter) } }, (error, told) =>
      resolve({ told, code: error?.code }),
    );
  });
  assert.deepEqual(told.match(/^(?:not )?ok .*/gm), [
    'not ok 1 - every test file can be loaded',
    'ok 2 - of the first file',
    'ok 3 - of the last file',
  ]);
  assert.match(told, /broken\.test\.mjs: .*Cannot find package 'nowhere'/);
  assert.equal(code, 1);
});
