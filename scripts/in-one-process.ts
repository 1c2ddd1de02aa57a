// Runs the test files of $TEST_FILES in one process: where each has its own, starting node and tsx takes three times as
// long as the tests. A file that cannot be loaded fails the first test, and the tests of the others run.
import assert from 'node:assert/strict';
import { delimiter } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const loading = loadAll((process.env['TEST_FILES'] ?? '').split(delimiter));
// Tests run one after another. The first one lasts until all are known: without any, node would take the run for over.
test('every test file can be loaded', async () => assert.deepEqual(await loading, []));
await loading;

/** What went wrong, a text for each file that failed. */
async function loadAll(files: readonly string[]): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const file of files) {
    await import(pathToFileURL(file).href).catch((error: Error) => failures.push(`${file}: ${error.stack ?? error}`));
  }
  return failures;
}
